"""The portal as an OpenID provider: téléservices know families by it, as far as each family agreed (R35)."""
