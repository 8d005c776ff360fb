"""What can be done to the login or the role of somebody else: each asks first, and says what it will change."""

from collections.abc import Callable
from dataclasses import dataclass

from shared.acting.desk import Act
from shared.models.staff import StaffRole
from shared.staff.delegation import end_delegation
from shared.staff.handover import Drawn, draw_password
from shared.staff.lost_access import (
    close_login,
    hand_over_password,
    open_login,
    remove_role,
    take_factor_away,
)


@dataclass(frozen=True)
class StaffChange:
    """One of the buttons beside a person. The sentences take the name of the person."""

    button: str
    question: str
    effect: str
    done: str
    rule: Callable[..., None]
    reaches_login: bool = True
    """Whether it touches the login itself, which may open more than this role."""
    hands_over: bool = False
    """Whether another password is drawn for it."""

    def draw(self) -> Drawn | None:
        """The password to hand over, if there is one; before any transaction, since it takes time."""
        return draw_password() if self.hands_over else None

    def make(self, act: Act, role: StaffRole, drawn: Drawn | None) -> None:
        """Do it, with what was drawn."""
        if drawn is None:
            self.rule(act, role)
        else:
            self.rule(act, role, drawn)


PASSWORD = StaffChange(
    "Nouveau mot de passe",
    "Donner un nouveau mot de passe à {} ?",
    "L'ancien ne servira plus, et cette personne sera déconnectée partout. Le nouveau sera à changer dès la connexion.",
    "{} a un nouveau mot de passe.",
    hand_over_password,
    hands_over=True,
)
FACTOR = StaffChange(
    "Retirer la double authentification",
    "Retirer la double authentification de {} ?",
    "À faire quand le téléphone et les codes de secours sont perdus, et que vous êtes sûr de la personne qui le "
    "demande. Le mot de passe seul suffira, jusqu'à ce qu'elle soit installée de nouveau.",
    "La double authentification de {} est retirée.",
    take_factor_away,
)
END = StaffChange(
    "Terminer",
    "Terminer la délégation de {} ?",
    "Cette personne ne pourra plus rien ouvrir de l'établissement, même si elle est connectée en ce moment.",
    "La délégation de {} est terminée.",
    end_delegation,
    reaches_login=False,
)
CLOSE = StaffChange(
    "Fermer l'accès",
    "Fermer l'accès de {} ?",
    "Cette personne sera déconnectée et ne pourra plus se connecter nulle part, tant que son accès n'est pas rouvert.",
    "L'accès de {} est fermé.",
    close_login,
)
OPEN = StaffChange(
    "Rouvrir l'accès",
    "Rouvrir l'accès de {} ?",
    "Cette personne pourra de nouveau se connecter, avec son mot de passe d'avant.",
    "L'accès de {} est rouvert.",
    open_login,
)
REMOVE = StaffChange(
    "Retirer de l'établissement",
    "Retirer {} de cet établissement ?",
    "Cette personne ne pourra plus rien ouvrir ici. Son identifiant reste, pour d'autres établissements.",
    "{} n'a plus de rôle dans cet établissement.",
    remove_role,
    reaches_login=False,
)

REMOVE_HELPER = StaffChange(
    "Retirer de l'assistance",
    "Retirer {} de l'assistance ?",
    "Cette personne ne trouvera plus aucun compte. Son identifiant reste, pour ses autres rôles s'il en a.",
    "{} n'est plus de l'assistance.",
    remove_role,
    reaches_login=False,
)

OF_INVITED = frozenset({"mot-de-passe", "fin", "retirer"})
BY_HEAD = {"mot-de-passe": PASSWORD, "double-authentification": FACTOR, "fin": END}
BY_ACADEMY = {
    "mot-de-passe": PASSWORD,
    "double-authentification": FACTOR,
    "fermer": CLOSE,
    "rouvrir": OPEN,
    "retirer": REMOVE,
}
OF_HELP_DESK = BY_ACADEMY | {"retirer": REMOVE_HELPER}


def offered(changes: dict[str, StaffChange], role: StaffRole) -> dict[str, StaffChange]:
    """Those that make sense for this person now: of somebody who is only invited, nothing is known here."""
    if role.invitation_hash is not None:
        return {code: change for code, change in changes.items() if code in OF_INVITED}
    useless = {
        "double-authentification": role.staff.factor_set_at is None,
        "fermer": role.staff.disabled_at is not None,
        "rouvrir": role.staff.disabled_at is None,
    }
    return {code: change for code, change in changes.items() if not useless.get(code)}
