"""Works out Légal 1 and Légal 2 from the links of the 2019 dialect, which no longer writes them."""

from sqlalchemy import ColumnElement, FromClause, Integer, case, false, func, literal

LEGAL_REPRESENTATIVE = 1
PERSON_IN_CHARGE = 2
CONTACT = 3
"""The levels of NIVEAU_RESPONSABILITE."""


def legal_rank(link: FromClause) -> ColumnElement[int | None]:
    """The legal rank of each row of `link`, seen among all the links of its student.

    Légal 1 is the legal representative who pays the school fees, else the one to contact first, else the first in
    the file; every further legal representative is Légal 2. A link of the 2017 dialect keeps the rank it came with.
    """
    place = func.row_number().over(
        partition_by=[link.c.student_siecle_id, link.c.level],
        order_by=[
            func.coalesce(link.c.pays_fees, false()).desc(),
            func.coalesce(link.c.contact_first, false()).desc(),
            link.c.position,
        ],
    )
    return case(
        (link.c.level.is_(None), link.c.legal_rank),
        (link.c.level != LEGAL_REPRESENTATIVE, literal(None, Integer)),
        (place == 1, 1),
        else_=2,
    )
