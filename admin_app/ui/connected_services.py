"""What a téléservice may be given, in the words of staff."""

from shared.models.access.openid import Shared

SHARED = {
    Shared.NAMES: "nom et prénom",
    Shared.EMAIL: "adresse e-mail",
    Shared.CHILDREN: "enfants (prénom, UAI, classe)",
    Shared.INE: "INE de chaque enfant",
}
