"""An outer ring around what makes mails leave, or rows be written for anybody: so many for a network in an hour (R10).

The rules already space the mails of one account; this stops one network from going through many accounts.
"""

from flask import Flask, request

from parent_portal.installation import network_address, session
from shared import clock
from shared.limits.networks import network_of
from shared.limits.quotas import Quota, use

MAILS = Quota("mails", 60)
QUESTIONS = Quota("questions", 600)
"""Of passkeys asked for: a whole school may share an address, and few of its parents at once."""
REPORTS = Quota("reports", 60)
"""« Je ne suis pas le responsable de cet élève »: the secretariat reads each."""
QUOTAS = {
    "forgotten.ask": MAILS,
    "without_letter.ask": MAILS,
    "activation.resend": MAILS,
    "activation.correct": MAILS,
    "email_change.ask": MAILS,
    "passkey_login.start": QUESTIONS,
    "wrong_child.report": REPORTS,
}


def hold_to_quotas(app: Flask) -> None:
    """Count the requests of each network to the pages that `QUOTAS` names. Registered after what lets a page write."""

    @app.before_request
    def use_quota() -> None:
        quota = QUOTAS.get(request.endpoint or "")
        if quota is not None:
            use(session(), quota, network_of(network_address()).home, clock.now())
