"""Read once by the server that workers are forked from, so that each need not read code, words and dates anew."""

from datetime import date

import tests.notifications.faults.workers  # noqa: F401
from shared.languages import FRENCH
from shared.notifications.mail.rendering import _environment, long_date

long_date(date(2026, 9, 1))
for form in ("text", "html"):
    for name in ("new_account.jinja", f"layout.{form}", f"parts.{form}"):
        _environment(form, FRENCH).get_template(name)
