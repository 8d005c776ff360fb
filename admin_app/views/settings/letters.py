"""« Visualiser et modifier les courriers » (R20)."""

from typing import NamedTuple

from flask import Response, flash, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue

from admin_app.access import school_id
from admin_app.desk import desk
from admin_app.installation import installation, let_go, session, today
from admin_app.page import Page, expose
from admin_app.quotas import PREVIEWS, come_later, use_own
from admin_app.ui.forms.of_pages import LetterTextForm
from admin_app.ui.forms.typed import VersionedForm
from admin_app.ui.labels import LETTER_AUDIENCES, word
from shared.limits.quotas import QuotaUsedUp
from shared.models.letters import LetterKind, LetterPart
from shared.models.staff import Tab
from shared.notifications.content.texts import type_of
from shared.notifications.coupons.sheets import ON_A_PAGE, sheets_of
from shared.notifications.letters.kinds import block_variables, checked_text, delivered_text, inline_variables
from shared.notifications.letters.markup import TAGS, TextRefused, as_typed, cleaned
from shared.notifications.letters.own_texts import current_text, reset_text, set_text
from shared.notifications.letters.pages import OwnTexts, filling
from shared.notifications.letters.preview import invented_family, longest_family, sample_notice, sample_sender
from shared.notifications.letters.renderer import PRESSES, LayoutFailed, Printed
from shared.notifications.letters.texts.changes import changes
from shared.rows.editing import ChangedMeanwhile

LONGEST = "longue"
OVERTAKEN = (
    "Quelqu'un d'autre a modifié ce texte pendant que vous le regardiez. "
    "Voici la version actuelle : vérifiez-la avant de recommencer."
)
# A letter is shown inside the pages that speak of it; anything stricter keeps the browser's own viewer from loading.
SHOWN_IN_OUR_PAGES = {
    "Content-Security-Policy": "frame-ancestors 'self'",
    "X-Frame-Options": "SAMEORIGIN",
}


NAMED = {LetterPart.HEADER: "l'en-tête", LetterPart.BODY: "le corps", LetterPart.COUPON: "le coupon"}


class Chosen(NamedTuple):
    """The part of the letter that the page is about."""

    letter: LetterKind
    part: LetterPart

    @property
    def named(self) -> str:
        """The part, in a sentence."""
        return NAMED[self.part]

    @property
    def title(self) -> str:
        """To whom, about what."""
        return f"{LETTER_AUDIENCES[type_of(self.letter).kind]} : {word(self.letter)}"


