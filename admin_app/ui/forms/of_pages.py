"""What is typed in the pages of the back office, form by form."""

from flask_wtf import FlaskForm
from wtforms import BooleanField, EmailField, SelectMultipleField, StringField, TelField
from wtforms.fields.choices import SelectChoice

from admin_app.ui.forms.typed import NOT_TICKED, TypedField, VersionedForm
from admin_app.ui.labels import TABS
from shared.establishments.identity import LENGTHS
from shared.models.staff import Tab


class LinkForm(VersionedForm):
    """A label, and an address of the web."""

    label = StringField("Libellé", name="libelle")
    url = StringField("Adresse", name="adresse", render_kw={"placeholder": "https://", "inputmode": "url"})

    def typed(self) -> tuple[str, str]:
        """The two, as the rules take them."""
        return self.label.data or "", self.url.data or ""


class WelcomeForm(VersionedForm):
    """What families read when they log in."""

    message = TypedField()
    only_shown = BooleanField(name="apercu", false_values=())
    """Pressed to see what it would look like."""


class LetterTextForm(VersionedForm):
    """The text of a letter or of a part of one."""

    text = TypedField(name="texte")


class OpenedForm(VersionedForm):
    """Whether something is opened to families, or closed."""

    is_opened = BooleanField(name="ouvrir", false_values=NOT_TICKED)


class EntTriedForm(VersionedForm):
    """Whether families find the portal from the address of the ENT."""

    leads_here = BooleanField(name="oui", false_values=())


class EntChoiceForm(VersionedForm):
    """The type of letter, and the link to the ENT; what none of the lists holds is as if it was not sent."""

    letter_type = TypedField(name="type")
    link = TypedField(name="lien")
    listed = TypedField(name="predefini")
    label = TypedField("Libellé", name="libelle")
    address = TypedField("Adresse", name="adresse")


class AlertForm(VersionedForm):
    """Who is told of new likely duplicates."""

    sent_to = TypedField(name="destinataire")
    email = TypedField("Courriel")


class SecurityPolicyForm(VersionedForm):
    """Of whom a second factor is required, and whether new devices are told."""

    factor_required = TypedField(name="double_authentification")
    tells_of_new_devices = BooleanField(name="nouveaux_appareils", false_values=())


class AnswerForm(FlaskForm):
    """One of the answers that a page proposes, with words where it takes some."""

    answer = TypedField(name="reponse")
    words = TypedField(name="message")


class ContactForm(VersionedForm):
    """Whether families find a contact, and which."""

    active = BooleanField(name="actif", false_values=NOT_TICKED)
    email = EmailField("Courriel de contact")


class SelfActivationForm(VersionedForm):
    """Whether families activate their accounts without a letter."""

    is_open = BooleanField(name="ouverte", false_values=NOT_TICKED)


class SendsSmsForm(VersionedForm):
    """Whether families are notified by SMS."""

    is_open = BooleanField(name="sms", false_values=NOT_TICKED)


class NewSchoolForm(FlaskForm):
    """An establishment to be."""

    uai = StringField("UAI")
    name = StringField("Nom", name="nom")


class HeadForm(FlaskForm):
    """Who heads an establishment."""

    name = StringField("Nom et prénom", name="chef")
    login = StringField("Identifiant de connexion", name="identifiant")


class HelperForm(FlaskForm):
    """Who is of the help desk, and where."""

    name = StringField("Nom et prénom", name="personne")
    login = StringField("Identifiant de connexion", name="identifiant")
    uai = StringField("UAI de l'établissement", name="uai")


class SchoolLinesForm(VersionedForm):
    """The name and the address of an establishment; the fields are named as the columns."""

    name = StringField("Nom")
    address_line1 = StringField("Adresse, première ligne")
    address_line2 = StringField("Adresse, seconde ligne")
    postal_code = StringField("Code postal")
    city = StringField("Ville")
    phone = TelField("Téléphone")
    email = EmailField("Courriel")
    follows_files = BooleanField(name="suivre", false_values=NOT_TICKED)

    def lines(self) -> dict[str, str]:
        """What is typed, by column."""
        return {column: self[column].data or "" for column in LENGTHS}


class DelegationForm(VersionedForm):
    """What is delegated, to whom, and until when."""

    name = StringField("Nom et prénom", name="nom")
    login = StringField("Identifiant de connexion", name="identifiant")
    tabs = SelectMultipleField(
        "Onglets délégués",
        name="onglet",
        choices=[SelectChoice(tab.value, TABS[tab]) for tab in Tab],
        validate_choice=False,
    )
    last_day = StringField("Dernier jour (facultatif)", name="fin")
