"""Gives the keys of SIECLE to the fiches of the persons who have them now (R31).

Accounts, notifications, fusions and reports belong to the fiche, whatever its key: they follow the person by staying
where they are.
"""

from collections.abc import Collection

from sqlalchemy import String, cast, literal, update
from sqlalchemy.orm import InstrumentedAttribute

from shared.models.school import Guardian, Student
from shared.siecle.recognising.changes import Changes
from shared.siecle.recognising.reading import lots
from shared.siecle.updating.school_base import Updating


def give_keys(updating: Updating, model: type[Student] | type[Guardian], changes: Changes) -> None:
    """Take the keys from the fiches that lost them, and give those of the file to the persons who have others now.

    First all of them are taken, since two persons may have changed keys with each other.
    """
    _take(updating, model, [one.fiche_id for one in changes.replaced], former_siecle_id=model.siecle_id)
    _take(updating, model, [one.fiche_id for one in changes.followed])
    given = [{"id": one.fiche_id, "siecle_id": one.key, "former_siecle_id": None} for one in changes.followed]
    if given:
        updating.session.execute(update(model), given)


def _take(
    updating: Updating,
    model: type[Student] | type[Guardian],
    fiche_ids: Collection[int],
    **values: InstrumentedAttribute[str],
) -> None:
    no_key = literal("~") + cast(model.id, String)
    for some in lots(fiche_ids):
        taken = update(model).where(model.id.in_(some)).values(siecle_id=no_key, **values)
        updating.session.execute(taken, execution_options={"synchronize_session": False})
