"""The criteria of a campaign, as queries read them."""

from sqlalchemy import ColumnElement

from shared.models.accounts import AccountKind
from shared.models.notifications import Campaign


def of_kind(kind: AccountKind) -> ColumnElement[bool]:
    """Whether a campaign is about accounts of this kind."""
    return Campaign.criteria["kind"].as_string() == kind.value
