"""Runs the migrations on the connection that `shared.schema` hands over."""

from alembic import context

import shared.models  # noqa: F401 - makes every table known
from shared.database import Base

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    compare_type=True,
    render_as_batch=connection.dialect.name == "sqlite",
    transaction_per_migration=context.config.attributes.get("each_by_itself", False),
)
with context.begin_transaction():
    context.run_migrations()
