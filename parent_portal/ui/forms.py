"""The forms of the portal: what is asked, how browsers help to fill it in, and what is said of each field."""

import unicodedata
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import EmailField, Field, HiddenField, PasswordField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import AnyOf, DataRequired, EqualTo, Length, ValidationError

from shared.emails import EmailInvalid, normal_email, tidy_email
from shared.establishments.wrong_children import as_counted
from shared.models.access.passkeys import PASSKEY_NAME_LENGTH
from shared.models.wrong_children import WORDS_LENGTH

KEEP_THIS, KEEP_OTHER = "this", "other"

_AS_TYPED = {"dir": "ltr", "autocapitalize": "none", "autocorrect": "off", "spellcheck": "false"}
_EMAIL = {"autocomplete": "email", "inputmode": "email", **_AS_TYPED}
_NEW_PASSWORD = {"autocomplete": "new-password", **_AS_TYPED}
_CURRENT_PASSWORD = {"autocomplete": "current-password", **_AS_TYPED}
_IDENTIFIER = {"autocomplete": "username", **_AS_TYPED}

_NUMBER = {"inputmode": "numeric", "autocomplete": "off", **_AS_TYPED}
_DIGITS = 4
_FIRST_YEAR = 1900
_LONGEST_CODE = 40

_PASSWORD_HINT = _l("Au moins 12 caractères. Plusieurs mots à la suite, c'est bien.")
_SAME_EMAIL = _l("Les deux adresses e-mail ne sont pas les mêmes. Tapez deux fois la même.")
_SAME_PASSWORD = _l("Les deux mots de passe ne sont pas les mêmes. Tapez deux fois le même.")
EMAIL_INVALID = _l("Cette adresse e-mail n'est pas valable. Exemple : prenom.nom@exemple.fr")
MAIL_TOO_SOON = _l("Un message vient de partir. Attendez une minute avant d'en demander un autre.")
WRONG_OWN_PASSWORD = _l("Ce n'est pas votre mot de passe actuel.")


def refuse(field: Field, reason: Any) -> None:  # noqa: ANN401 - a text, or one translated when shown
    """Say beside `field` why what was typed is refused."""
    field.errors = [*field.errors, reason]


def figures(typed: str) -> str:
    """A number in the figures of French, whatever figures the keyboard has: `٢٠١٤`, `２０１４`."""
    return "".join(sign if (value := unicodedata.decimal(sign, None)) is None else str(value) for sign in typed.strip())


def _email(_form: FlaskForm, field: Field) -> None:
    try:
        normal_email(field.data)
    except EmailInvalid:
        raise ValidationError(EMAIL_INVALID) from None


def _email_if_any(form: FlaskForm, field: Field) -> None:
    """What has no `@` is an identifier: that of nobody is answered as any other."""
    if "@" in field.data:
        _email(form, field)


def _no_email(_form: FlaskForm, field: Field) -> None:
    """No identifier has an `@`: it is told before anything counts as a wrong password."""
    if "@" in field.data:
        raise ValidationError(_l("C'est une adresse e-mail. Tapez l'identifiant de la lettre. Exemple\u00a0: m.payet"))


def _same_email(form: FlaskForm, field: Field) -> None:
    if tidy_email(field.data) != tidy_email(form.email.data or ""):
        raise ValidationError(_SAME_EMAIL)


class LoginForm(FlaskForm):
    """Identifier and password."""

    identifier = StringField(
        _l("Identifiant"),
        [DataRequired(_l("Tapez votre identifiant.")), _no_email],
        description=_l("Exemple : m.payet"),
        render_kw=_IDENTIFIER,
    )
    password = PasswordField(
        _l("Mot de passe"), [DataRequired(_l("Tapez votre mot de passe."))], render_kw=_CURRENT_PASSWORD
    )


class NewEmailForm(FlaskForm):
    """An e-mail address, typed twice."""

    email = EmailField(
        _l("Adresse e-mail"),
        [DataRequired(_l("Tapez votre adresse e-mail.")), _email],
        description=_l("Exemple : prenom.nom@exemple.fr"),
        render_kw=_EMAIL,
    )
    email_again = EmailField(
        _l("La même adresse e-mail, encore une fois"),
        [DataRequired(_l("Tapez encore une fois l'adresse e-mail.")), _same_email],
        render_kw=_EMAIL,
    )


class CurrentPasswordForm(FlaskForm):
    """The password of now, before something that matters."""

    current = PasswordField(
        _l("Mot de passe actuel"),
        [DataRequired(_l("Tapez votre mot de passe actuel."))],
        render_kw=_CURRENT_PASSWORD,
    )


class ProveForm(CurrentPasswordForm):
    """The same, because a téléservice wants to be sure who is there."""


class NewPasswordForm(FlaskForm):
    """A new password, typed twice."""

    password = PasswordField(
        _l("Nouveau mot de passe"),
        [DataRequired(_l("Choisissez un mot de passe."))],
        description=_PASSWORD_HINT,
        render_kw=_NEW_PASSWORD,
    )
    password_again = PasswordField(
        _l("Le même mot de passe, encore une fois"),
        [DataRequired(_l("Tapez encore une fois le mot de passe.")), EqualTo("password", _SAME_PASSWORD)],
        render_kw=_NEW_PASSWORD,
    )


