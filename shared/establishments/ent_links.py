"""The ENTs that establishments choose from: a list kept by the académie (R21)."""

from collections.abc import Mapping, Sequence

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from shared.acting.desk import Act
from shared.establishments.settings import SettingProblem, SettingRefused, checked_link
from shared.models.journal import Action
from shared.models.teleservices import EntLink, EstablishmentSettings
from shared.rows.editing import save_if_unchanged


def ent_links(session: Session) -> Sequence[EntLink]:
    """Every link, those that can be chosen first, by label."""
    return session.scalars(select(EntLink).order_by(EntLink.retired_at.is_not(None), EntLink.label, EntLink.id)).all()


def schools_by_ent_link(session: Session) -> Mapping[int, int]:
    """How many establishments show each link; those that nobody shows are not there."""
    shown = EstablishmentSettings.ent_link_id
    rows = session.execute(select(shown, func.count()).where(shown.is_not(None)).group_by(shown))
    return {link_id: schools for link_id, schools in rows if link_id is not None}


def add_ent_link(act: Act, label: str, address: str) -> EntLink:
    """Add a link that establishments can choose.

    Raises:
        SettingRefused: no label, one that another link has, or no address of the web.
    """
    label, url = _checked(act.session, label, address)
    link = EntLink(label=label, url=url)
    act.session.add(link)
    try:
        act.session.flush()
    except IntegrityError:
        raise SettingRefused(SettingProblem.LABEL_TAKEN) from None
    act.record(Action.ENT_LINK_ADDED, subject=link.label, details={"url": link.url})
    return link


def change_ent_link(act: Act, link: EntLink, label: str, address: str, version: int) -> None:
    """Correct a link, in every establishment that shows it at once.

    Raises:
        SettingRefused: no label, one that another link has, or no address of the web.
        ChangedMeanwhile: somebody else changed it since `version` was read.
    """
    label, url = _checked(act.session, label, address, link)
    if url != link.url:
        # What was tried is another address now.
        act.session.execute(
            update(EstablishmentSettings)
            .where(EstablishmentSettings.ent_link_id == link.id)
            .values(ent_tried_at=None, ent_leads_here=False)
        )
    try:
        save_if_unchanged(act.session, link, version, {"label": label, "url": url})
    except IntegrityError:
        raise SettingRefused(SettingProblem.LABEL_TAKEN) from None
    act.record(Action.ENT_LINK_CHANGED, subject=label, details={"url": url})


def retire_ent_link(act: Act, link: EntLink) -> None:
    """Take a link off the list; the establishments that show it keep it until they choose another one."""
    if link.retired_at is None:
        link.retired_at = act.now
        link.version += 1
        act.record(Action.ENT_LINK_RETIRED, subject=link.label)


def restore_ent_link(act: Act, link: EntLink) -> None:
    """Put a retired link back on the list."""
    if link.retired_at is not None:
        link.retired_at = None
        link.version += 1
        act.record(Action.ENT_LINK_RESTORED, subject=link.label)


def _checked(session: Session, label: str, address: str, link: EntLink | None = None) -> tuple[str, str]:
    label, url = checked_link(label, address)
    same_label = session.scalar(select(EntLink.id).where(EntLink.label == label))
    if same_label is not None and (link is None or same_label != link.id):
        raise SettingRefused(SettingProblem.LABEL_TAKEN)
    return label, url
