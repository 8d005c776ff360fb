"""Settles, among the records just read, what concerns several of them: keys read twice, legal ranks, lonely persons."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Table, delete, exists, func, select, update

from shared.french import agreed
from shared.models.school import FileKind
from shared.siecle.files.export_files import Export
from shared.siecle.reading.legal_ranks import CONTACT, legal_rank
from shared.siecle.reading.tables import (
    DIVISIONS,
    GUARDIAN_ADDRESSES,
    GUARDIANS,
    LINKS,
    PLACEMENTS,
    STUDENT_ADDRESSES,
    STUDENTS,
)
from shared.siecle.report import SENTENCES_KEPT, Findings


@dataclass(frozen=True)
class _ReadOnce:
    """A table in which keys must be read once: which record stays, and what is said of the others."""

    table: Table
    keys: tuple[str, ...]
    order: tuple[ColumnElement[object], ...]
    noun: str
    said: str
    is_error: bool = False


_FIRST = "déjà lu à la ligne {kept}\u00a0: cette fiche-ci n'a pas été reprise."
_RULES: dict[FileKind, tuple[_ReadOnce, ...]] = {
    FileKind.STUDENTS: (
        _ReadOnce(STUDENTS, ("siecle_id",), (STUDENTS.c.position,), "élève", _FIRST, is_error=True),
        _ReadOnce(
            PLACEMENTS,
            ("siecle_id",),
            (PLACEMENTS.c.position.desc(),),
            "division de l'élève",
            "une autre division est donnée à la ligne {kept}\u00a0: la dernière a été retenue.",
        ),
        _ReadOnce(STUDENT_ADDRESSES, ("address_id",), (STUDENT_ADDRESSES.c.position,), "adresse", _FIRST),
    ),
    FileKind.GUARDIANS: (
        _ReadOnce(GUARDIANS, ("siecle_id",), (GUARDIANS.c.position,), "responsable", _FIRST, is_error=True),
        _ReadOnce(
            LINKS,
            ("student_siecle_id", "guardian_siecle_id"),
            (func.coalesce(LINKS.c.level, LINKS.c.legal_rank, CONTACT), LINKS.c.position),
            "lien élève et responsable",
            "ce lien est donné aussi à la ligne {kept}\u00a0: le plus fort a été retenu.",
        ),
        _ReadOnce(GUARDIAN_ADDRESSES, ("address_id",), (GUARDIAN_ADDRESSES.c.position,), "adresse", _FIRST),
    ),
    FileKind.STRUCTURES: (_ReadOnce(DIVISIONS, ("code",), (DIVISIONS.c.position,), "division", _FIRST),),
}


def settle(connection: Connection, exports: Mapping[FileKind, Export], findings: Findings) -> None:
    """Leave one record for each key, work out the legal ranks, and tell what is odd about the whole."""
    for kind, export in exports.items():
        for rule in _RULES.get(kind, ()):
            _leave_one_of_each(connection, rule, export, findings)
    if FileKind.STUDENTS in exports:
        _warn_about_addresses(connection, exports[FileKind.STUDENTS], STUDENTS, STUDENT_ADDRESSES, findings)
    if FileKind.GUARDIANS in exports:
        _warn_about_addresses(connection, exports[FileKind.GUARDIANS], GUARDIANS, GUARDIAN_ADDRESSES, findings)
        work_out_legal_ranks(connection)
        _count_persons_without_link(connection, findings)


def holds_rows(connection: Connection, table: Table) -> bool:
    """Whether anything was read into `table`."""
    return bool(connection.scalar(select(exists(select(table)))))


def _leave_one_of_each(connection: Connection, rule: _ReadOnce, export: Export, findings: Findings) -> None:
    keys = [rule.table.c[key] for key in rule.keys]
    different = select(func.count()).select_from(select(*keys).distinct().subquery()).scalar_subquery()
    total = connection.scalar(select(func.count() - different).select_from(rule.table)) or 0
    if not total:
        return
    ranked = select(
        rule.table.c.position,
        rule.table.c.line,
        *keys,
        func.row_number().over(partition_by=keys, order_by=rule.order).label("place"),
        func.first_value(rule.table.c.line).over(partition_by=keys, order_by=rule.order).label("kept"),
    ).subquery()
    superfluous = select(ranked).where(ranked.c.place > 1).order_by(ranked.c.position)
    sentences = findings.errors if rule.is_error else findings.warnings
    kind = f"{rule.noun}\u00a0: {rule.said.format(kept='…')}"
    for row in connection.execute(superfluous.limit(SENTENCES_KEPT)).mappings():
        subject = " ".join((rule.noun, *(row[key] for key in rule.keys)))
        said = rule.said.format(kept=row["kept"])
        sentences.add(f"{export.label}, ligne {row['line']}, {subject}\u00a0: {said}", kind)
    sentences.add_unwritten(kind, total - SENTENCES_KEPT)
    doomed = select(ranked.c.position).where(ranked.c.place > 1)
    connection.execute(delete(rule.table).where(rule.table.c.position.in_(doomed)))


def _warn_about_addresses(
    connection: Connection, export: Export, persons: Table, addresses: Table, findings: Findings
) -> None:
    if not holds_rows(connection, addresses):
        findings.warnings.add(
            f"{export.label} ne contient pas d'adresses\u00a0: celles déjà connues sont gardées, et aucun courrier "
            "n'est possible pour les autres. Préférez l'export «\u00a0avec adresses\u00a0»."
        )
        return
    joined = persons.outerjoin(addresses, addresses.c.address_id == persons.c.address_id)
    lost = (persons.c.address_id.is_not(None), addresses.c.address_id.is_(None))
    homeless = connection.scalar(select(func.count()).select_from(joined).where(*lost)) or 0
    if homeless:
        findings.warnings.add(
            f"{export.label}\u00a0: l'adresse de {homeless} {agreed(homeless, 'personne')} n'est pas dans le fichier, "
            f"aucun courrier n'est possible pour {agreed(homeless, 'elle')}."
        )


def work_out_legal_ranks(connection: Connection) -> None:
    """Give each link of the 2019 dialect its legal rank, seen among all those of its student."""
    ranked = select(LINKS.c.position, legal_rank(LINKS).label("legal_rank")).subquery()
    connection.execute(
        update(LINKS)
        .where(LINKS.c.position == ranked.c.position, LINKS.c.level.is_not(None))
        .values(legal_rank=ranked.c.legal_rank)
    )


def _count_persons_without_link(connection: Connection, findings: Findings) -> None:
    # EXCEPT, since NOT IN and NOT EXISTS are each very slow on one of the two databases.
    without_link = select(GUARDIANS.c.siecle_id).except_(select(LINKS.c.guardian_siecle_id)).subquery()
    lonely = connection.scalar(select(func.count()).select_from(without_link)) or 0
    if lonely:
        findings.warnings.add(
            f"{lonely} {agreed(lonely, 'personne')} sans lien avec un élève\u00a0: "
            f"{agreed(lonely, 'sa fiche est gardée', 'leurs fiches sont gardées')}."
        )
