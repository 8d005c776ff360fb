"""« Générer les comptes » (R1–R4): how many, what to look at first, and once confirmed the accounts."""

from typing import ClassVar

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from admin_app.access import school_id
from admin_app.desk import desk
from admin_app.installation import installation, session, today
from admin_app.page import Page, expose
from admin_app.ui.labels import count
from admin_app.ui.populations import OF_GUARDIANS, Area
from shared.accounts.directory.generation import Generated, count_without_account, generate_accounts
from shared.accounts.ties.powers import Power
from shared.duplicates.pairs.queries import count_untreated
from shared.siecle.effects.unaccompanied import count_without_legal_guardian

DUPLICATES_FIRST = (
    "Des doublons ne sont pas traités : traitez-les d'abord, ou cochez la case pour générer les comptes quand même."
)

WAITING = (
    "Le portail leur demande, à leur prochaine connexion, si elles connaissent votre établissement : d'ici là, vous ne "
    "voyez rien de ce compte et vous pouvez seulement leur rappeler qu'il existe."
)


class GenerationPage(Page):
    """Accounts for everybody who is entitled to one and has none."""

    name = "Générer les comptes"

    powers: ClassVar = {
        "generate": frozenset({Power.SEE_PROPOSAL}),
    }

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
        """Generate the accounts, unless likely duplicates are to be treated first."""
        if self._untreated() and request.form.get("malgre_doublons") != "oui":
            return self._show(DUPLICATES_FIRST), 422
        generated = generate_accounts(desk(), self.area.population, installation().sealer)
        flash(_in_words(generated), "success")
        return redirect(url_for(f"{self.place}.index"), 303)

    def _untreated(self) -> int:
        return count_untreated(session(), school_id()) if self.area is OF_GUARDIANS else 0

    def _unaccompanied(self) -> int:
        is_of_guardians = self.area is OF_GUARDIANS
        return count_without_legal_guardian(session(), school_id(), today()) if is_of_guardians else 0

    def _show(self, problem: str | None = None) -> str:
        return self.render(
            "admin/generation.html",
            area=self.area,
            without_account=count_without_account(session(), school_id(), self.area.population, today()),
            untreated=self._untreated(),
            unaccompanied=self._unaccompanied(),
            problem=problem,
        )


def _in_words(generated: Generated) -> str:
    if not generated.created and not generated.kept:
        return "Tout le monde avait déjà son compte : rien n'a changé."
    said = [f"{count(generated.created, 'compte créé', 'comptes créés')}."]
    if handed := generated.kept - generated.proposed:
        kept = count(handed, "compte conservé", "comptes conservés")
        said.append(f"{kept} de l'établissement précédent, avec leur identifiant et leur mot de passe.")
    if generated.proposed:
        have = count(generated.proposed, "personne a", "personnes ont")
        said.append(f"{have} déjà un compte dans un autre établissement. {WAITING}")
    return " ".join(said)
