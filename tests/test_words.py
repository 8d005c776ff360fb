"""No enumeration without words: what the code names is either said in words wherever it is shown, or never shown."""

import enum
import importlib
import pkgutil

import pytest

import admin_app
import parent_portal
import shared
from admin_app.templating import ACCESSIBILITY
from admin_app.ui.journal.details import VALUES
from admin_app.ui.journal.events import EVENTS
from admin_app.ui.labels import WORDS
from admin_app.ui.sign_on import PROVIDER_KINDS
from admin_app.ui.sign_on import REFUSALS as OF_SIGN_ON
from admin_app.views.search import WHERE
from parent_portal.ui.accessibility import FOOTER_WORDS, STATE_WORDS
from parent_portal.ui.held_words import WORDS as WORDS_OF_HOLDERS
from shared.accounts.directory.typed import Where
from shared.duplicates.standing.protection import REASONS as PROTECTIONS
from shared.duplicates.standing.protection import Protection
from shared.models.academy import FactorRequired
from shared.models.access.identity_providers import ProviderKind
from shared.models.accounts import AccountKind
from shared.models.duplicates import AlertRecipient
from shared.models.journal import Action
from shared.models.reasons import Reason
from shared.models.sending.refusals import Cause
from shared.notifications.words import REASONS
from shared.settings.legal import Conformity
from shared.sign_on.refusals import Refusal

OF_EVENTS = (AccountKind, AlertRecipient, FactorRequired)
TABLES = [
    *WORDS.items(),
    *((kind, words) for kind, words in WORDS_OF_HOLDERS.items() if issubclass(kind, enum.Enum)),
    (Action, EVENTS),
    (Reason, REASONS),
    (Protection, PROTECTIONS),
    (ProviderKind, PROVIDER_KINDS),
    (Refusal, OF_SIGN_ON),
    (Where, WHERE),
    *((Conformity, words) for words in (ACCESSIBILITY, FOOTER_WORDS, STATE_WORDS)),
    *((kind, {value: VALUES[value] for value in kind if value in VALUES}) for kind in OF_EVENTS),
]
ELSEWHERE = {
    "Action": "a part of an account's events only, those of its holder: test_journal_words.py",
    "Cause": "a sentence of templates/admin/parts.html for each",
    "Kinship": "kinship_in_words",
    "Level": "its values are what staff read: « 6e », « Terminale »",
    "ReferralProgress": "a sentence of templates/admin/duplicate_referrals.html for each",
}
NEVER_SHOWN = {
    "SmsState": "of one attempt to hand an SMS over: staff read the state of its notification",
    "CopyState": "of one letter with the printing service: staff read the state of its notification",
    "AccountFate": "what a fusion did with an account, read to undo it",
    "Audience": "to families: it says which services they are shown",
    "Change": "of a line of a text: a mark beside it",
    "Correction": "which field of a fiche is to be corrected: a column of the list",
    "ErasureReason": "a sentence of a mail, of the card of an account and of the command for each",
    "FileKind": "of an export file: its label is a field of the file",
    "Format": "of a download: the button has its words",
    "IdentityChangeKind": "the page of each kind is its own",
    "Link": "what a form holds",
    "LinkPurpose": "what a link does",
    "Power": "what a rule asks",
    "Presence": "a choice whose words are in the page",
    "Queue": "to operators: the name of a metric",
    "Role": "of a person: to rules only",
    "StaffMailKind": "the name of a template",
    "Step": "of the routine: its title is in the page of « Accueil »",
    "Text": "the name of a template",
    "Trap": "of an invented school",
    "Unsettled": "a sentence of templates/admin/home.html for each",
    "Trouble": "why an attribute of a directory gives nothing: to the log only (docs/sso.md)",
}


def enumerations() -> list[type[enum.StrEnum]]:
    found: dict[str, type[enum.StrEnum]] = {}
    for package in (shared, admin_app, parent_portal):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if ".migrations" in module.name or module.name.endswith("__main__"):
                continue
            for kind in vars(importlib.import_module(module.name)).values():
                if isinstance(kind, type) and issubclass(kind, enum.StrEnum) and kind is not enum.StrEnum:
                    found[f"{kind.__module__}.{kind.__name__}"] = kind
    return list(found.values())


def are_sentences(kind: type[enum.StrEnum]) -> bool:
    """Whether its values are what is shown: in each language too, by `test_catalogues.py`, where families read it."""
    return all(" " in value for value in kind)


@pytest.mark.parametrize(("kind", "words"), TABLES, ids=lambda one: getattr(one, "__name__", ""))
def test_each_value_has_words(kind: type[enum.StrEnum], words: dict[enum.StrEnum, str]) -> None:
    expected = {value for value in kind if kind is not Action or value in words}
    assert set(words) == expected
    assert all(text.strip() for text in words.values())


def test_no_enumeration_is_without_words_unless_it_is_never_shown() -> None:
    told = {kind.__name__ for kind, _ in TABLES} | set(ELSEWHERE) | set(NEVER_SHOWN)
    without = {kind.__name__ for kind in enumerations() if not are_sentences(kind)} - told
    assert without == set()


def test_what_is_said_never_to_be_shown_exists() -> None:
    assert (set(ELSEWHERE) | set(NEVER_SHOWN)) - {kind.__name__ for kind in enumerations()} == set()


def test_the_page_has_a_sentence_for_each_cause_of_a_refusal() -> None:
    page = (importlib.import_module("shared.config").TEMPLATES / "admin" / "parts.html").read_text("utf-8")
    assert [cause for cause in Cause if cause is not Cause.OTHER and f'"{cause}"' not in page] == []
