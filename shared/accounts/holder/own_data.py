"""Everything held on the holder of an account, to be read and taken away (RGPD, article 15)."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.accounts.login.passkeys import passkeys_of
from shared.accounts.trail import act_of, note
from shared.acting.caller import Caller
from shared.languages import known_language
from shared.models.access.ents import EntConsent, EntService
from shared.models.access.openid import OpenidClient, OpenidConsent, Shared
from shared.models.access.ties import AccountTie
from shared.models.accounts import Account, AccountKind, AccountMerge, AccountSession
from shared.models.journal import Action, ActorKind, JournalEvent
from shared.models.notifications import AccountMail, Notification
from shared.models.school import Division, Establishment, Guardian, Guardianship, Person, Student
from shared.models.teleservices import EntLink, Teleservice
from shared.models.wrong_children import WrongChildReport
from shared.persons.kinships import kinship_in_words

EVENTS = 1000
"""Of the journal, the newest: wrong passwords typed by strangers have no end."""

_PERSON = {
    "nom de famille": "family_name",
    "nom d'usage": "usage_name",
    "prénom": "first_name",
    "adresse e-mail": "email",
    "téléphone du domicile": "home_phone",
    "téléphone portable": "mobile_phone",
    "téléphone professionnel": "work_phone",
    "adresse 1": "address_line1",
    "adresse 2": "address_line2",
    "adresse 3": "address_line3",
    "adresse 4": "address_line4",
    "boîte postale": "po_box",
    "code postal": "postal_code",
    "ville": "city",
    "pays": "country",
}
_OF_GUARDIAN = {"civilité": "civility", "accepte les SMS": "accepts_sms", "code profession": "profession_code"}
_OF_STUDENT = {
    "INE": "ine",
    "date de naissance": "birth_date",
    "sexe": "sex",
    "entrée": "entered_on",
    "sortie": "left_on",
    "établissement précédent (UAI)": "previous_uai",
}
_OF_ACCOUNT = {
    "identifiant": "identifier",
    "état": "state",
    "adresse e-mail": "email",
    "adresse confirmée le": "email_verified_at",
    "langue": "language",
    "créé le": "created_at",
    "notifié le": "notified_at",
    "première connexion le": "first_login_at",
    "activé le": "activated_at",
    "dernière connexion le": "last_login_at",
}

Data = dict[str, Any]


def everything_held(session: Session, account: Account) -> Data:
    """Plain values under French names, ready for JSON; instants in UTC. No password, hash or link is among them."""
    ids = [account.id, *_absorbed(session, account)]
    fiches = _fiches(session, account)
    return {
        "compte": _columns(account, _OF_ACCOUNT) | {"langue": _language(account)},
        "établissements": fiches,
        "rattachements": _ties(session, account),
        "notifications": _notifications(session, ids),
        "courriels du portail": _mails(session, ids),
        "appareils connectés": _browsers(session, account),
        "clés d'accès": _passkeys(session, account),
        "téléservices": _services(session, ids),
        "espaces numériques (ENT)": _ents(session, ids),
        "élèves signalés": _reports(session, account),
        "journal": _events(session, ids),
    }


def _language(account: Account) -> str | None:
    """By the name it has in itself; none while no language was chosen."""
    language = known_language(account.language)
    return language.name if language else account.language


def note_download(caller: Caller, account: Account) -> None:
    """Write that the holder took the data away."""
    note(act_of(caller, account), Action.OWN_DATA_DOWNLOADED, account)


def _absorbed(session: Session, account: Account) -> Sequence[int]:
    standing = select(AccountMerge.absorbed_id).where(
        AccountMerge.kept_id == account.id, AccountMerge.undone_at.is_(None)
    )
    return session.scalars(standing).all()


def _fiches(session: Session, account: Account) -> list[Data]:
    fiche: type[Student] | type[Guardian] = Student if account.kind is AccountKind.STUDENT else Guardian
    rows = select(fiche, Establishment).join(Establishment, Establishment.id == fiche.establishment_id)
    children = {} if fiche is Student else _children(session, account)
    return [
        {
            "établissement": f"{school.name} ({school.uai})",
            **_columns(row, _PERSON | (_OF_STUDENT if fiche is Student else _OF_GUARDIAN)),
            **({"élèves": children.get(row.id, [])} if isinstance(row, Guardian) else {}),
        }
        for row, school in session.execute(rows.where(fiche.account_id == account.id).order_by(fiche.id))
    ]


def _children(session: Session, account: Account) -> dict[int, list[Data]]:
    rows = (
        select(Guardianship, Student, Division.code)
        .join(Guardian, Guardian.id == Guardianship.guardian_id)
        .join(Student, Student.id == Guardianship.student_id)
        .outerjoin(Division, Division.id == Student.division_id)
        .where(Guardian.account_id == account.id, Guardianship.gone_at.is_(None))
    )
    found: dict[int, list[Data]] = {}
    for link, student, division in session.execute(rows.order_by(Guardianship.id)):
        child = {"élève": student.full_name, "division": division, "responsable légal": link.legal_rank}
        found.setdefault(link.guardian_id, []).append(
            child | {"lien de parenté": kinship_in_words(link.kinship_code), "paie les frais": link.pays_fees}
        )
    return found


def _ties(session: Session, account: Account) -> list[Data]:
    names = {"réponse": "state", "confirmé par": "confirmed_by", "depuis": "made_at", "le": "settled_at"}
    rows = select(AccountTie, Establishment.name).join(Establishment, Establishment.id == AccountTie.establishment_id)
    found = session.execute(rows.where(AccountTie.account_id == account.id).order_by(AccountTie.id))
    return [{"établissement": school, **_columns(tie, names)} for tie, school in found]


def _notifications(session: Session, ids: Sequence[int]) -> list[Data]:
    names = {"mode": "channel", "à": "recipient", "état": "delivery", "le": "settled_at"}
    rows = select(Notification).where(Notification.account_id.in_(ids)).order_by(Notification.id)
    return [_columns(row, names) for row in session.scalars(rows)]


def _mails(session: Session, ids: Sequence[int]) -> list[Data]:
    names = {"sujet": "kind", "à": "recipient", "demandé le": "created_at", "état": "delivery"}
    rows = select(AccountMail).where(AccountMail.account_id.in_(ids)).order_by(AccountMail.id)
    return [_columns(row, names) for row in session.scalars(rows)]


def _browsers(session: Session, account: Account) -> list[Data]:
    names = {"depuis": "created_at", "adresse réseau": "address", "navigateur": "browser"}
    rows = select(AccountSession).where(AccountSession.account_id == account.id).order_by(AccountSession.id)
    return [_columns(row, names) for row in session.scalars(rows)]


def _passkeys(session: Session, account: Account) -> list[Data]:
    names = {"nom": "name", "ajoutée le": "created_at", "dernière utilisation le": "last_used_at"}
    return [_columns(passkey, names) for passkey in passkeys_of(session, account)]


def _services(session: Session, ids: Sequence[int]) -> list[Data]:
    """What téléservices are or were given, and of which children."""
    rows = (
        select(OpenidConsent, Teleservice.label)
        .join(OpenidClient, OpenidClient.id == OpenidConsent.openid_client_id)
        .join(Teleservice, Teleservice.id == OpenidClient.teleservice_id)
        .where(OpenidConsent.account_id.in_(ids))
        .order_by(OpenidConsent.id)
    )
    found = session.execute(rows).all()
    children = _names_of(session, [consent for consent, _label in found])
    return [
        {
            "téléservice": label,
            "données": [Shared(value) for value in consent.data],
            **_agreed(consent, children),
        }
        for consent, label in found
    ]


def _ents(session: Session, ids: Sequence[int]) -> list[Data]:
    """What ENTs are or were told: the name of the holder, and of each child the number and the establishment."""
    rows = (
        select(EntConsent, EntLink.label)
        .join(EntService, EntService.id == EntConsent.ent_service_id)
        .join(EntLink, EntLink.id == EntService.ent_link_id)
        .where(EntConsent.account_id.in_(ids))
        .order_by(EntConsent.id)
    )
    found = session.execute(rows).all()
    children = _names_of(session, [consent for consent, _label in found])
    return [{"ENT": label, **_agreed(consent, children)} for consent, label in found]


def _names_of(session: Session, consents: Sequence[OpenidConsent | EntConsent]) -> dict[int, str]:
    named = {number for consent in consents for number in consent.students}
    return {one.id: one.full_name for one in session.scalars(select(Student).where(Student.id.in_(named)))}


def _agreed(consent: OpenidConsent | EntConsent, children: dict[int, str]) -> Data:
    names = {"accepté le": "given_at", "dernière fois": "used_at", "retiré le": "withdrawn_at"}
    told_of = [children[number] for number in consent.students if number in children]
    return {"élèves": told_of, **_columns(consent, names)}


def _reports(session: Session, account: Account) -> list[Data]:
    names = {"signalé le": "reported_at", "vos mots": "words", "réponse": "answer", "message": "answer_words"}
    rows = select(WrongChildReport, Student).join(Student, Student.id == WrongChildReport.student_id)
    rows = rows.join(Guardian, Guardian.id == WrongChildReport.guardian_id).where(Guardian.account_id == account.id)
    return [
        {"élève": student.full_name, **_columns(report, names)}
        for report, student in session.execute(rows.order_by(WrongChildReport.id))
    ]


def _events(session: Session, ids: Sequence[int]) -> list[Data]:
    rows = select(JournalEvent).where(JournalEvent.account_id.in_(ids)).order_by(JournalEvent.id.desc()).limit(EVENTS)
    events = session.scalars(rows).all()
    # One event is written once for each establishment of the account.
    once = {(event.at, event.action, event.actor_kind, event.account_id): event for event in events}
    return [
        {
            "le": _plain(event.at),
            "événement": _action(event.action),
            # Who works in the school is not the holder's data, nor from where.
            "par": event.actor_name if event.actor_kind is ActorKind.ACCOUNT else event.actor_kind,
            "adresse réseau": None if event.actor_kind is ActorKind.STAFF else event.address,
        }
        for event in once.values()
    ]


def _action(written: str) -> str:
    """The action of an event, known from the words that somebody typed by its type; as written if no longer known."""
    try:
        return Action(written)
    except ValueError:
        return written


def _columns(row: Account | Person | Any, names: dict[str, str]) -> Data:  # noqa: ANN401 - a row of any table
    return {title: _plain(getattr(row, name)) for title, name in names.items()}


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value
