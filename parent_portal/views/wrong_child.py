"""« Je ne suis pas le responsable de cet élève »: the parent tells the establishment, which answers."""

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from parent_portal.installation import session
from parent_portal.ui.forms import WrongChildForm
from parent_portal.visitors import caller, own_account
from shared.establishments.wrong_children import ChildNotFound, child_of, report_wrong_child

bp = Blueprint("wrong_child", __name__)


@bp.get("/enfant/<int:student_id>/signaler")
def show(student_id: int) -> str:
    """What the report does, and the form."""
    return _page(WrongChildForm(), student_id)


@bp.post("/enfant/<int:student_id>/signaler")
def report(student_id: int) -> Response | tuple[str, int]:
    """Tell the establishment."""
    form = WrongChildForm()
    if not form.validate_on_submit():
        return _page(form, student_id), 422
    try:
        report_wrong_child(caller(), own_account(), student_id, form.words.data or "")
    except ChildNotFound:
        abort(404)
    flash(_("L'établissement est prévenu. Sa réponse s'affichera dans « Mon compte »."), "success")
    return redirect(url_for("home.show"), 303)


def _page(form: WrongChildForm, student_id: int) -> str:
    try:
        _fiche, student = child_of(session(), own_account(), student_id)
    except ChildNotFound:
        abort(404)
    return render_template("portal/wrong_child.html", form=form, child=student.full_name)
