"""Forms of the back office: what is typed, as the rules take it. What a value may be is said by the rules, not here."""

from flask_wtf import FlaskForm
from wtforms import BooleanField, EmailField, HiddenField, SelectMultipleField, StringField, TelField
from wtforms.fields.choices import SelectChoice

from admin_app.ui.labels import TABS
from shared.establishments.identity import LENGTHS
from shared.models.staff import Tab
from shared.web.headers import row_number

NOT_TICKED = (False, "false", "", "non")


class VersionedForm(FlaskForm):
    """What is typed of something that several people may edit."""

    version = HiddenField()
    """As it was shown; empty for something new."""

    def seen_version(self) -> int:
        """The version that was shown; 0, which nothing has, when that makes no sense."""
        try:
            return row_number(self.version.data or "0")
        except ValueError:
            return 0


class LinkForm(VersionedForm):
    """A label, and an address of the web."""

    label = StringField("Libellé", name="libelle")
    url = StringField("Adresse", name="adresse", render_kw={"placeholder": "https://", "inputmode": "url"})

    def typed(self) -> tuple[str, str]:
        """The two, as the rules take them."""
        return self.label.data or "", self.url.data or ""


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
