"""Identity providers, in the words of staff."""

from shared.models.access.identity_providers import ProviderKind
from shared.sign_on.refusals import Refusal

PROVIDER_KINDS = {
    ProviderKind.OIDC: "OpenID Connect",
    ProviderKind.CAS: "CAS",
    ProviderKind.SAML: "SAML 2.0",
    ProviderKind.HEADERS: "En-têtes d'un portail placé devant",
}
_OTHERWISE = "Vous pouvez vous connecter avec votre identifiant et votre mot de passe, si vous en avez."
REFUSALS = {
    Refusal.UNAVAILABLE: f"Le service de connexion ne répond pas. Réessayez dans un instant. {_OTHERWISE}",
    Refusal.NOT_BEGUN: "Cette connexion n'a pas été commencée dans ce navigateur, ou il y a trop longtemps. "
    "Recommencez.",
    Refusal.DECLINED: "Le service de connexion vous a renvoyé sans vous reconnaître. Recommencez, ou passez par "
    "ailleurs.",
    Refusal.INVALID: "La réponse du service de connexion n'a pas pu être vérifiée. Recommencez ; si cela continue, "
    "prévenez l'académie.",
    Refusal.NOT_THROUGH: "Cette demande n'est pas passée par le portail de l'académie, qui seul peut dire qui vous "
    "êtes. Recommencez ; si cela continue, prévenez l'académie.",
    Refusal.REPLAYED: "Cette réponse a déjà servi. Recommencez la connexion.",
    Refusal.NO_ROLE: "Vous êtes reconnu, mais rien ne vous est ouvert ici : ni fonction de chef d'établissement, ni "
    "délégation en cours. Demandez au chef d'établissement de vous déléguer des onglets.",
    Refusal.CLOSED: "Cet accès a été fermé. Adressez-vous au chef d'établissement.",
    Refusal.SHUT: f"L'académie a fermé cette façon de se connecter. {_OTHERWISE}",
    Refusal.ANOTHER_PERSON: "Ce compte est déjà celui d'une autre personne ici, ou vous en avez déjà relié un autre. "
    "Rien n'a été changé : adressez-vous à l'académie.",
}
