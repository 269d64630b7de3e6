"""What Alembic runs: our migrations, on the connection that `shared.adapters.postgres.migrate` gives."""

from alembic import context

from shared.adapters.postgres import log_tables
from shared.adapters.postgres.tables import metadata

assert log_tables.log_record.metadata is metadata, "the log's tables are described together with the others"

connection = context.config.attributes.get("connection")
if connection is None:
    raise SystemExit("run `lifestage migrate`: it connects, and lets only one process at a time change the tables")

context.configure(connection=connection, target_metadata=metadata, compare_server_default=True)
with context.begin_transaction():
    context.run_migrations()
