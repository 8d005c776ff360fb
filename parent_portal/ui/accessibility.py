"""What is said of accessibility: its state in the words of the law, and what is known not to be accessible.

The same list, with its criteria and how it was found, is in `docs/conformite/accessibilite.md`: a test compares them.
"""

from collections.abc import Mapping, Sequence

from shared.languages import to_translate
from shared.settings.legal import Conformity

FOOTER_WORDS: Mapping[Conformity, str] = {
    Conformity.TOTAL: to_translate("Accessibilité\u00a0: totalement conforme"),
    Conformity.PARTIAL: to_translate("Accessibilité\u00a0: partiellement conforme"),
    Conformity.NONE: to_translate("Accessibilité\u00a0: non conforme"),
}
STATE_WORDS: Mapping[Conformity, str] = {
    Conformity.TOTAL: to_translate("Ces pages sont totalement conformes au RGAA 4.1."),
    Conformity.PARTIAL: to_translate(
        "Ces pages sont partiellement conformes au RGAA 4.1\u00a0: ce qui manque est écrit plus bas."
    ),
    Conformity.NONE: to_translate("Ces pages ne sont pas conformes au RGAA 4.1, ou personne ne l'a encore vérifié."),
}
NOT_ACCESSIBLE: Sequence[str] = (
    to_translate("Les courriers en PDF n'ont pas de structure que lit un lecteur d'écran."),
    to_translate("Les messages et les liens écrits par les établissements peuvent ne pas être accessibles."),
    to_translate("Les noms des téléservices sont en français dans toutes les langues."),
    to_translate("Aucune personne qui se sert d'un lecteur d'écran n'a encore essayé ces pages."),
)
