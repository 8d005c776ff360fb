"""« Générer les comptes » (R1–R4): how many, what to look at first, and once confirmed the accounts."""

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from admin_app.access import school_id
from admin_app.areas import OF_GUARDIANS, Area
from admin_app.installation import installation, session, today
from admin_app.page import Page, expose
from admin_app.visitors import actor
from admin_app.words import count
from shared import clock
from shared.accounts.generation import Generated, count_without_account, generate_accounts
from shared.duplicates.detection import count_untreated

DUPLICATES_FIRST = (
    "Des doublons ne sont pas traités : traitez-les d'abord, ou cochez la case pour générer les comptes quand même."
)

WAITING = (
    "Parmi eux, {} que la famille dise sur le portail qu'elle connaît votre établissement : d'ici là, vous ne voyez "
    "rien du compte."
)


class GenerationPage(Page):
    """Accounts for everybody who is entitled to one and has none."""

    name = "Générer les comptes"

    def __init__(self, area: Area) -> None:
        self.area = area
        self.path, self.place, self.need = f"{area.path}/generer", area.place("generation"), area.tab
        self.menu_category = area.category
        super().__init__()

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """What generating would do."""
        return self._show()

    @expose("/", methods=("POST",))
    def generate(self) -> ResponseReturnValue:
        """Do it."""
        if self._untreated() and request.form.get("malgre_doublons") != "oui":
            return self._show(DUPLICATES_FIRST), 422
        now = clock.now()
        generated = generate_accounts(
            session(),
            school_id(),
            self.area.population,
            installation().sealer,
            now=now,
            today=today(now),
            actor=actor(),
        )
        session().commit()
        flash(_in_words(generated), "success")
        return redirect(url_for(f"{self.place}.index"), 303)

    def _untreated(self) -> int:
        return count_untreated(session(), school_id()) if self.area is OF_GUARDIANS else 0

    def _show(self, problem: str | None = None) -> str:
        return self.render(
            "admin/generation.html",
            area=self.area,
            without_account=count_without_account(session(), school_id(), self.area.population, today()),
            untreated=self._untreated(),
            problem=problem,
        )


def _in_words(generated: Generated) -> str:
    if not generated.created and not generated.kept:
        return "Tout le monde avait déjà son compte : rien n'a changé."
    created = f"{count(generated.created, 'compte créé', 'comptes créés')}."
    if not generated.kept:
        return created
    kept = count(generated.kept, "compte conservé", "comptes conservés")
    said = f"{created} {kept} de l'établissement précédent, avec leur identifiant et leur mot de passe."
    if not generated.proposed:
        return said
    return f"{said} {WAITING.format(count(generated.proposed, 'attend', 'attendent'))}"
