"""« Académie → Liens ENT »: the list that establishments choose from (R21)."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from admin_app.desk import act
from admin_app.installation import session
from admin_app.tables.kept_list import KeptList, retired_or_not
from admin_app.ui.forms.of_pages import LinkForm
from admin_app.ui.labels import count
from shared.establishments.ent_links import (
    add_ent_link,
    change_ent_link,
    restore_ent_link,
    retire_ent_link,
    schools_by_ent_link,
)
from shared.models.teleservices import EntLink


class EntLinksPage(KeptList):
    """The ENTs of the académie, for its administrators."""

    name, path, place = "Liens ENT prédéfinis", "/academie/liens-ent", "ent_links"
    heading, file_name = "Liens ENT prédéfinis", "liens-ent"
    empty = "La liste est vide : chaque établissement saisit lui-même l'adresse de son ENT."
    model, form = EntLink, LinkForm
    list_template, edit_template, retire_template = (
        "admin/ent_links.html",
        "admin/ent_link.html",
        "admin/ent_link_retire.html",
    )
    column_list = ("label", "url", "schools", "retired_at")
    column_labels: ClassVar = {
        "label": "Libellé",
        "url": "Adresse",
        "schools": "Choisi par",
        "retired_at": "Retiré le",
    }
    column_sortable_list = ("label", "url", "retired_at")
    column_formatters: ClassVar = {"schools": lambda view, context, link, name: _chosen_by(context, link)}
    column_searchable_list = (EntLink.label, EntLink.url)
    column_filters: ClassVar = [retired_or_not(EntLink.retired_at)]
    column_export_list = ("label", "url", "retired_at")
    wide_columns = ("url",)
    changed_meanwhile = (
        "Quelqu'un d'autre a modifié ce lien pendant que vous le regardiez. Voici comment il est maintenant : "
        "vérifiez-le avant de recommencer."
    )
    added = "« {} » est ajouté : les établissements peuvent le choisir."
    changed = "Le lien est modifié."
    retired = "« {} » est retiré de la liste. Vous pouvez l'y remettre, en bas de cette page."
    restored = "« {} » est remis dans la liste."

    def beside(self, rows: Sequence[EntLink]) -> dict[str, Any]:
        """How many establishments show each link."""
        return {"schools": schools_by_ent_link(session())}

    def create_model(self, form: LinkForm) -> EntLink:
        """Add one."""
        return add_ent_link(act(), *form.typed())

    def update_model(self, form: LinkForm, model: EntLink) -> None:
        """Correct it, in every establishment that shows it at once."""
        change_ent_link(act(), model, *form.typed(), form.seen_version())

    def delete_model(self, model: EntLink) -> None:
        """Take it off the list."""
        retire_ent_link(act(), model)

    def restore_model(self, model: EntLink) -> None:
        """Put it back on the list."""
        restore_ent_link(act(), model)


def _chosen_by(context: Mapping[str, Any], link: EntLink) -> str:
    schools: Mapping[int, int] = context["schools"]
    return count(schools.get(link.id, 0), "établissement")
