"""What staff do to one account, each asked for twice: which, in which states, and in which words (R19)."""

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from admin_app.desk import desk
from admin_app.installation import installation
from shared.accounts.directory.listing import Entry
from shared.accounts.directory.renewal import (
    correct_email_of_holder,
    disable,
    enable,
    renew_identifier,
    renew_password,
    resend_activation_to_holder,
)
from shared.accounts.state_policy import Step, may
from shared.accounts.ties.powers import Power
from shared.models.accounts import Account

FORGET = "oublier"
"""The tick by which the address of the account goes with its password."""
Typed = Mapping[str, str]


class Then(enum.Enum):
    """What follows the change."""

    NOTIFY = enum.auto()
    """A mail or a letter tells the account: staff choose which."""
    MAIL = enum.auto()
    """A mail of the portal leaves by itself."""
    NOTHING = enum.auto()


@dataclass(frozen=True)
class Action:
    """One button of the card."""

    code: str
    label: str
    explanation: str
    step: Step
    """What happens to the account: offered in the states in which it may."""
    then: Then
    apply: Callable[[Entry, Typed], object]
    done: str
    power: Power
    asks_email: bool = False
    may_forget_email: bool = False
    is_grave: bool = False


def _notify_only(_entry: Entry, _typed: Typed) -> None:
    """The account stays as it is; the notification alone tells it."""


def _renew_identifier(entry: Entry, _typed: Typed) -> None:
    renew_identifier(desk(), entry.account, entry.fiche, installation().sealer)


def _renew_password(entry: Entry, typed: Typed) -> None:
    renew_password(desk(), entry.account, entry.fiche, installation().sealer, forgets_email=bool(typed.get(FORGET)))


def _resend_activation(entry: Entry, _typed: Typed) -> None:
    resend_activation_to_holder(desk(), entry.account, entry.fiche)


def _correct_email(entry: Entry, typed: Typed) -> None:
    correct_email_of_holder(desk(), entry.account, entry.fiche, typed.get("email", ""))


def _disable(entry: Entry, _typed: Typed) -> None:
    disable(desk(), entry.account, entry.fiche)


def _enable(entry: Entry, _typed: Typed) -> None:
    enable(desk(), entry.account, entry.fiche)


ACTIONS = (
    Action(
        "notifier",
        "Notifier",
        "Un courriel ou un courrier part. L'identifiant et le mot de passe restent les mêmes.",
        Step.NOTIFY,
        Then.NOTIFY,
        _notify_only,
        "La notification est lancée.",
        Power.NOTIFY,
    ),
    Action(
        "nouveau-mot-de-passe",
        "Nouveau mot de passe",
        "L'identifiant reste le même. Un nouveau mot de passe provisoire est notifié ; le mot de passe actuel n'ouvre "
        "plus rien, et la personne est déconnectée de tous ses appareils. Elle choisira un mot de passe à la "
        "prochaine connexion.",
        Step.RENEW_PASSWORD,
        Then.NOTIFY,
        _renew_password,
        "Le mot de passe est remplacé, et la notification est lancée.",
        Power.RENEW_PASSWORD,
        may_forget_email=True,
        is_grave=True,
    ),
    Action(
        "nouvel-identifiant",
        "Nouvel identifiant et nouveau mot de passe",
        "Le compte repart de zéro : un nouvel identifiant et un nouveau mot de passe provisoire sont notifiés. "
        "L'ancien identifiant n'ouvre plus rien et ne servira plus jamais ; l'adresse e-mail donnée par la personne "
        "est oubliée, elle devra activer le compte de nouveau.",
        Step.RENEW_IDENTIFIER,
        Then.NOTIFY,
        _renew_identifier,
        "L'identifiant et le mot de passe sont remplacés, et la notification est lancée.",
        Power.RENEW_IDENTIFIER,
        is_grave=True,
    ),
    Action(
        "renvoyer-activation",
        "Renvoyer le courriel d'activation",
        "Un nouveau courriel d'activation part à l'adresse donnée à la première connexion. Le lien du précédent "
        "n'ouvre plus rien.",
        Step.RESEND_ACTIVATION,
        Then.MAIL,
        _resend_activation,
        "Un nouveau courriel d'activation part.",
        Power.RESEND_ACTIVATION,
    ),
    Action(
        "corriger-adresse",
        "Corriger l'adresse e-mail",
        "À la demande de la personne, si elle s'est trompée à la première connexion. Un nouveau courriel "
        "d'activation part à l'adresse corrigée.",
        Step.CORRECT_EMAIL,
        Then.MAIL,
        _correct_email,
        "L'adresse est corrigée, et un nouveau courriel d'activation part.",
        Power.CORRECT_EMAIL,
        asks_email=True,
    ),
    Action(
        "desactiver",
        "Désactiver",
        "La personne est déconnectée et ne peut plus se connecter, jusqu'à ce que vous réactiviez le compte.",
        Step.DISABLE,
        Then.NOTHING,
        _disable,
        "Le compte est désactivé.",
        Power.DISABLE,
        is_grave=True,
    ),
    Action(
        "reactiver",
        "Réactiver",
        "La personne peut se connecter de nouveau, comme avant.",
        Step.ENABLE,
        Then.NOTHING,
        _enable,
        "Le compte est réactivé.",
        Power.ENABLE,
    ),
)
BY_CODE = {action.code: action for action in ACTIONS}


def actions_for(account: Account) -> list[Action]:
    """What can be done to an account in its present state."""
    return [action for action in ACTIONS if may(account, action.step)]
