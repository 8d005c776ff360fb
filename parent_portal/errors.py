"""What somebody reads when a page cannot be shown: what happened, and what to do."""

from datetime import timedelta

from flask import Flask, g, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import Gone, HTTPException, InternalServerError, SecurityError, TooManyRequests

from parent_portal.installation import installation, let_go
from shared import clock
from shared.accounts.login.mailed_links import LinkRefused
from shared.accounts.without_letter.links import SelfActivationRefused
from shared.limits.policy import TooManyAttempts
from shared.limits.quotas import QuotaUsedUp
from shared.web.telling import foreign_host

Answer = tuple[str, int, dict[str, str]]
_HOUR = 60
"""Minutes."""

SENTENCES = {
    400: (_l("Demande incomplète"), _l("Revenez à la page précédente et recommencez.")),
    403: (_l("Page fermée"), _l("Vous ne pouvez pas ouvrir cette page.")),
    404: (_l("Page introuvable"), _l("Cette page n'existe pas. Vérifiez l'adresse, ou revenez à l'accueil.")),
    405: (_l("Page introuvable"), _l("Cette page ne s'ouvre pas ainsi. Revenez à l'accueil.")),
    413: (_l("Envoi trop lourd"), _l("Ce que vous envoyez est trop long. Raccourcissez et recommencez.")),
    429: (_l("Trop de demandes"), _l("Beaucoup de demandes sont venues d'ici. Recommencez dans une heure.")),
    500: (_l("Un problème de notre côté"), _l("Ce n'est pas votre faute. Recommencez dans quelques minutes.")),
}
STALE_FORM = _l(
    "La page est restée ouverte trop longtemps, ou votre navigateur refuse les cookies. Revenez à l'accueil et "
    "recommencez. Si cela ne marche toujours pas, autorisez les cookies dans les réglages du navigateur, ou prenez un "
    "autre appareil."
)
KEPT_HEADERS = {"Allow", "Retry-After"}


def register_errors(app: Flask) -> None:
    """Answer every error with a page of the portal."""
    app.register_error_handler(HTTPException, _explain)
    app.register_error_handler(InternalServerError, _apologise)
    app.register_error_handler(CSRFError, _explain_stale_form)
    app.register_error_handler(SecurityError, _ignore_other_host)
    app.register_error_handler(TooManyAttempts, _ask_to_wait)
    app.register_error_handler(QuotaUsedUp, _ask_to_come_later)
    app.register_error_handler(LinkRefused, _explain_link)
    app.register_error_handler(SelfActivationRefused, _explain_self_activation)


def _explain(error: HTTPException) -> Answer:
    code = error.code or 500
    title, sentence = SENTENCES.get(code, SENTENCES[400 if code < 500 else 500])
    headers = {name: value for name, value in error.get_headers(request.environ) if name in KEPT_HEADERS}
    return render_template("portal/error.html", title=title, sentence=sentence), code, headers


def _apologise(error: InternalServerError) -> Answer:
    title, sentence = SENTENCES[500]
    return render_template("portal/failure.html", title=title, sentence=sentence), 500, {}


def _explain_stale_form(error: CSRFError) -> Answer:
    g.refusal = f"the form is not one that this browser was given: {error.description}"
    title, _sentence = SENTENCES[400]
    return render_template("portal/error.html", title=title, sentence=STALE_FORM), 400, {}


def _ignore_other_host(_error: SecurityError) -> Answer:
    g.refusal = foreign_host(request.headers.get("Host", ""), installation().settings.public_portal_url)
    # No page: without a host that is ours no address can be made.
    return _("Le portail ne répond pas à cette adresse."), 400, {"Content-Type": "text/plain; charset=utf-8"}


def _explain_link(refused: LinkRefused) -> Answer:
    page = render_template("portal/link_refused.html", reason=_(refused.reason.value), purpose=refused.purpose.value)
    return page, Gone.code, {}


def _explain_self_activation(refused: SelfActivationRefused) -> Answer:
    page = render_template("portal/link_refused.html", reason=_(refused.reason.value), purpose="without_letter")
    return page, Gone.code, {}


def _ask_to_wait(waiting: TooManyAttempts) -> Answer:
    let_go()
    now = clock.now()
    minutes = waiting.minutes(now)
    seconds = int(timedelta(minutes=minutes).total_seconds())
    page = render_template(
        "portal/error.html", title=SENTENCES[429][0], sentence=how_long_to_wait(minutes), forgotten=True
    )
    return page, TooManyRequests.code, {"Retry-After": str(seconds)}


def how_long_to_wait(minutes: int) -> str:
    """In hours from two on, rounded up: nobody counts a day in minutes."""
    if minutes >= 2 * _HOUR:
        hours = -(-minutes // _HOUR)
        return _("Trop d'essais. Attendez %(hours)s heures, puis recommencez.", hours=hours)
    if minutes > 1:
        return _("Trop d'essais. Attendez %(minutes)s minutes, puis recommencez.", minutes=minutes)
    return _("Trop d'essais. Attendez une minute, puis recommencez.")


def _ask_to_come_later(used_up: QuotaUsedUp) -> Answer:
    title, sentence = SENTENCES[429]
    seconds = int((used_up.until - clock.now()).total_seconds()) + 1
    page = render_template("portal/error.html", title=title, sentence=sentence)
    return page, TooManyRequests.code, {"Retry-After": str(seconds)}
