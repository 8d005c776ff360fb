"""« Accès des responsables → Élèves signalés »: parents who say that a student is not theirs."""

from typing import ClassVar

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from admin_app.access import school_id
from admin_app.desk import desk
from admin_app.installation import session
from admin_app.page import Page, expose
from admin_app.ui.forms.of_pages import AnswerForm
from admin_app.ui.populations import OF_GUARDIANS
from shared.accounts.ties.powers import Power
from shared.establishments.wrong_children import (
    PAGE,
    AlreadyAnswered,
    Report,
    ReportNotFound,
    answer_report,
    find_report,
    reports_of,
)
from shared.models.wrong_children import WrongChildAnswer

CHOOSE = "Choisissez une réponse : le lien est retiré, ou il est juste."
ALREADY = "Quelqu'un de l'établissement a répondu pendant ce temps. Sa réponse est ci-dessous ; rien n'a changé."


class WrongChildrenPage(Page):
    """Reports to answer, and those answered."""

    name, path, place, need = "Élèves signalés", "/responsables/signalements", "wrong_children", OF_GUARDIANS.tab
    menu_category = OF_GUARDIANS.category

    powers: ClassVar = {
        "answer": frozenset({Power.SEE_IDENTIFIER}),
    }

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """Those that wait for an answer, or those answered."""
        waiting = request.args.get("traites") is None
        found = reports_of(session(), school_id(), waiting=waiting, before_id=_before(), limit=PAGE + 1)
        reports = found[:PAGE]
        next_id = reports[-1].row.id if len(found) > PAGE else None
        return self.render("admin/wrong_children.html", reports=reports, waiting=waiting, next_id=next_id)

    @expose("/<int:report_id>/")
    def show(self, report_id: int) -> ResponseReturnValue:
        """What the parent says, and the answer to give."""
        return self._page(_find(report_id))

    @expose("/<int:report_id>/", methods=("POST",))
    def answer(self, report_id: int) -> ResponseReturnValue:
        """Answer the parent."""
        report, form = _find(report_id), AnswerForm()
        try:
            chosen = WrongChildAnswer(form.answer.data)
        except ValueError:
            return self._page(report, CHOOSE), 422
        try:
            answer_report(desk(), report_id, chosen, form.words.data)
        except AlreadyAnswered:
            session().rollback()
            return self._page(_find(report_id), ALREADY), 409
        flash(f"{report.guardian.full_name} lira votre réponse dans « Mon compte ».", "success")
        return redirect(url_for("wrong_children.index"), 303)

    def _page(self, report: Report, problem: str | None = None) -> str:
        typed = AnswerForm().words.data or ""
        return self.render("admin/wrong_child.html", report=report, problem=problem, typed=typed)


def _find(report_id: int) -> Report:
    try:
        return find_report(session(), school_id(), report_id)
    except ReportNotFound:
        abort(404)


def _before() -> int | None:
    text = request.args.get("avant", "")
    return int(text[:9]) if text.isascii() and text.isdigit() else None
