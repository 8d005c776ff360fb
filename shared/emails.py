"""E-mail addresses, checked and written in one way."""

from email_validator import EmailNotValidError, validate_email

from shared.models.school import EMAIL_LENGTH


class EmailInvalid(Exception):
    """What was given is no e-mail address."""


def normal_email(text: str) -> str:
    """The address as it is kept everywhere: without blanks around, lower case.

    Raises:
        EmailInvalid: it cannot be an address, or it has letters that mail servers refuse.
    """
    address = text.strip().lower()
    if len(address) > EMAIL_LENGTH or not address.isascii():
        raise EmailInvalid
    try:
        return validate_email(address, check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError:
        raise EmailInvalid from None
