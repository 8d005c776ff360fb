"""What the law asks a site to say: settings that only whoever runs it can fill, and how far it is accessible."""

import enum

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings

from shared.settings.values import OptionalText

LONGEST_LEGAL_LINE = 500
LINES = (
    *("legal_publisher", "legal_address", "legal_director", "legal_contact"),
    *("legal_hosting", "legal_dpo", "legal_basis"),
)
HALF = 50
EVERY_CRITERION = 100


class Conformity(enum.StrEnum):
    """How far pages follow the RGAA, in the three words of the law."""

    TOTAL = "total"
    PARTIAL = "partial"
    NONE = "none"
    """Less than half of the criteria, or nobody knows: no audit was made."""


class LegalSettings(BaseSettings):
    """What the pages « Accessibilité », « Données personnelles » and « Mentions légales » show; each may be missing."""

    legal_publisher: OptionalText = None
    """The body that runs this installation."""
    legal_address: OptionalText = None
    legal_director: OptionalText = None
    """Who answers for what is published."""
    legal_contact: OptionalText = None
    """Where a family writes: an e-mail address, or a telephone."""
    legal_hosting: OptionalText = None
    """Who hosts the machines: name, address, telephone."""
    legal_dpo: OptionalText = None
    """How the data protection officer is reached."""
    legal_basis: OptionalText = None
    """What allows the processing: the text, as the register says it."""
    legal_accessibility_rate: int | None = Field(default=None, ge=0, le=EVERY_CRITERION)
    """Criteria of the RGAA that an audit found kept, in hundredths; none where no audit was made."""

    @field_validator(*LINES)
    @classmethod
    def _one_line(cls, value: str | None) -> str | None:
        if value is not None and not value.isprintable():
            raise ValueError("doit tenir en une ligne")
        if value is not None and len(value) > LONGEST_LEGAL_LINE:
            raise ValueError(f"est trop long : {LONGEST_LEGAL_LINE} signes au plus")
        return value

    @property
    def legal_unfilled(self) -> list[str]:
        """The settings that nobody filled, by name."""
        return [name.upper() for name in LINES if getattr(self, name) is None]

    @property
    def conformity(self) -> Conformity:
        """What may be said of accessibility."""
        rate = self.legal_accessibility_rate
        if rate == EVERY_CRITERION:
            return Conformity.TOTAL
        return Conformity.NONE if rate is None or rate < HALF else Conformity.PARTIAL
