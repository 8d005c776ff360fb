"""What the académie decides for everybody: one row, or none while nothing was decided."""

import enum

from sqlalchemy import CheckConstraint, true
from sqlalchemy.orm import Mapped, mapped_column

from shared.database import Base
from shared.models.columns import one_of


class FactorRequired(enum.StrEnum):
    """Of whom a second factor is required, beside the administrators of the académie."""

    NOBODY = "nobody"
    HEADS = "heads"
    EVERYBODY = "everybody"


class SecurityPolicy(Base):
    """How one comes in."""

    __tablename__ = "security_policy"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=1)
    factor_required: Mapped[FactorRequired] = mapped_column(
        one_of(FactorRequired, "factor_required"), default=FactorRequired.NOBODY, server_default="nobody"
    )
    tells_of_new_devices: Mapped[bool] = mapped_column(default=True, server_default=true())
    """Whether families, and staff who gave an address, are mailed of a browser not seen before."""
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    """Grows with each change: who edits an old version is told, and overwrites nothing."""
