"""What a téléservice or an ENT may be given, in the words of families."""

from flask_babel import lazy_gettext as _l

from shared.models.access.openid import Shared

DATA = {
    Shared.NAMES: _l("votre nom et votre prénom"),
    Shared.EMAIL: _l("votre adresse e-mail"),
    Shared.CHILDREN: _l("le prénom, l'établissement et la classe de chaque enfant"),
    Shared.INE: _l("l'identifiant national (INE) de chaque enfant"),
}
TOLD_TO_ENTS = {
    Shared.NAMES: DATA[Shared.NAMES],
    Shared.CHILDREN: _l("le numéro d'élève et l'établissement de chaque enfant"),
}
"""The same of an ENT."""
