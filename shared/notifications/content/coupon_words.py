"""What a coupon says beside the identifier: its title, and what to do, which a school may write anew (R20)."""

import html
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from shared.allowed_html import without_tags
from shared.models.notifications import Text

BESIDE_CODE_MM = 63
"""Of what is written beside the square to photograph."""
SMALL_POINTS = 7.5
MOST_STEP_LINES = 3
"""Of what to do: below them stand the addresses."""


@dataclass(frozen=True)
class Wording:
    """What one type of text says on a coupon."""

    title: str
    steps: str


WORDINGS: Mapping[Text, Wording] = MappingProxyType(
    {
        Text.NEW_ACCOUNT: Wording(
            "Votre compte pour les téléservices",
            "Connectez-vous à l'adresse ci-dessous, donnez votre adresse e-mail et choisissez un mot de passe. Ne "
            "donnez celui-ci à personne.",
        ),
        Text.ACTIVATION_REMINDER: Wording(
            "Votre compte n'est pas encore activé",
            "Connectez-vous avec le mot de passe que vous avez choisi, demandez un nouveau message d'activation et "
            "confirmez votre adresse e-mail.",
        ),
        Text.NEW_PASSWORD: Wording(
            "Votre nouveau mot de passe provisoire",
            "L'ancien ne marche plus. Connectez-vous, puis choisissez un nouveau mot de passe. Ne donnez celui-ci à "
            "personne.",
        ),
        Text.REMINDER: Wording(
            "Rappel : vous avez un compte",
            "Vous ne connaissez plus votre mot de passe ? Choisissez « Mot de passe oublié » à l'adresse ci-dessous.",
        ),
        Text.EXISTING_ACCOUNT: Wording(
            "Vous avez déjà un compte",
            "Un autre établissement vous l'a donné. Connectez-vous avec votre identifiant et votre mot de passe "
            "habituels, et répondez à la question qui vous est posée.",
        ),
    }
)


def plain_words(content: str) -> str:
    """The words of a cleaned text, on one line: a coupon has no room for more than words."""
    return " ".join(html.unescape(without_tags(content.replace("<", " <"))).split())