class LettersPage(Page):
    """One letter: how it looks, what it says, and what it said at first."""

    name, path, place, need = "Courriers de notification", "/parametrage/courriers", "letters", Tab.SETTINGS
    menu_category, listed = "Paramétrage", False

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """« Visualiser le courrier »: the PDF, in the page."""
        chosen = _chosen()
        current = current_text(session(), school_id(), *chosen)
        return self.render(
            "admin/letter.html", chosen=chosen, longest=request.args.get("famille") == LONGEST, current=current
        )

    @expose("/pdf")
    def pdf(self) -> ResponseReturnValue:
        """The letter as it would be printed today, to an invented family or to the one with most to say."""
        try:
            printed = _sample(_chosen(), longest=request.args.get("famille") == LONGEST)
        except LayoutFailed as failed:
            return _refused(f"Le courrier ne peut pas être mis en page : {failed}.")
        except QuotaUsedUp as used_up:
            return _refused(come_later(used_up), 429)
        return _shown(printed)

    @expose("/modifier")
    def edit(self) -> ResponseReturnValue:
        """« Modifier »: the text, and the variables that can be inserted."""
        return self._form(_chosen())

    @expose("/modifier", methods=("POST",))
    def save(self) -> ResponseReturnValue:
        """Replace the text, when the letter can be printed with it for the family with most to say."""
        chosen, form = _chosen(), LetterTextForm()
        typed = form.text.data
        try:
            printed = _trial(chosen, typed, longest=True)
            set_text(desk(), *chosen, typed, version=form.seen_version())
        except (TextRefused, LayoutFailed) as refused:
            session().rollback()
            return self._form(chosen, typed, _sentence(refused)), 422
        except ChangedMeanwhile:
            session().rollback()
            return self._form(chosen, unsaved=typed, problem=OVERTAKEN), 409
        except QuotaUsedUp as used_up:
            return self._form(chosen, typed, come_later(used_up)), 429
        flash("Le courrier est enregistré : les prochaines notifications l'utiliseront.", "success")
        if chosen.part is not LetterPart.COUPON and printed.pages[0] > 1:
            flash(f"Pour la famille la plus longue, il fait {printed.pages[0]} pages.", "warning")
        return _to("letters.index", chosen)

    @expose("/essai", methods=("POST",))
    def trial(self) -> ResponseReturnValue:
        """« Aperçu »: the letter with the text as it is typed; saves nothing."""
        try:
            return _shown(_trial(_chosen(), LetterTextForm().text.data, longest=False))
        except (TextRefused, LayoutFailed) as refused:
            return _refused(_sentence(refused))
        except QuotaUsedUp as used_up:
            return _refused(come_later(used_up), 429)

    @expose("/verifier", methods=("POST",))
    def check(self) -> ResponseReturnValue:
        """What would keep the text from being saved, while it is typed; nothing is laid out for it."""
        try:
            checked_text(*_chosen(), LetterTextForm().text.data)
        except TextRefused as refused:
            return jsonify(problem=str(refused))
        return jsonify(problem=None)

    @expose("/reinitialiser")
    def ask_reset(self) -> ResponseReturnValue:
        """« Réinitialiser »: what will change, before it does."""
        chosen = _chosen()
        current = current_text(session(), school_id(), *chosen)
        delivered = delivered_text(chosen.letter.value, chosen.part)
        lines = changes(as_typed(current.content), as_typed(delivered))
        return self.render("admin/letter_reset.html", chosen=chosen, current=current, lines=lines)

    @expose("/reinitialiser", methods=("POST",))
    def reset(self) -> ResponseReturnValue:
        """Go back to the words delivered with the software."""
        chosen = _chosen()
        try:
            reset_text(desk(), *chosen, version=VersionedForm().seen_version())
        except ChangedMeanwhile:
            session().rollback()
            flash(OVERTAKEN, "error")
            return _to("letters.ask_reset", chosen)
        flash("Le texte d'origine est rétabli.", "success")
        return _to("letters.index", chosen)

    def _form(
        self, chosen: Chosen, typed: str | None = None, problem: str | None = None, unsaved: str | None = None
    ) -> str:
        current = current_text(session(), school_id(), *chosen)
        return self.render(
            "admin/letter_edit.html",
            chosen=chosen,
            typed=as_typed(current.content) if typed is None else typed,
            html=current.content if typed is None else cleaned(typed),
            is_saved=typed is None,
            tags=sorted(TAGS),
            current=current,
            problem=problem,
            unsaved=unsaved,
            variables={"inline": inline_variables(*chosen), "blocks": block_variables(*chosen)},
        )


def _chosen() -> Chosen:
    return Chosen(
        request.values.get("courrier", LetterKind.GUARDIAN_NEW_ACCOUNT, LetterKind),
        request.values.get("partie", LetterPart.BODY, LetterPart),
    )


def _to(endpoint: str, chosen: Chosen) -> ResponseReturnValue:
    return redirect(url_for(endpoint, courrier=chosen.letter.value, partie=chosen.part.value), 303)


def _trial(chosen: Chosen, typed: str, *, longest: bool) -> Printed:
    content = checked_text(*chosen, typed)
    return _sample(chosen, longest=longest, texts={(chosen.letter.value, chosen.part): content})


def _sample(chosen: Chosen, *, longest: bool, texts: OwnTexts | None = None) -> Printed:
    """The letter, or a page of its coupons."""
    use_own(PREVIEWS)
    letter = chosen.letter
    sent_by = sample_sender(session(), school_id(), installation().settings, today(), texts)
    family = longest_family(session(), school_id(), letter, today()) if longest else invented_family(letter)
    notice = sample_notice(letter, family, today())
    cut = sheets_of([notice] * ON_A_PAGE, sent_by) if chosen.part is LetterPart.COUPON else None
    filled = [] if cut else [filling(notice, sent_by)]
    # Nobody waits for the renderer but who asked.
    let_go()
    with PRESSES.lend() as press:
        return press.coupons(cut) if cut else press.letters(filled)


def _sentence(refused: TextRefused | LayoutFailed) -> str:
    if isinstance(refused, TextRefused):
        return str(refused)
    return f"Avec ce texte, le courrier ne peut pas être mis en page : {refused}. Raccourcissez-le."


def _shown(printed: Printed) -> Response:
    headers = {"Content-Disposition": 'inline; filename="courrier.pdf"', **SHOWN_IN_OUR_PAGES}
    return Response(printed.pdf, content_type="application/pdf", headers=headers)


def _refused(sentence: str, status: int = 422) -> Response:
    return Response(sentence, status=status, content_type="text/plain; charset=utf-8", headers=SHOWN_IN_OUR_PAGES)
