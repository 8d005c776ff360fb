"""Forms about oneself: what members of staff type to log in, and to change how they do."""

from flask_wtf import FlaskForm

from admin_app.ui.forms.typed import TypedField

LONGEST_CODE = 100


class PasswordAgainForm(FlaskForm):
    """The password typed once more, before something that a browser left open must not do."""

    password = TypedField()


class LoginForm(PasswordAgainForm):
    """A login and its password."""

    login = TypedField()


class OwnEmailForm(PasswordAgainForm):
    """Another address, with the password."""

    email = TypedField()


class CodeForm(FlaskForm):
    """A code that a telephone shows, a recovery code, or the code of an invitation."""

    code = TypedField()

    def typed(self) -> str:
        """As much of it as any code can be: nothing longer is hashed."""
        return self.code.data[:LONGEST_CODE]


class NewPasswordForm(FlaskForm):
    """A new password typed twice, after the present one where that is asked for."""

    current = TypedField()
    new = TypedField()
    again = TypedField()

    def is_typed_twice(self) -> bool:
        """Whether both are the same."""
        return self.new.data == self.again.data


class AcceptForm(NewPasswordForm, CodeForm):
    """The code of an invitation, with a password chosen anew."""
