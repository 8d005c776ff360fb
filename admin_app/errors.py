"""What staff read when a page cannot be shown: what happened, and what to do."""

from flask import Flask, g, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, InternalServerError, SecurityError, TooManyRequests

from admin_app.access import OtherSchoolChosen
from admin_app.installation import installation, let_go, session
from admin_app.quotas import come_later
from shared import clock
from shared.accounts.credentials.sealing import SealBroken
from shared.limits.policy import TooManyAttempts
from shared.limits.quotas import QuotaUsedUp
from shared.spreadsheets import TooManyRows
from shared.web.telling import foreign_host

Answer = tuple[str, int, dict[str, str]]

SENTENCES = {
    400: ("Demande incomplète", "Revenez à la page précédente et recommencez."),
    403: (
        "Onglet fermé",
        "Cet onglet ne vous est pas ouvert. Le chef d'établissement peut vous le déléguer.",
    ),
    404: (
        "Page introuvable",
        "Cette page n'existe pas, ou ce qu'elle montrait n'est pas dans l'établissement où vous travaillez.",
    ),
    405: ("Page introuvable", "Cette page ne s'ouvre pas ainsi. Passez par le menu."),
    413: (
        "Envoi trop lourd",
        "Ce que vous envoyez est trop lourd : 5 Mo au plus pour un logo, 200 Mo pour des fichiers SIECLE. "
        "Envoyez ces zips tels qu'ils ont été téléchargés, en plusieurs fois s'il le faut.",
    ),
    429: ("Trop de demandes", "Attendez quelques minutes, puis recommencez."),
    500: ("Un problème de notre côté", "Ce n'est pas votre faute, et rien n'a été enregistré."),
}
STALE_FORM = (
    "La page est restée ouverte trop longtemps, ou votre navigateur refuse les cookies. Rien n'a été enregistré : "
    "rouvrez la page par le menu et recommencez."
)
OTHER_SCHOOL = (
    "Cette page était ouverte pour un autre établissement que celui où vous travaillez maintenant. Rien n'a été "
    "enregistré : vérifiez l'établissement affiché en haut, puis rouvrez la page par le menu."
)
KEPT_HEADERS = {"Allow", "Retry-After"}


def register_errors(app: Flask) -> None:
    """Answer every error with a page of the back office."""
    app.register_error_handler(HTTPException, _explain)
    app.register_error_handler(InternalServerError, _apologise)
    app.register_error_handler(CSRFError, _explain_stale_form)
    app.register_error_handler(OtherSchoolChosen, _explain_other_school)
    app.register_error_handler(SecurityError, _ignore_other_host)
    app.register_error_handler(TooManyAttempts, _ask_to_wait)
    app.register_error_handler(QuotaUsedUp, _ask_to_come_later)
    app.register_error_handler(TooManyRows, _refuse_file)
    app.register_error_handler(SealBroken, _say_that_the_key_is_lost)


def _page(code: int, title: str, sentence: str, headers: dict[str, str] | None = None) -> Answer:
    return render_template("admin/error.html", title=title, sentence=sentence), code, headers or {}


def _explain(error: HTTPException) -> Answer:
    code = error.code or 500
    title, sentence = SENTENCES.get(code, SENTENCES[400 if code < 500 else 500])
    headers = {name: value for name, value in error.get_headers(request.environ) if name in KEPT_HEADERS}
    return _page(code, title, sentence, headers)


def _apologise(_error: InternalServerError) -> Answer:
    title, sentence = SENTENCES[500]
    # No menu: what it asks may be what failed.
    return render_template("admin/failure.html", title=title, sentence=sentence), 500, {}


def _explain_stale_form(error: CSRFError) -> Answer:
    g.refusal = f"the form is not one that this browser was given: {error.description}"
    return _page(400, SENTENCES[400][0], STALE_FORM)


def _explain_other_school(_error: OtherSchoolChosen) -> Answer:
    g.refusal = "the form was shown for another establishment than the one chosen now"
    return _page(409, "Autre établissement", OTHER_SCHOOL)


def _ignore_other_host(_error: SecurityError) -> Answer:
    g.refusal = foreign_host(request.headers.get("Host", ""), installation().settings.public_admin_url)
    # No page: without a host that is ours no address can be made.
    return "L'administration ne répond pas à cette adresse.", 400, {"Content-Type": "text/plain; charset=utf-8"}


def _refuse_file(refused: TooManyRows) -> Answer:
    return _page(422, "Fichier trop grand", str(refused))


def _say_that_the_key_is_lost(broken: SealBroken) -> Answer:
    session().rollback()
    return _page(409, "Clé absente", f"{broken} Rien n'a été changé.")


def _ask_to_come_later(used_up: QuotaUsedUp) -> Answer:
    headers = {"Retry-After": str(60 * used_up.minutes(clock.now()))}
    return _page(TooManyRequests.code, SENTENCES[429][0], come_later(used_up), headers)


def _ask_to_wait(waiting: TooManyAttempts) -> Answer:
    let_go()
    minutes = waiting.minutes(clock.now())
    wait = "une minute" if minutes == 1 else f"{minutes} minutes"
    sentence = f"Trop d'essais de connexion. Attendez {wait}, puis recommencez."
    return _page(TooManyRequests.code, SENTENCES[429][0], sentence, {"Retry-After": str(60 * minutes)})
