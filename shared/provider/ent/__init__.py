"""The portal as a SAML identity provider: ENTs know families by it, as ATEN told them before (R35)."""
