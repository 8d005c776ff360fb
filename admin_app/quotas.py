"""How often one person may ask for what costs work or room: so many in a while, counted in the database (R10)."""

from datetime import timedelta

from admin_app.installation import installation
from admin_app.visitors import own_staff
from shared import clock
from shared.limits.quotas import Quota, QuotaUsedUp, use

PREVIEWS = Quota("previews", 40, timedelta(minutes=5))
"""Of letters: each takes a process of its own a quarter of a second."""
UPLOADS = Quota("uploads", 60)
"""Imports and logos: a whole académie is imported by the command line."""
EMAILS = Quota("staff-emails", 10)
"""Links to confirm an address: each is a mail to whatever address is typed."""
DOWNLOADS = Quota("letters", 30)
"""PDF files of whole campaigns."""
SIGN_ONS = Quota("sign-on", 500, timedelta(minutes=5))
"""Browsers of one network sent to identity providers: a whole académie may share an address."""

TOO_MANY = {
    PREVIEWS: "Vous avez demandé beaucoup d'aperçus de courriers en peu de temps.",
    UPLOADS: "Vous avez envoyé beaucoup de fichiers en une heure. Le dernier n'est pas pris.",
    SIGN_ONS: "Beaucoup de connexions ont été commencées de ce réseau en peu de temps.",
    EMAILS: "Vous avez demandé beaucoup de liens en une heure.",
    DOWNLOADS: "Vous avez téléchargé beaucoup de courriers en une heure.",
}


def use_own(quota: Quota) -> None:
    """Count one more of whoever is logged in, in a transaction of its own, before the work it stands for begins.

    Raises:
        QuotaUsedUp: that was all for now.
    """
    with installation().database.writing() as counting:
        use(counting, quota, str(own_staff().id), clock.now())


def come_later(used_up: QuotaUsedUp) -> str:
    """What was too much, and when to come again."""
    minutes = used_up.minutes(clock.now())
    wait = "une minute" if minutes == 1 else f"{minutes} minutes"
    return f"{TOO_MANY[used_up.quota]} Attendez {wait}, puis recommencez."