class FirstLoginForm(NewEmailForm, NewPasswordForm):
    """Step 1 of the first login (R5)."""


class PasskeyNameForm(FlaskForm):
    """What a passkey is called."""

    name = StringField(
        _l("Nom de cette clé d'accès"),
        [
            DataRequired(_l("Donnez un nom à cette clé d'accès.")),
            Length(max=PASSKEY_NAME_LENGTH, message=_l("Écrivez 40 caractères au plus.")),
        ],
        description=_l("Pour la reconnaître. Exemple : mon téléphone."),
        render_kw={"autocomplete": "off", "maxlength": str(PASSKEY_NAME_LENGTH)},
    )


class NewPasskeyForm(PasskeyNameForm, CurrentPasswordForm):
    """A passkey to add, once the password was given again."""


class PasskeyAnswerForm(FlaskForm):
    """What the script of the page brings back from the telephone."""

    answer = HiddenField()


class NamedPasskeyAnswerForm(PasskeyAnswerForm):
    """The same, with the name typed on the page before."""

    name = HiddenField()


class ChangePasswordForm(CurrentPasswordForm, NewPasswordForm):
    """Another password for an account in use."""


class ChangeEmailForm(NewEmailForm, CurrentPasswordForm):
    """Another e-mail for an account in use (R7)."""


class ForgottenForm(FlaskForm):
    """Whose password is forgotten: an e-mail address, or an identifier."""

    typed = StringField(
        _l("Votre adresse e-mail ou votre identifiant"),
        [DataRequired(_l("Tapez votre adresse e-mail ou votre identifiant.")), _email_if_any],
        description=_l(
            "L'adresse que vous avez donnée à votre première connexion, ou l'identifiant de la lettre."
            " Exemple\u00a0: m.payet"
        ),
        render_kw=_IDENTIFIER,
        name="email",
    )


class WithoutLetterForm(FlaskForm):
    """The e-mail that the establishment knows, of whoever has not received the identifier (R37)."""

    email = EmailField(
        _l("Votre adresse e-mail"),
        [DataRequired(_l("Tapez votre adresse e-mail.")), _email],
        description=_l("Celle que vous avez donnée à l'établissement, à l'inscription."),
        render_kw=_EMAIL,
    )


class BirthDateForm(FlaskForm):
    """When a child was born, in three numbers: no calendar to go through, and no order to guess."""

    day = StringField(_l("Jour"), render_kw={**_NUMBER, "maxlength": "2"})
    month = StringField(_l("Mois"), render_kw={**_NUMBER, "maxlength": "2"})
    year = StringField(_l("Année"), render_kw={**_NUMBER, "maxlength": "4"})

    def born(self) -> date | None:
        """The day; none when there is no such one, nor of a year of two figures, which could be of another century."""
        numbers = [figures(field.data or "") for field in (self.year, self.month, self.day)]
        if not all(number.isdigit() and len(number) <= _DIGITS for number in numbers):
            return None
        try:
            born = date(*map(int, numbers))
        except ValueError:
            return None
        return born if born.year >= _FIRST_YEAR else None


class SmsCodeForm(BirthDateForm):
    """The code of an SMS, and when a child was born (R37)."""

    code = StringField(
        _l("Code reçu par SMS"),
        [DataRequired(_l("Tapez le code du SMS.")), Length(max=_LONGEST_CODE, message=_l("Ce code est trop long."))],
        description=_l("Dix lettres et chiffres. Exemple\u00a0: k7mqx-2hd9w"),
        render_kw={"autocomplete": "one-time-code", **_AS_TYPED},
    )


class WrongChildForm(FlaskForm):
    """What a parent wants to add about a child that is not theirs."""

    words = TextAreaField(
        _l("Voulez-vous ajouter quelque chose ?"),
        [Length(max=WORDS_LENGTH, message=_l("Écrivez 500 caractères au plus."))],
        filters=[lambda words: as_counted(words or "")],
        description=_l("Facultatif. Exemple : je ne connais pas cet enfant."),
        render_kw={"rows": "3", "dir": "auto", "maxlength": str(WORDS_LENGTH)},
    )


class MergeForm(FlaskForm):
    """The other account of the same parent, and which of both identifiers stays (R8)."""

    identifier = StringField(
        _l("Identifiant de l'autre compte"),
        [DataRequired(_l("Tapez l'identifiant de l'autre compte.")), _no_email],
        render_kw={"autocomplete": "off", **_AS_TYPED},
    )
    password = PasswordField(
        _l("Mot de passe de l'autre compte"),
        [DataRequired(_l("Tapez le mot de passe de l'autre compte."))],
        render_kw={"autocomplete": "off", **_AS_TYPED},
    )
    keep = RadioField(
        _l("Quel identifiant voulez-vous garder ?"),
        [AnyOf([KEEP_THIS, KEEP_OTHER], _l("Choisissez l'identifiant à garder."))],
        validate_choice=False,
        default=KEEP_THIS,
    )

    def offer(self, identifier: str) -> None:
        """Name the choices: `identifier` is the one of the account logged in."""
        this = _("Celui-ci : %(identifier)s", identifier=identifier)
        self.keep.choices = [SelectChoice(KEEP_THIS, this), SelectChoice(KEEP_OTHER, _("Celui de l'autre compte"))]
