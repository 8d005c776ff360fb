"""Useful links of an establishment (R24)."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.acting.desk import Desk
from shared.establishments.settings import checked_link
from shared.models.journal import Action
from shared.models.teleservices import UsefulLink
from shared.rows.ownership import RowsOfSchools


class LinkNotFound(Exception):
    """The establishment has no such link."""


_LINKS = RowsOfSchools(UsefulLink, LinkNotFound)


def links_of(session: Session, establishment_id: int) -> Sequence[UsefulLink]:
    """The links of an establishment, in the order in which families see them."""
    of_school = select(UsefulLink).where(UsefulLink.establishment_id == establishment_id)
    return session.scalars(of_school.order_by(UsefulLink.position, UsefulLink.id)).all()


def find_link(session: Session, establishment_id: int, link_id: int) -> UsefulLink:
    """One link of this establishment.

    Raises:
        LinkNotFound: there is none, or it is another establishment's.
    """
    return _LINKS.find(session, establishment_id, link_id)


def add_link(desk: Desk, label: str, address: str) -> UsefulLink:
    """Add a link after the others.

    Raises:
        SettingRefused: no label, or no address of the web.
    """
    label, url = checked_link(label, address)
    last = select(func.max(UsefulLink.position)).where(UsefulLink.establishment_id == desk.establishment_id)
    position = (desk.session.scalar(last) or 0) + 1
    link = UsefulLink(establishment_id=desk.establishment_id, label=label, url=url, position=position)
    desk.session.add(link)
    desk.note(Action.LINK_ADDED, subject=label)
    return link


def change_link(desk: Desk, link_id: int, label: str, address: str) -> UsefulLink:
    """Replace label and address of a link.

    Raises:
        LinkNotFound: there is none, or it is another establishment's.
        SettingRefused: no label, or no address of the web.
    """
    link = find_link(desk.session, desk.establishment_id, link_id)
    link.label, link.url = checked_link(label, address)
    desk.note(
        Action.LINK_CHANGED,
        subject=link.label,
    )
    return link


def delete_link(desk: Desk, link_id: int) -> UsefulLink:
    """Remove a link; what is returned still tells its label and address, to put it back.

    Raises:
        LinkNotFound: there is none, or it is another establishment's.
    """
    link = find_link(desk.session, desk.establishment_id, link_id)
    desk.session.delete(link)
    desk.note(
        Action.LINK_DELETED,
        subject=link.label,
        details={"url": link.url},
    )
    return link


def restore_link(desk: Desk, label: str, address: str, position: int) -> UsefulLink:
    """Put a link that was deleted back where it was among those that remain.

    Raises:
        SettingRefused: no label, or no address of the web.
    """
    label, url = checked_link(label, address)
    for other in links_of(desk.session, desk.establishment_id):
        if other.position >= position:
            other.position += 1
    link = UsefulLink(establishment_id=desk.establishment_id, label=label, url=url, position=position)
    desk.session.add(link)
    desk.note(
        Action.LINK_RESTORED,
        subject=label,
        details={"url": url},
    )
    return link


def move_link(desk: Desk, link_id: int, *, up: bool) -> None:
    """Exchange a link with the one before or after; nothing happens at either end.

    Raises:
        LinkNotFound: there is none, or it is another establishment's.
    """
    find_link(desk.session, desk.establishment_id, link_id)
    links = list(links_of(desk.session, desk.establishment_id))
    place = next(index for index, link in enumerate(links) if link.id == link_id)
    other = place - 1 if up else place + 1
    if not 0 <= other < len(links):
        return
    links[place], links[other] = links[other], links[place]
    for position, link in enumerate(links, start=1):
        link.position = position
    desk.note(
        Action.LINKS_ORDERED,
        subject=links[other].label,
    )
