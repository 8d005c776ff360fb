"""The Message-ID of a row: always the same for the same row, so that a receiver can drop a second copy."""

import hashlib
import hmac
from datetime import datetime

from shared.config import Settings

NOTIFICATION = "notification"
ACCOUNT_MAIL = "account-mail"
CAMPAIGN_MAIL = "campaign-mail"
DUPLICATES_MAIL = "duplicates-mail"
STAFF_MAIL = "staff-mail"


def message_id(settings: Settings, kind: str, row_id: int, created_at: datetime) -> str:
    """An identifier that no other row, of this installation or of another one with the same sender, ever has."""
    domain = settings.mail_from.rpartition("@")[2]
    named = f"{kind}|{row_id}|{created_at.isoformat()}"
    drawn = hmac.new(settings.signing_key("message-id").encode(), named.encode(), hashlib.sha256).hexdigest()
    return f"<{kind}.{row_id}.{drawn[:24]}@{domain}>"
