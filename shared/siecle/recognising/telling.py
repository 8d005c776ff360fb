"""Tells of keys that changed hands: in the report and the journal, and on « Accueil » until somebody looked (R31)."""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import insert, select

from shared.acting.desk import Act
from shared.journal import Actor
from shared.models.imports.identity import IdentityChange, IdentityChangeKind
from shared.models.journal import Action
from shared.models.school import Guardian, Student
from shared.persons.elsewhere import students_with_one_ine
from shared.siecle.recognising.changes import Changes, Followed, Replaced, full_name
from shared.siecle.recognising.reading import rows
from shared.siecle.updating.school_base import STUDENT, Updating

SAME_INE = "même INE"


def tell_changes(updating: Updating, model: type[Student] | type[Guardian], changes: Changes, actor: Actor) -> None:
    """Say what became of the keys, once the school base has taken in whoever has them now."""
    for replaced in changes.replaced:
        _say_replaced(updating, model, replaced)
    for followed in changes.followed:
        _say_followed(updating, _noun(model), followed)
    if changes.followed:
        details = {"sort": model.__tablename__, "count": len(changes.followed)}
        Act(updating.session, actor, updating.now).record(
            Action.IDENTITY_FOLLOWED, establishment_id=updating.establishment_id, details=details
        )
    _note(updating, model, changes, actor)


def warn_of_ines_elsewhere(updating: Updating) -> None:
    """Warn of students whose INE is that of somebody else in the académie; nothing of that other is said."""
    here = (Student.establishment_id == updating.establishment_id, Student.gone_at.is_(None))
    doubtful = {one.student_id for one in students_with_one_ine(updating.session, *here) if not one.verdict.same}
    named = select(STUDENT.c.siecle_id, STUDENT.c.first_name, STUDENT.c.family_name, STUDENT.c.usage_name)
    for row in rows(updating, named, STUDENT.c.id, doubtful):
        name = f"{row.first_name} {row.usage_name or row.family_name}".strip()
        updating.report.findings.warnings.add(
            f"L'élève {row.siecle_id} ({name}) a l'INE d'un autre élève de l'académie. Ce sont deux élèves, chacun "
            "avec son compte\u00a0: vérifiez l'INE dans SIECLE.",
            "élève dont l'INE est aussi celui d'un autre élève de l'académie",
        )


def _noun(model: type[Student] | type[Guardian]) -> str:
    return "L'élève" if model is Student else "La fiche"


def _say_replaced(updating: Updating, model: type[Student] | type[Guardian], replaced: Replaced) -> None:
    noun, is_now = _noun(model), "c'est maintenant" if model is Student else "elle est maintenant"
    former, present = full_name(replaced.former), full_name(replaced.present)
    account = " et garde son compte" if replaced.account_id else ""
    updating.report.findings.warnings.add(
        f"{noun} {replaced.key} était {former}, {is_now} {present} ({', '.join(replaced.reasons)}). Ce sont deux "
        f"personnes\u00a0: {former} n'est plus dans le fichier{account}, {present} a une fiche à part.",
        "clé de SIECLE donnée à une autre personne",
    )


def _say_followed(updating: Updating, noun: str, followed: Followed) -> None:
    updating.report.findings.warnings.add(
        f"{noun} {followed.key} est {full_name(followed.names)}, jusqu'ici sous le numéro {followed.former_key}\u00a0: "
        "c'est la même personne, sa fiche et son compte la suivent.",
        "personne connue sous un autre numéro de SIECLE",
    )


def _note(updating: Updating, model: type[Student] | type[Guardian], changes: Changes, actor: Actor) -> None:
    """A row for each of the changes that somebody should look at, and an event in the journal."""
    noted = list(_rows(updating, model, changes))
    if not noted:
        return
    updating.session.execute(insert(IdentityChange), noted)
    names = {one.fiche_id: full_name(one.former) for one in changes.replaced}
    names |= {one.fiche_id: full_name(one.names) for one in changes.united}
    for row in noted:
        Act(updating.session, actor, updating.now).record(
            Action.IDENTITY_NOW_ONE if row["kind"] is IdentityChangeKind.NOW_ONE else Action.IDENTITY_NOW_ANOTHER,
            establishment_id=updating.establishment_id,
            account_id=row["account_id"],
            subject=names[row[f"former_{model.__tablename__}_id"]],
            details={"key": row["siecle_id"], "reasons": row["reasons"]},
        )


def _rows(updating: Updating, model: type[Student] | type[Guardian], changes: Changes) -> Iterator[dict[str, Any]]:
    found = [
        (IdentityChangeKind.NOW_ANOTHER, one.key, one.key, one.fiche_id, one.account_id, one.reasons)
        for one in changes.replaced
    ] + [
        (IdentityChangeKind.NOW_ONE, one.key, one.kept_key, one.fiche_id, one.account_id, (SAME_INE,))
        for one in changes.united
    ]
    present = _fiches_with(updating, model, {of_whom for _, _, of_whom, *_ in found})
    sort = model.__tablename__
    for kind, key, of_whom, former_id, account_id, reasons in found:
        yield {
            "establishment_id": updating.establishment_id,
            "kind": kind,
            "siecle_id": key,
            f"former_{sort}_id": former_id,
            f"present_{sort}_id": present[of_whom],
            "account_id": account_id,
            "reasons": list(reasons),
            "found_at": updating.now,
        }


def _fiches_with(updating: Updating, model: type[Student] | type[Guardian], keys: set[str]) -> Mapping[str, int]:
    fiche = model.__table__
    query = select(fiche.c.siecle_id, fiche.c.id).where(fiche.c.establishment_id == updating.establishment_id)
    return {row.siecle_id: row.id for row in rows(updating, query, fiche.c.siecle_id, keys)}
