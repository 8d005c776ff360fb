"""A list that the académie keeps for every school: its lines are added, corrected, retired, put back by rules."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_admin.actions import action
from sqlalchemy import SQLColumnExpression, case

from admin_app.access import Need
from admin_app.installation import session
from admin_app.tables.filters import OneOf
from admin_app.tables.view import TableView
from admin_app.ui.forms.typed import VersionedForm
from shared.establishments.settings import SettingRefused
from shared.rows.editing import ChangedMeanwhile
from shared.rows.sorted_paging import SortKey

LISTED, RETIRED = "listes", "retires"


def retired_or_not(retired_at: SQLColumnExpression[Any]) -> OneOf:
    """The filter that keeps the lines that can be chosen, or those that were retired."""
    return OneOf(
        "etat",
        "État",
        lambda: [(LISTED, "Dans la liste"), (RETIRED, "Retirés")],
        lambda value: retired_at.is_not(None) if value == RETIRED else retired_at.is_(None),
    )


class KeptList(TableView):
    """One list. A subclass says its form and, for each thing that is done to a line, its rule and its sentences.

    A retired line stays: who had chosen it keeps it, and it can be put back.
    """

    need = Need.ACADEMY
    menu_category = "Académie"
    column_display_actions = True
    form: type[VersionedForm]
    model: Any
    """Lines have a `label`, a `version`, and `retired_at`, since when they are retired."""
    edit_template: ClassVar[str]
    retire_template: ClassVar[str]
    changed_meanwhile: ClassVar[str]
    added: ClassVar[str]
    """What is said once it is done; `{}` is the label of the line. So are the three below."""
    changed: ClassVar[str]
    retired: ClassVar[str]
    restored: ClassVar[str]

    @abstractmethod
    def create_model(self, form: VersionedForm) -> Any:
        """Add a line, by its rule.

        Raises:
            SettingRefused: the rule refuses it.
        """

    @abstractmethod
    def update_model(self, form: VersionedForm, model: Any) -> None:
        """Correct a line, by its rule.

        Raises:
            SettingRefused: the rule refuses it.
            ChangedMeanwhile: somebody else changed it since it was shown.
        """

    @abstractmethod
    def delete_model(self, model: Any) -> None:
        """Retire a line, by its rule."""

    @abstractmethod
    def restore_model(self, model: Any) -> None:
        """Put a line back, by its rule."""

    def title_of(self, row: Any) -> str:
        """How a line is named in a sentence."""
        return f"« {row.label} »"

    def usual_order(self) -> Sequence[SortKey]:
        """Those that can be chosen first."""
        return (SortKey(case((self.model.retired_at.is_(None), 0), else_=1)), *self.line_order())

    def line_order(self) -> Sequence[SortKey]:
        """How lines follow each other."""
        return (SortKey(self.model.label),)

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """The list, and a form to add to it."""
        return self._list(self.form(formdata=None))

    @expose("/", methods=("POST",))
    def add(self) -> ResponseReturnValue:
        """Add a line."""
        form = self.form()
        try:
            line = self.create_model(form)
        except SettingRefused as refused:
            session().rollback()
            return self._list(form, refused.problem.value), 422
        return self._said(self.added, line)

    @expose("/<int:row_id>/")
    def edit(self, row_id: int) -> ResponseReturnValue:
        """One line, ready to be corrected."""
        return self._edit(row_id)

    @expose("/<int:row_id>/", methods=("POST",))
    def change(self, row_id: int) -> ResponseReturnValue:
        """Correct it, in every establishment at once."""
        line, form = self.get_one(row_id), self.form()
        try:
            self.update_model(form, line)
        except SettingRefused as refused:
            session().rollback()
            return self._edit(row_id, refused.problem.value, form), 422
        except ChangedMeanwhile:
            session().rollback()
            return self._edit(row_id, self.changed_meanwhile), 409
        return self._said(self.changed, line)

    @expose("/<int:row_id>/retirer")
    def ask_retire(self, row_id: int) -> ResponseReturnValue:
        """What retiring it will change, before it is done."""
        line = self.get_one(row_id)
        return self.render(self.retire_template, line=line, **self.beside([line]))

    @expose("/<int:row_id>/retirer", methods=("POST",))
    def retire(self, row_id: int) -> ResponseReturnValue:
        """Take it off the list."""
        line = self.get_one(row_id)
        self.delete_model(line)
        return self._said(self.retired, line)

    @expose("/<int:row_id>/remettre", methods=("POST",))
    def restore(self, row_id: int) -> ResponseReturnValue:
        """Put it back on the list."""
        line = self.get_one(row_id)
        self.restore_model(line)
        return self._said(self.restored, line)

    @action("retirer", "Retirer", "Vous pourrez les remettre un par un.")
    def retire_ticked(self, lines: Sequence[Any]) -> None:
        """Take all of them off the list."""
        for line in lines:
            self.delete_model(line)
        flash(f"Retirés de la liste : {', '.join(map(self.title_of, lines))}.", "success")

    def _list(self, form: VersionedForm, refusal: str | None = None) -> str:
        self._template_args.update(form=form, refusal=refusal)
        return self.index_view()

    def _edit(self, row_id: int, refusal: str | None = None, form: VersionedForm | None = None) -> str:
        line = self.get_one(row_id)
        form = form or self.form(formdata=None, obj=line)
        return self.render(self.edit_template, line=line, form=form, refusal=refusal, **self.beside([line]))

    def _said(self, sentence: str, line: Any) -> ResponseReturnValue:
        flash(sentence.format(line.label), "success")
        return redirect(url_for(f"{self.place}.index"), 303)
