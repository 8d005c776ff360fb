"""SAML 2.0, as a service provider: loaded by whoever comes that way, since what reads it is heavy."""
