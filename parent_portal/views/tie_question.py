"""« Est-ce bien vous ? »: a question of the portal for each establishment that says it knows the holder (R4)."""

import flask
from babel.lists import format_list
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from parent_portal.installation import session, today
from parent_portal.visitors import LATER, QUESTION, caller, look_for_question, own_account
from shared import clock
from shared.accounts.ties.questions import Question, answer_question, questions_of
from shared.accounts.ties.settling import TieSettled

bp = Blueprint("tie_question", __name__)


@bp.get("/rattachement")
def show() -> Response | str:
    """The first question; none leads back home."""
    asked = questions_of(session(), own_account(), today(clock.now()))
    if not asked:
        flask.session.pop(QUESTION, None)
        return redirect(url_for("home.show"), 303)
    return render_template("portal/tie_question.html", question=asked[0], sentence=_sentence(asked[0]))


@bp.post("/rattachement/<int:tie_id>")
def answer(tie_id: int) -> Response:
    """« Oui », « Non », or later; anything else is later too."""
    given = request.form.get("answer")
    if given not in {"yes", "no"}:
        flask.session[QUESTION] = LATER
        return redirect(url_for("home.show"), 303)
    now, account = clock.now(), own_account()
    try:
        asked = answer_question(caller(), account, tie_id, known=given == "yes", today=today(now))
    except TieSettled:
        session().rollback()
        flash(_("Cette question a déjà sa réponse."), "info")
    else:
        if given == "yes":
            flash(_("%(school)s est ajouté à votre compte.", school=asked.school), "success")
        else:
            flash(_("C'est noté : %(school)s ne verra rien de votre compte.", school=asked.school), "success")
    look_for_question(account)
    return redirect(url_for("home.show"), 303)


def _sentence(question: Question) -> str:
    if not question.children:
        return _("L'établissement %(school)s vous connaît comme élève : est-ce bien vous ?", school=question.school)
    return _(
        "L'établissement %(school)s vous connaît comme responsable de %(children)s : est-ce bien vous ?",
        school=question.school,
        children=format_list(list(question.children), locale=get_locale()),
    )
