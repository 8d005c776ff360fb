"""« Base élèves → Doublons »: fiches that are likely one person, and treating them one by one (R11–R13)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from admin_app.access import school_id
from admin_app.installation import session, today
from admin_app.page import Page, expose
from admin_app.ui.comparison import rows_of
from admin_app.ui.downloads import download, wanted_format
from admin_app.ui.pair_keys import FIRST_PAGE, is_number, pair_key
from admin_app.ui.print_mode import page_rows
from admin_app.visitors import actor
from shared import clock
from shared.accounts.ties.powers import Power
from shared.duplicates.fusion.fuse import Wanted, fuse_fiches
from shared.duplicates.fusion.proposal import candidates, propose
from shared.duplicates.matching.clusters import group_with
from shared.duplicates.pairs.daily_file import duplicates_sheet
from shared.duplicates.pairs.queries import Pair, count_untreated, likely_duplicates
from shared.duplicates.standing.decisions import not_a_duplicate
from shared.duplicates.standing.errors import FichesNotFound, TooFewFiches, TreatmentRefused
from shared.duplicates.standing.locks import find_guardians, last_import_of_guardians, marks_of
from shared.duplicates.standing.protection import reasons_in_words
from shared.duplicates.standing.records import PARTS
from shared.models.school import Guardian
from shared.models.staff import Tab

PAGE_ROWS = 50
FICHES_SHOWN = 6
"""Side by side; a larger group is treated in several times."""
DONE = Markup('Fusion n° {} faite. Elle peut être annulée : <a href="{}" data-key="a">annuler cette fusion</a>.')
ALREADY_TREATED = "Ce doublon est déjà traité. En voici un autre."


@dataclass(frozen=True)
class Asked:
    """What a form asked for."""

    kept_id: int
    choices: Mapping[str, int]
    seen: Mapping[int, str]
    """The fiches ticked, each with the mark of what was shown."""

    @property
    def wanted(self) -> Wanted:
        """The fusion of the fiches ticked, into the one to keep.

        Raises:
            TooFewFiches: there is nothing to fuse, or the one to keep is not ticked.
        """
        absorbed = tuple(number for number in self.seen if number != self.kept_id)
        if not absorbed or self.kept_id not in self.seen:
            raise TooFewFiches
        choices = {name: number for name, number in self.choices.items() if number in self.seen}
        return Wanted(self.kept_id, absorbed, choices, self.seen)


class DuplicatesPage(Page):
    """The pairs that nobody has treated yet, and one group of them side by side."""

    name, path, place, need = "Doublons responsables", "/base/doublons", "duplicates", Tab.DUPLICATES
    menu_category = "Base élèves"

    powers: ClassVar = {
        "compare": frozenset({Power.SEE_IDENTIFIER, Power.SEE_STATE}),
        "fuse": frozenset({Power.DISABLE}),
        "tell_apart": frozenset({Power.SEE_IDENTIFIER, Power.SEE_STATE}),
    }

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """The pairs, surest first, with the reasons and what speaks against."""
        after, rows = pair_key(request.args.get("apres", "")), page_rows(PAGE_ROWS)
        found = likely_duplicates(session(), school_id(), after=after, limit=rows + 1)
        pairs = found[:rows]
        return self.render(
            "admin/duplicates.html",
            pairs=pairs,
            untreated=count_untreated(session(), school_id()),
            is_first=after == FIRST_PAGE,
            next_key="-".join(map(str, pairs[-1].key)) if len(found) > rows else None,
        )

    @expose("/", methods=("POST",))
    def export(self) -> ResponseReturnValue:
        """All of them as a file, in the order in which to treat them (R14)."""
        school = school_id()
        return download(
            "doublons",
            "Doublons probables",
            wanted_format(request.form.get("format")),
            lambda reading: duplicates_sheet(likely_duplicates(reading, school, limit=None)),
        )

    @expose("/<int:fiche_id>-<int:other_id>/")
    def compare(self, fiche_id: int, other_id: int) -> ResponseReturnValue:
        """Two fiches, and those that other pairs tie to them, side by side."""
        if any(guardian.gone_at is not None for guardian in _find((fiche_id, other_id))):
            flash(ALREADY_TREATED, "info")
            return redirect(_next_address((fiche_id, other_id)), 303)
        return self._compare(fiche_id, other_id)

    @expose("/<int:fiche_id>-<int:other_id>/", methods=("POST",))
    def fuse(self, fiche_id: int, other_id: int) -> ResponseReturnValue:
        """Make one fiche of those ticked."""
        _find((fiche_id, other_id))
        asked, now = _asked(), clock.now()
        try:
            fusion = fuse_fiches(session(), school_id(), asked.wanted, now=now, today=today(now), actor=actor())
        except FichesNotFound:
            abort(404)
        except TreatmentRefused as refused:
            return self._refused(fiche_id, other_id, refused)
        session().commit()
        undo = url_for("duplicate_history.ask_undo", fusion_id=fusion.id)
        flash(DONE.format(fusion.id, undo), "success")
        return redirect(_next_address((fiche_id, other_id)), 303)

    @expose("/<int:fiche_id>-<int:other_id>/distincts", methods=("POST",))
    def tell_apart(self, fiche_id: int, other_id: int) -> ResponseReturnValue:
        """« Pas un doublon », for all those ticked."""
        _find((fiche_id, other_id))
        seen = _asked().seen
        try:
            if len(seen) < 2:
                raise TooFewFiches
            not_a_duplicate(session(), school_id(), seen, seen=seen, now=clock.now(), actor=actor())
        except FichesNotFound:
            abort(404)
        except TreatmentRefused as refused:
            return self._refused(fiche_id, other_id, refused)
        session().commit()
        flash(
            "C'est noté : ces fiches sont celles de personnes différentes, elles ne seront plus proposées.", "success"
        )
        return redirect(_next_address((fiche_id, other_id)), 303)

    def _refused(self, fiche_id: int, other_id: int, refused: TreatmentRefused) -> ResponseReturnValue:
        session().rollback()
        if any(guardian.gone_at is not None for guardian in _find((fiche_id, other_id))):
            flash(str(refused), "error")
            return redirect(_next_address((fiche_id, other_id)), 303)
        return self._compare(fiche_id, other_id, str(refused)), 409

    def _compare(self, fiche_id: int, other_id: int, problem: str | None = None) -> str:
        pairs = likely_duplicates(session(), school_id(), limit=None)
        group = _group(pairs, fiche_id, other_id)
        guardians = _find(group)
        known = candidates(session(), guardians, today())
        columns = [known[guardian.id] for guardian in guardians]
        [proposal] = propose([columns])
        return self.render(
            "admin/duplicate.html",
            columns=columns,
            rows=rows_of(proposal, columns, {}),
            proposal=proposal,
            reasons_in_words=reasons_in_words,
            last_import=last_import_of_guardians(session(), school_id()),
            newest_id=max(group),
            kept_id=proposal.wanted.kept_id,
            pairs=[pair for pair in pairs if {*pair.key} <= {*group}],
            shown_from=(fiche_id, other_id),
            marks=marks_of(session(), guardians),
            untreated=len(pairs),
            next_address=_next_address((fiche_id, other_id)),
            problem=problem,
        )


def _find(ids: Sequence[int]) -> list[Guardian]:
    try:
        return find_guardians(session(), school_id(), ids)
    except FichesNotFound:
        abort(404)


def _group(pairs: Sequence[Pair], fiche_id: int, other_id: int) -> tuple[int, ...]:
    """The fiches to show beside these two: those that pairs tie to them."""
    group = group_with([*(pair.key for pair in pairs), (fiche_id, other_id)], fiche_id)
    return group if len(group) <= FICHES_SHOWN else (fiche_id, other_id)


def _asked() -> Asked:
    ticked = [value.partition("-") for value in request.form.getlist("fiche")]
    choices = {name: request.form.get(f"partie-{name}", 0, int) for name in PARTS}
    seen = {int(number): mark for number, _, mark in ticked if is_number(number)}
    return Asked(request.form.get("garde", 0, int), choices, seen)


def _next_address(after: tuple[int, int]) -> str:
    """The pair that follows in the list, else the first one left, else the list."""
    for start in (after, FIRST_PAGE):
        following = next(iter(likely_duplicates(session(), school_id(), after=start, limit=1)), None)
        if following is not None and following.key != after:
            fiche_id, other_id = following.key
            return url_for("duplicates.compare", fiche_id=fiche_id, other_id=other_id)
    return url_for("duplicates.index")
