"""The portal as an OpenID provider: what téléservices and the browsers that they send come to (R35)."""

from parent_portal.openid import authorization, ending, given, machines

PROVIDER = (machines.bp, authorization.bp, ending.bp, given.bp)
