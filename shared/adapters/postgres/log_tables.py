"""The tables of the log in PostgreSQL: its records, where each partition stands, and who reads which."""

from typing import Final

from sqlalchemy import BigInteger, Column, LargeBinary, SmallInteger, Table, text

from shared.adapters.postgres.tables import MOMENT, WORD, metadata


def _partition() -> Column[int]:
    return Column("partition", SmallInteger, primary_key=True, autoincrement=False)


# Its row is locked while records are appended, so that offsets are given out in the order of commits (FACTS 18).
log_partition: Final = Table(
    "log_partition",
    metadata,
    Column("topic", WORD, primary_key=True),
    _partition(),
    Column("first_offset", BigInteger, nullable=False, server_default=text("0")),
    Column("next_offset", BigInteger, nullable=False, server_default=text("0")),
    Column("appended_at", MOMENT),
)

# Headers are MessagePack: an array of [name, bytes].
log_record: Final = Table(
    "log_record",
    metadata,
    Column("topic", WORD, primary_key=True),
    _partition(),
    Column("log_offset", BigInteger, primary_key=True, autoincrement=False),
    Column("appended_at", MOMENT, nullable=False),
    Column("key", LargeBinary),
    Column("value", LargeBinary, nullable=False),
    Column("headers", LargeBinary),
)

# A reader that is not heard of before `until` counts as dead.
log_worker: Final = Table(
    "log_worker",
    metadata,
    Column("worker_group", WORD, primary_key=True),
    Column("worker", WORD, primary_key=True),
    Column("until", MOMENT, nullable=False),
)

# A partition is free when its owner is null or dead. A hint only: the authority is the store's position.
log_lease: Final = Table(
    "log_lease",
    metadata,
    Column("worker_group", WORD, primary_key=True),
    _partition(),
    Column("owner", WORD),
)
