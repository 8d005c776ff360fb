"""The portal as the identity provider of ENTs: what they and the browsers that they send come to (R35)."""

from parent_portal.ent import ending, entering, given

ENT = (entering.bp, ending.bp, given.bp)
