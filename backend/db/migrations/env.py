"""Alembic's entry. The connection always comes from `backend.db.migrate`."""

from alembic import context

from backend.db.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,  # a migration that breaks leaves nothing behind, on SQLite too
    render_as_batch=True,  # SQLite changes a table by copying it
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
