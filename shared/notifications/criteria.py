"""The criteria of a campaign, as queries read them."""

from sqlalchemy import ColumnElement

from shared.models.accounts import AccountKind
from shared.models.notifications import Campaign
from shared.rows.prepared import Number


def of_school(establishment_id: Number, kind: AccountKind) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Whether a campaign is one of this school, about accounts of this kind.

    Both, also where notifications of the school are asked for: PostgreSQL thinks that campaigns of a kind are few, and
    reads those of the whole académie to find them.
    """
    return Campaign.establishment_id == establishment_id, Campaign.criteria["kind"].as_string() == kind.value
