"""What the académie types of an identity provider (R34)."""

from flask_wtf import FlaskForm
from wtforms import BooleanField, IntegerField, PasswordField, SelectField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice

from admin_app.ui.labels import TABS
from admin_app.ui.sign_on import PROVIDER_KINDS
from shared.models.access.identity_providers import IdentityProvider, ProviderKind
from shared.models.staff import Tab
from shared.sign_on.providers import Description, described


class ProviderForm(FlaskForm):
    """What the académie writes of a provider."""

    kind = SelectField("Sorte", choices=[SelectChoice(kind.value, words) for kind, words in PROVIDER_KINDS.items()])
    name = StringField("Nom du bouton", description="Par exemple : le portail académique")
    address = StringField(
        "Adresse",
        description="OpenID Connect : l'émetteur (issuer), tel que sa page de découverte l'écrit. CAS : l'adresse du "
        "serveur. SAML : celle de ses métadonnées. Portail placé devant : celle où sa session se ferme.",
        render_kw={"inputmode": "url", "placeholder": "https://"},
    )
    client_id = StringField(
        "Identifiant de client",
        description="OpenID Connect : donné par le fournisseur. SAML : son identifiant d'entité (entityID).",
    )
    secret = PasswordField(
        "Secret de client",
        description="Laissez vide pour garder celui qui est enregistré ; il n'est jamais montré.",
        render_kw={"autocomplete": "off"},
    )
    scope = StringField("Portées demandées", default=Description.scope)
    gives_roles = BooleanField(
        "Ses attributs donnent les droits (FrEduRneResp, FrEduResDel) ; sinon il dit seulement qui est la personne",
        default=True,
    )
    application = StringField(
        "Nom de l'application dans delegce",
        default=Description.application,
        description="Tel quel, majuscules comprises.",
    )
    tabs = SelectMultipleField(
        "Onglets ouverts par une délégation",
        choices=[SelectChoice(tab.value, TABS[tab]) for tab in Tab],
        default=[tab.value for tab in Tab],
    )
    academy_groups = StringField(
        "Groupes qui administrent l'académie", description="Séparés par des virgules ; aucun si vide."
    )
    help_groups = StringField(
        "Groupes de l'assistance", description="Ils trouvent et débloquent les comptes de tous les établissements."
    )
    strengths = StringField(
        "Ce qui vaut double authentification",
        default=", ".join(Description.strengths),
        description="Valeurs de acr ou amr, séparées par des virgules.",
    )
    version = IntegerField(default=0)

    def wanted(self, kind: ProviderKind) -> Description:
        """What was typed."""
        return Description(
            kind=kind,
            name=self.name.data or "",
            address=self.address.data or "",
            client_id=self.client_id.data or "",
            secret=self.secret.data or "",
            scope=" ".join((self.scope.data or "").split()),
            gives_roles=bool(self.gives_roles.data),
            application=(self.application.data or "").strip(),
            delegated_tabs=frozenset(Tab(tab) for tab in self.tabs.data or []),
            academy_groups=_listed(self.academy_groups.data),
            help_groups=_listed(self.help_groups.data),
            strengths=_listed(self.strengths.data),
        )


def form_of(provider: IdentityProvider) -> ProviderForm:
    """The form with what is known of `provider`; the secret is never shown."""
    known = described(provider)
    return ProviderForm(
        None,
        kind=known.kind.value,
        name=known.name,
        address=known.address,
        client_id=known.client_id,
        scope=known.scope,
        gives_roles=known.gives_roles,
        application=known.application,
        tabs=[tab.value for tab in known.delegated_tabs],
        academy_groups=", ".join(known.academy_groups),
        help_groups=", ".join(known.help_groups),
        strengths=", ".join(known.strengths),
        version=provider.version,
    )


def _listed(text: str | None) -> tuple[str, ...]:
    return tuple(filter(None, (part.strip() for part in (text or "").split(","))))
