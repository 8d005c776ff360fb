"""« Académie → Catalogue des téléservices » (R25)."""

from collections.abc import Sequence
from typing import ClassVar

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from wtforms import BooleanField, RadioField, SelectMultipleField, StringField, widgets
from wtforms.fields.choices import SelectChoice

from admin_app.desk import act
from admin_app.page import expose
from admin_app.tables.filters import OneOf, one_of_enum
from admin_app.tables.kept_list import KeptList, retired_or_not
from admin_app.templating import day
from admin_app.ui.forms.typed import VersionedForm
from admin_app.ui.labels import word
from shared.establishments.catalogue import (
    LEVELS,
    Described,
    TypedService,
    add_service,
    change_service,
    described,
    move_service,
    restore_service,
    retire_service,
)
from shared.models.teleservices import Audience, Teleservice
from shared.rows.sorted_paging import SortKey

MANDATORY, BY_DEFAULT, CHOSEN = "obligatoire", "defaut", "choix"
OPENINGS = {
    MANDATORY: "Obligatoire",
    BY_DEFAULT: "Ouvert par défaut",
    CHOSEN: "Au choix de l'établissement",
}
CONDITIONS = {
    MANDATORY: Teleservice.mandatory.is_(True),
    BY_DEFAULT: Teleservice.mandatory.is_(False) & Teleservice.open_by_default.is_(True),
    CHOSEN: Teleservice.mandatory.is_(False) & Teleservice.open_by_default.is_(False),
}


class ServiceForm(VersionedForm):
    """What the académie says of a téléservice."""

    label = StringField("Libellé", name="libelle")
    url = StringField("Adresse", name="adresse")
    description = StringField("Description")
    audience = RadioField(
        "Pour qui", name="public", choices=lambda: [SelectChoice(one.value, word(one)) for one in Audience]
    )
    levels = SelectMultipleField(
        "Pour les familles des classes de",
        name="niveaux",
        choices=lambda: list(zip(LEVELS, LEVELS, strict=True)),
        widget=widgets.ListWidget(),
        option_widget=widgets.CheckboxInput(),
    )
    mandatory = BooleanField(
        "Obligatoire : ouvert dans tous les établissements, qui ne peuvent pas le fermer", name="obligatoire"
    )
    open_by_default = BooleanField("Ouvert par défaut : ouvert tant que l'établissement ne le ferme pas", name="ouvert")

    def typed(self) -> Described:
        """As the rules take it.

        Raises:
            SettingRefused: what was typed cannot be.
        """
        return described(
            TypedService(
                label=self.label.data or "",
                address=self.url.data or "",
                description=self.description.data or "",
                audience=self.audience.data or "",
                levels=self.levels.data or (),
                mandatory=self.mandatory.data,
                open_by_default=self.open_by_default.data,
            )
        )


class CataloguePage(KeptList):
    """The téléservices that every establishment finds, for the académie's administrators."""

    name, path, place = "Catalogue des téléservices", "/academie/catalogue", "catalogue"
    heading, file_name = "Catalogue des téléservices", "catalogue"
    empty = "Le catalogue est vide : ajoutez un premier téléservice."
    model, form = Teleservice, ServiceForm
    list_template, edit_template, retire_template = (
        "admin/catalogue.html",
        "admin/catalogue_service.html",
        "admin/catalogue_retire.html",
    )
    column_list = ("label", "url", "audience", "levels", "opening")
    column_labels: ClassVar = {
        "label": "Téléservice",
        "url": "Adresse",
        "audience": "Pour qui",
        "levels": "Classes",
        "opening": "Ouverture",
        "position": "Rang",
        "retired_at": "Retiré le",
        "description": "Description",
    }
    column_formatters: ClassVar = {
        "label": lambda view, context, service, name: Markup("{}<br><small>{}</small>").format(
            service.label, service.description
        ),
        "levels": lambda view, context, service, name: levels_of(service),
        "opening": lambda view, context, service, name: (
            f"Retiré le {day(service.retired_at)}" if service.retired_at else OPENINGS[opening_of(service)]
        ),
    }
    column_formatters_export: ClassVar = {
        "levels": lambda view, context, service, name: levels_of(service),
        "opening": lambda view, context, service, name: OPENINGS[opening_of(service)],
    }
    column_sortable_list = ("label", "url", "audience")
    column_searchable_list = (Teleservice.label, Teleservice.description, Teleservice.url)
    column_filters: ClassVar = [
        one_of_enum("public", "Pour qui", Teleservice.audience, Audience),
        OneOf("ouverture", "Ouverture", OPENINGS.items, lambda value: CONDITIONS[value]),
        retired_or_not(Teleservice.retired_at),
    ]
    column_export_list = ("label", "description", "url", "audience", "levels", "opening", "position", "retired_at")
    wide_columns = ("url",)
    changed_meanwhile = (
        "Quelqu'un d'autre a modifié ce téléservice pendant que vous le regardiez. Voici comment il est maintenant : "
        "vérifiez-le avant de recommencer."
    )
    added = "« {} » est ajouté au catalogue."
    changed = "« {} » est modifié."
    retired = "« {} » est retiré. Vous pouvez le remettre, en bas de cette page."
    restored = "« {} » est remis dans le catalogue."

    def line_order(self) -> Sequence[SortKey]:
        """As families see them."""
        return (SortKey(Teleservice.position),)

    def create_model(self, form: ServiceForm) -> Teleservice:
        """Add a téléservice."""
        return add_service(act(), form.typed())

    def update_model(self, form: ServiceForm, model: Teleservice) -> None:
        """Replace what is said of it, in every establishment at once."""
        change_service(act(), model, form.typed(), form.seen_version())

    def delete_model(self, model: Teleservice) -> None:
        """Take it away from every portal."""
        retire_service(act(), model)

    def restore_model(self, model: Teleservice) -> None:
        """Put it back, as each establishment had it."""
        restore_service(act(), model)

    @expose("/<int:row_id>/deplacer", methods=("POST",))
    def move(self, row_id: int) -> ResponseReturnValue:
        """Exchange it with the one above or below."""
        up = request.form.get("sens") == "haut"
        move_service(act(), self.get_one(row_id), up=up)
        return redirect(url_for("catalogue.index"), 303)


def levels_of(service: Teleservice) -> str:
    """The classes whose families find it: `3e, 2de`."""
    return ", ".join(service.levels) or "Toutes"


def opening_of(service: Teleservice) -> str:
    """How it is opened, as the filter names it."""
    if service.mandatory:
        return MANDATORY
    return BY_DEFAULT if service.open_by_default else CHOSEN
