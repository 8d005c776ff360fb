"""Choosing the language of the pages and of the mails."""

import flask
from flask import Blueprint, current_app, redirect, request, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect
from werkzeug.wrappers import Response

from parent_portal.access import to_own_page
from parent_portal.language import LANGUAGE, remember
from parent_portal.visitors import caller, visitor
from shared.accounts.holder.language import choose_language
from shared.languages import known_language

bp = Blueprint("language", __name__)


@bp.post("/langue")
def choose() -> Response:
    """Keep the language for this browser, and for the account logged in; a language that is none changes nothing."""
    language = known_language(request.form.get("language"))
    back = _way_back(request.form.get("here", ""))
    if language is None:
        return back
    known = visitor()
    if known is not None:
        choose_language(caller(), known.account, language)
        flask.session[LANGUAGE] = language.code
    return remember(back, language)


def _way_back(path: str) -> Response:
    """To the page of ours that `path` names, made anew from its name so that it can lead nowhere else."""
    try:
        endpoint, values = current_app.create_url_adapter(request).match(path, method="GET")  # type: ignore[union-attr]  # there is a request
    except (HTTPException, RequestRedirect):
        return to_own_page()
    return redirect(url_for(endpoint, **values), 303)
