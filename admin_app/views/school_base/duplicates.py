"""« Base élèves → Doublons »: fiches that are likely one person, and treating them one by one (R11–R13)."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from admin_app.access import school_id
from admin_app.desk import desk
from admin_app.installation import session, today
from admin_app.page import Page, expose
from admin_app.ui.comparison import rows_of
from admin_app.ui.downloads import download, wanted_format
from admin_app.ui.pair_keys import pair_key
from admin_app.ui.print_mode import page_rows
from admin_app.views.school_base.duplicate_decisions import (
    Done,
    asked,
    fused,
    named_apart,
    referred,
    tell,
    undo_asked,
)
from shared import clock
from shared.accounts.ties.powers import Power
from shared.duplicates.fusion.fuse import fuse_fiches
from shared.duplicates.fusion.proposal import candidates, propose
from shared.duplicates.matching.clusters import group_with
from shared.duplicates.pairs.daily_file import duplicates_sheet, listed_duplicates
from shared.duplicates.pairs.queries import (
    BEGINNING,
    Pair,
    Position,
    count_skipped,
    count_untreated,
    likely_duplicates,
    position_of,
)
from shared.duplicates.pairs.skipping import skip_duplicates
from shared.duplicates.standing.decisions import not_a_duplicate, told_apart
from shared.duplicates.standing.errors import FichesNotFound, TooFewFiches, TreatmentRefused
from shared.duplicates.standing.locks import find_guardians, last_import_of_guardians, marks_of
from shared.duplicates.standing.pair_decisions import decided_pairs
from shared.duplicates.standing.protection import Protection, reasons_in_words
from shared.duplicates.standing.referrals import refer_duplicates
from shared.models.fusions import Referral, ReferredFiches
from shared.models.school import Guardian
from shared.models.staff import Tab

PAGE_ROWS = 50
FICHES_SHOWN = 6
"""Side by side; a larger group is treated in several times."""
PAIRS_SHOWN = FICHES_SHOWN * (FICHES_SHOWN - 1) // 2
ALREADY_TREATED = "Ce doublon est déjà traité. En voici un autre."


class DuplicatesPage(Page):
    """The pairs that nobody has treated yet, and one group of them side by side."""

    name, path, place, need = "Doublons responsables", "/base/doublons", "duplicates", Tab.DUPLICATES
    menu_category = "Base élèves"

    powers: ClassVar = {
        "compare": frozenset({Power.SEE_IDENTIFIER, Power.SEE_STATE}),
        "fuse": frozenset({Power.DISABLE}),
        "tell_apart": frozenset({Power.SEE_IDENTIFIER, Power.SEE_STATE}),
        "refer": frozenset({Power.SEE_IDENTIFIER, Power.SEE_STATE}),
        "undo": frozenset({Power.ENABLE}),
    }

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """The pairs, surest first, with the reasons and what speaks against."""
        after, rows = pair_key(request.args.get("apres", "")), page_rows(PAGE_ROWS)
        position = position_of(session(), school_id(), after)
        found = likely_duplicates(session(), school_id(), after=position, limit=rows + 1)
        pairs = found[:rows]
        return self.render(
            "admin/duplicates.html",
            pairs=pairs,
            untreated=count_untreated(session(), school_id()),
            skipped=count_skipped(session(), school_id()),
            is_first=position == BEGINNING,
            next_key="-".join(map(str, pairs[-1].key)) if len(found) > rows else None,
        )

    @expose("/", methods=("POST",))
    def export(self) -> ResponseReturnValue:
        """All of them as a file, in the order in which to treat them, then those left to somebody else (R14)."""
        school = school_id()
        return download(
            "doublons",
            "Doublons probables",
            wanted_format(request.form.get("format")),
            lambda reading: duplicates_sheet(listed_duplicates(reading, school)),
        )

    @expose("/<int:fiche_id>-<int:other_id>/")
    def compare(self, fiche_id: int, other_id: int) -> ResponseReturnValue:
        """Two fiches, and those that other pairs tie to them, side by side."""
        if any(guardian.gone_at is not None for guardian in _find((fiche_id, other_id))):
            flash(ALREADY_TREATED, "info")
            return redirect(_next_address_after(fiche_id, other_id), 303)
        return self._compare(fiche_id, other_id)

    @expose("/<int:fiche_id>-<int:other_id>/", methods=("POST",))
    def fuse(self, fiche_id: int, other_id: int) -> ResponseReturnValue:
        """Make one fiche of those ticked."""
        pair = fiche_id, other_id
        _find(pair)
        form = asked()

        def decide() -> Done:
            fusion = fuse_fiches(desk(), form.wanted)
            return fused(fusion, _find(form.wanted.ids))

        return self._decide(pair, decide)

    @expose("/<int:fiche_id>-<int:other_id>/distincts", methods=("POST",))
    def tell_apart(self, fiche_id: int, other_id: int) -> ResponseReturnValue:
        """« Pas un doublon », for all those ticked."""
        pair = (fiche_id, other_id)
        _find(pair)
        seen = asked().seen

        def decide() -> Done:
            if len(seen) < 2:
                raise TooFewFiches
            decisions = not_a_duplicate(desk(), seen, seen=seen)
            return named_apart(decisions, _find(tuple(seen)))

        return self._decide(pair, decide)

    @expose("/<int:fiche_id>-<int:other_id>/suite", methods=("POST",))
    def refer(self, fiche_id: int, other_id: int) -> ResponseReturnValue:
        """Leave those ticked, all protected, to the parent or to SIECLE."""
        pair = fiche_id, other_id
        _find(pair)
        seen = asked().seen
        referral = _referral(request.form.get("suite", ""))

        def decide() -> Done:
            if len(seen) < 2:
                raise TooFewFiches
            decisions = refer_duplicates(desk(), seen, referral, seen=seen)
            return referred(decisions, _find(tuple(seen)))

        return self._decide(pair, decide)

    @expose("/<int:fiche_id>-<int:other_id>/passer", methods=("POST",))
    def skip(self, fiche_id: int, other_id: int) -> ResponseReturnValue:
        """Leave what is shown for the end of the list."""
        pair = (fiche_id, other_id)
        _find(pair)
        group = _group(likely_duplicates(session(), school_id(), limit=None), fiche_id, other_id)
        position = position_of(session(), school_id(), pair)
        skip_duplicates(desk(), group)
        return redirect(_next_address(position, group), 303)

    @expose("/<int:fiche_id>-<int:other_id>/annuler", methods=("POST",))
    def undo(self, fiche_id: int, other_id: int) -> ResponseReturnValue:
        """Undo what was just decided of a pair, and show it again."""
        _find((fiche_id, other_id))
        try:
            done = undo_asked(clock.now())
        except FichesNotFound:
            abort(404)
        except TreatmentRefused as refused:
            session().rollback()
            flash(str(refused), "error")
        else:
            flash(done, "success")
        return redirect(url_for("duplicates.compare", fiche_id=fiche_id, other_id=other_id), 303)

    def _decide(self, pair: tuple[int, int], decide: Callable[[], Done]) -> ResponseReturnValue:
        """Take a decision and go on to the pair that follows this one, or show it again with what speaks against."""
        position = position_of(session(), school_id(), pair)
        try:
            done = decide()
        except FichesNotFound:
            abort(404)
        except TreatmentRefused as refused:
            return self._refused(*pair, refused)
        tell(pair, done)
        return redirect(_next_address(position, pair), 303)

    def _refused(self, fiche_id: int, other_id: int, refused: TreatmentRefused) -> ResponseReturnValue:
        session().rollback()
        if any(guardian.gone_at is not None for guardian in _find((fiche_id, other_id))):
            flash(str(refused), "error")
            return redirect(_next_address_after(fiche_id, other_id), 303)
        return self._compare(fiche_id, other_id, str(refused)), 409

    def _compare(self, fiche_id: int, other_id: int, problem: str | None = None) -> str:
        pairs = likely_duplicates(session(), school_id(), limit=None)
        group = _group(pairs, fiche_id, other_id)
        guardians = _find(group)
        known = candidates(session(), guardians, today())
        columns = [known[guardian.id] for guardian in guardians]
        [proposal] = propose([columns])
        shown = [pair for pair in pairs if {*pair.key} <= {*group}]
        return self.render(
            "admin/duplicate.html",
            columns=columns,
            rows=rows_of(proposal, columns, {}),
            proposal=proposal,
            reasons_in_words=reasons_in_words,
            last_import=last_import_of_guardians(session(), school_id()),
            newest_id=max(group),
            kept_id=proposal.wanted.kept_id,
            pairs=shown,
            decided=None if shown else _decided(group),
            accounts_can_merge=sum(Protection.ACTIVATED in one.protections for one in columns) > 1,
            shown_from=(fiche_id, other_id),
            marks=marks_of(session(), guardians),
            untreated=len(pairs),
            skipped=sum(pair.times_skipped > 0 for pair in pairs),
            problem=problem,
        )


def _find(ids: Sequence[int]) -> list[Guardian]:
    try:
        return find_guardians(session(), school_id(), ids)
    except FichesNotFound:
        abort(404)


def _referral(value: str) -> Referral:
    try:
        return Referral(value)
    except ValueError:
        abort(400)


def _group(pairs: Sequence[Pair], fiche_id: int, other_id: int) -> tuple[int, ...]:
    """The fiches to show beside these two: those that pairs tie to them."""
    group = group_with([*(pair.key for pair in pairs), (fiche_id, other_id)], fiche_id)
    return group if len(group) <= FICHES_SHOWN else (fiche_id, other_id)


def _decided(group: Sequence[int]) -> str | None:
    """Why fiches are not, or no longer, in the list of duplicates to treat; none when nothing was decided."""
    if decided_pairs(session(), ReferredFiches, school_id(), group):
        return "Cette paire est dans « À suivre » : elle se règle par le parent ou dans SIECLE."
    if told_apart(session(), school_id(), group):
        return "Ces fiches ont été déclarées « pas un doublon »."
    return None


def _next_address_after(fiche_id: int, other_id: int) -> str:
    pair = (fiche_id, other_id)
    return _next_address(position_of(session(), school_id(), pair), pair)


def _next_address(after: Position, shown: Sequence[int]) -> str:
    """The pair that follows in the list, else the first one left, else the list; not one of the fiches just shown."""
    for start in (after, BEGINNING):
        for following in likely_duplicates(session(), school_id(), after=start, limit=PAIRS_SHOWN + 1):
            if not {*following.key} <= {*shown}:
                fiche_id, other_id = following.key
                return url_for("duplicates.compare", fiche_id=fiche_id, other_id=other_id)
    return url_for("duplicates.index")
