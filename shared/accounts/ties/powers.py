"""What a tie allows: which action on an account is open to whom, in an establishment tied to it so or so (R4). Pure.

The one matrix of the software: every door asks it, `docs/security.md` prints it, and a test walks every route and
every command with it. What it does not name is allowed to nobody.
"""

import enum
from collections.abc import Mapping

from shared.models.access.ties import TieState


class Role(enum.StrEnum):
    """Who acts, in an establishment or for one."""

    DELEGATE = "delegate"
    """With the tab that the action is in; `admin_app.access` has asked for it."""
    HEAD = "head"
    ACADEMY = "academy"
    """At work in the establishment as its head would be, or in the pages of the académie."""
    HELP_DESK = "help_desk"
    """« Assistance »: finds an account of its establishments, and unblocks it."""
    COMMAND = "command"
    """Whoever types a command with the UAI of the establishment."""


class Power(enum.StrEnum):
    """An action on an account, or something learnt of it."""

    SEE_CARD = "see_card"
    SEE_IDENTIFIER = "see_identifier"
    SEE_EMAIL = "see_email"
    SEE_STATE = "see_state"
    SEE_HISTORY = "see_history"
    FIND = "find"
    COUNT = "count"
    EXPORT = "export"
    NOTIFY = "notify"
    RENEW_IDENTIFIER = "renew_identifier"
    RENEW_PASSWORD = "renew_password"  # noqa: S105 - the name of an action
    RESEND_ACTIVATION = "resend_activation"
    UNBLOCK = "unblock"
    CORRECT_EMAIL = "correct_email"
    DISABLE = "disable"
    ENABLE = "enable"
    UNDO_MERGE = "undo_merge"
    SHOW_ITS_OWN = "show_its_own"
    SEE_PROPOSAL = "see_proposal"
    REMIND = "remind"
    SEE_EVERY_TIE = "see_every_tie"
    CONFIRM = "confirm"
    REFUSE = "refuse"


EVERYBODY = frozenset(Role)
OF_THE_SCHOOL = EVERYBODY - {Role.HELP_DESK}
HELPING = frozenset({Role.HELP_DESK, Role.ACADEMY})
ACADEMY_ONLY = frozenset({Role.ACADEMY})
NOBODY: frozenset[Role] = frozenset()

Row = Mapping[TieState | None, frozenset[Role]]
_ONCE_CONFIRMED: Row = {TieState.CONFIRMED: OF_THE_SCHOOL}
_ALSO_TO_HELP: Row = {TieState.CONFIRMED: EVERYBODY}
_WHILE_PROPOSED: Row = {TieState.PROPOSED: OF_THE_SCHOOL}
_OF_ITS_OWN_ANSWER: Row = {TieState.PROPOSED: OF_THE_SCHOOL, TieState.REFUSED: OF_THE_SCHOOL}
_OF_THE_ACADEMY: Row = dict.fromkeys(TieState, ACADEMY_ONLY)

MATRIX: Mapping[Power, Row] = {
    **dict.fromkeys(Power, _ONCE_CONFIRMED),
    **dict.fromkeys(
        (
            *(Power.SEE_CARD, Power.SEE_IDENTIFIER, Power.SEE_EMAIL, Power.SEE_STATE),
            *(Power.SEE_HISTORY, Power.FIND, Power.RESEND_ACTIVATION),
        ),
        _ALSO_TO_HELP,
    ),
    Power.UNBLOCK: {TieState.CONFIRMED: HELPING},
    Power.SEE_PROPOSAL: _OF_ITS_OWN_ANSWER,
    Power.REMIND: _WHILE_PROPOSED,
    Power.SEE_EVERY_TIE: _OF_THE_ACADEMY,
    Power.CONFIRM: {TieState.PROPOSED: ACADEMY_ONLY},
    Power.REFUSE: {TieState.PROPOSED: ACADEMY_ONLY},
}

WORDS: Mapping[Power, str] = {
    Power.SEE_CARD: "voir la fiche du compte",
    Power.SEE_IDENTIFIER: "voir l'identifiant",
    Power.SEE_EMAIL: "voir l'adresse e-mail du compte",
    Power.SEE_STATE: "voir l'état et les dates",
    Power.SEE_HISTORY: "voir l'historique, le journal et les connexions",
    Power.FIND: "trouver par l'identifiant, l'état ou la date",
    Power.COUNT: "compter, par état (accueil, statistiques)",
    Power.EXPORT: "exporter (comptes, ENT, fiches, notifications, commande `accounts`)",
    Power.NOTIFY: "notifier l'identifiant ou le mot de passe (courriel, courrier)",
    Power.RENEW_IDENTIFIER: "donner un nouvel identifiant",
    Power.RENEW_PASSWORD: "donner un nouveau mot de passe",
    Power.RESEND_ACTIVATION: "renvoyer le courriel d'activation",
    Power.UNBLOCK: "débloquer après des mots de passe faux",
    Power.CORRECT_EMAIL: "corriger l'adresse e-mail",
    Power.DISABLE: "désactiver",
    Power.ENABLE: "réactiver",
    Power.UNDO_MERGE: "annuler une fusion de comptes",
    Power.SHOW_ITS_OWN: "montrer à la famille message, liens, téléservices et enfants",
    Power.SEE_PROPOSAL: "voir que sa propre fiche attend une réponse, ou a reçu « non »",
    Power.REMIND: "envoyer le rappel « vous avez déjà un compte », sans identifiant ni mot de passe",
    Power.SEE_EVERY_TIE: "voir de quels comptes il s'agit, et de quels établissements",
    Power.CONFIRM: "confirmer le rattachement sans la famille",
    Power.REFUSE: "le refuser sans la famille",
}
ROLES: Mapping[Role, str] = {
    Role.DELEGATE: "délégué",
    Role.HEAD: "chef",
    Role.ACADEMY: "académie",
    Role.HELP_DESK: "assistance",
    Role.COMMAND: "commande",
}
STATES: Mapping[TieState | None, str] = {
    None: "aucun",
    TieState.PROPOSED: "proposé",
    TieState.REFUSED: "refusé",
    TieState.CONFIRMED: "confirmé",
}


def allows(power: Power, tie: TieState | None, role: Role) -> bool:
    """Whether somebody in `role` may do `power` in an establishment whose tie to the account is `tie`; none is none."""
    return role in MATRIX[power].get(tie, NOBODY)


def as_table() -> str:
    """The matrix as the table that `docs/security.md` prints."""
    head = ("action sur un compte", *(f"rattachement {words}" for words in STATES.values()))
    rows = [(WORDS[power], *(_who(MATRIX[power].get(state, NOBODY)) for state in STATES)) for power in Power]
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _who(roles: frozenset[Role]) -> str:
    if roles == EVERYBODY:
        return "tous"
    if roles == OF_THE_SCHOOL:
        return f"tous, sauf l'{ROLES[Role.HELP_DESK]}"
    return ", ".join(words for role, words in ROLES.items() if role in roles) or "–"
