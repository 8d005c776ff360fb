"""The pages of the portal, one module for each thing a parent comes to do."""

from parent_portal.views import (
    account,
    email_change,
    forgotten,
    home,
    language,
    legal,
    login,
    merging,
    passkey_login,
    passkeys,
    password_change,
    site,
    sms_receipts,
    tie_question,
    wrong_child,
)
from parent_portal.views.activating import activation, first_login, sms_code, without_letter

BLUEPRINTS = tuple(
    module.bp
    for module in (
        account,
        activation,
        email_change,
        first_login,
        forgotten,
        home,
        language,
        legal,
        login,
        merging,
        passkey_login,
        passkeys,
        password_change,
        site,
        sms_code,
        sms_receipts,
        tie_question,
        without_letter,
        wrong_child,
    )
)
