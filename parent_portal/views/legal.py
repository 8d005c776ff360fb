"""What the law asks a site to say: how accessible it is, what it does with data, and who runs it. For everybody."""

from flask import Blueprint, render_template

from parent_portal.installation import installation
from parent_portal.ui.accessibility import FOOTER_WORDS, NOT_ACCESSIBLE, STATE_WORDS

bp = Blueprint("legal", __name__)


@bp.get("/accessibilite")
def accessibility() -> str:
    """The declaration that the RGAA asks for."""
    settings = installation().settings
    return render_template(
        "portal/accessibility.html",
        legal=settings,
        state=STATE_WORDS[settings.conformity],
        not_accessible=NOT_ACCESSIBLE,
    )


@bp.get("/donnees")
def data() -> str:
    """What is kept, why, for how long, and how one has a say in it."""
    return render_template("portal/data.html", legal=installation().settings)


@bp.get("/mentions")
def mentions() -> str:
    """Who publishes and who hosts."""
    return render_template("portal/mentions.html", legal=installation().settings)


@bp.app_context_processor
def conformity() -> dict[str, str]:
    """The state of accessibility, which each page says at its foot."""
    return {"accessibility_words": FOOTER_WORDS[installation().settings.conformity]}
