"""Every table of the store. What belongs to a customer leads with its shard, the rest with the partition.

Texts compare by code point (COLLATE "C"), so that PostgreSQL orders them as Python does.
"""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    SmallInteger,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

metadata: Final = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "ck": "%(table_name)s_%(constraint_name)s_check",
    }
)

WORD: Final = Text(collation="C")
MOMENT: Final = DateTime(timezone=True)


def _shard() -> Column[int]:
    return Column("shard", SmallInteger, primary_key=True, autoincrement=False)


def _partition() -> Column[int]:
    return Column("partition", SmallInteger, primary_key=True, autoincrement=False)


def _customer_id() -> Column[str]:
    return Column("customer_id", WORD, primary_key=True)


# One index only: it is the durable dedupe, and everything is read by customer.
event: Final = Table(
    "event",
    metadata,
    _shard(),
    _customer_id(),
    Column("source", WORD, primary_key=True),
    Column("id", WORD, primary_key=True),
    Column("type", WORD, nullable=False),
    Column("occurred_at", MOMENT, nullable=False),
    Column("received_at", MOMENT, nullable=False),
    Column("log_offset", BigInteger, nullable=False),
    Column("body", WORD, nullable=False),
)

# A record under the name of a stored event that says something else.
conflict: Final = Table(
    "conflict",
    metadata,
    _shard(),
    _customer_id(),
    Column("source", WORD, primary_key=True),
    Column("id", WORD, primary_key=True),
    Column("log_offset", BigInteger, primary_key=True, autoincrement=False),
    Column("received_at", MOMENT, nullable=False),
    Column("body", WORD, nullable=False),
)

# Written with almost every event. Room in each page keeps the updates in place, and so does an index that names no
# other column but the stage (measured: 100 % of the updates that leave the stage alone stay in place). A long state
# stays in the row: to compress it in vain and put it elsewhere takes twice the time and space.
customer: Final = Table(
    "customer",
    metadata,
    _shard(),
    _customer_id(),
    Column("stage", WORD, nullable=False),
    Column("type", WORD, nullable=False),
    Column("cycle", Integer, nullable=False),
    Column("since", MOMENT, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("numbered", Integer, nullable=False),
    Column("newest_at", MOMENT),
    Column("level", BigInteger),
    Column("currency", WORD),
    Column("parked", Boolean, nullable=False),
    Column("state", LargeBinary, nullable=False),
    Column("base", LargeBinary),
    Index(None, "stage", "shard", "customer_id"),
    postgresql_with={"fillfactor": "70", "toast_tuple_target": "8160"},
)

timer: Final = Table(
    "timer",
    metadata,
    _shard(),
    _customer_id(),
    Column("partition", SmallInteger, nullable=False),
    Column("due_at", MOMENT, nullable=False),
    Index(None, "partition", "due_at", "customer_id"),
)

transition: Final = Table(
    "transition",
    metadata,
    _shard(),
    _customer_id(),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("line", WORD),
    Column("source", WORD, nullable=False),
    Column("target", WORD, nullable=False),
    Column("effective_at", MOMENT, nullable=False),
    Column("decided_at", MOMENT, nullable=False),
    Column("retracted_at", MOMENT),
    Column("body", WORD, nullable=False),
)

OPEN: Final = "status IN ('open', 'acknowledged', 'snoozed')"
"""What the indexes of open alerts cover; a query has to say the same for them to serve it."""
BY_VALUE: Final = ("risk_currency", "value_at_risk", "severity", "worth", "effective_at", "id")

# The order of urgency goes by `severity`, a rank, and `worth`: the level, or 0 where it is unknown. That of value goes
# by `value_at_risk` in each currency; an unknown one is 0 of the currency ''.
alert: Final = Table(
    "alert",
    metadata,
    _shard(),
    Column("id", WORD, primary_key=True),
    Column("customer_id", WORD, nullable=False),
    Column("kind", WORD, nullable=False),
    Column("status", WORD, nullable=False),
    Column("severity", SmallInteger, nullable=False),
    Column("worth", BigInteger, nullable=False),
    Column("level", BigInteger),
    Column("currency", WORD),
    Column("risk_currency", WORD, nullable=False),
    Column("value_at_risk", BigInteger, nullable=False),
    Column("effective_at", MOMENT, nullable=False),
    Column("changed_at", MOMENT, nullable=False),
    Column("body", WORD, nullable=False),
    Index(None, "shard", "customer_id"),
    Index("alert_kind_idx", "kind", "shard", "customer_id", postgresql_where=text(OPEN)),
    Index("alert_urgent_idx", "severity", "worth", "effective_at", "id", postgresql_where=text(OPEN)),
    Index("alert_value_idx", *BY_VALUE, postgresql_where=text(OPEN)),
)

snapshot: Final = Table(
    "snapshot",
    metadata,
    _shard(),
    _customer_id(),
    Column("inputs", Integer, primary_key=True, autoincrement=False),
    Column("at", MOMENT, nullable=False),
    Column("state", LargeBinary, nullable=False),
)

parked: Final = Table(
    "parked",
    metadata,
    _shard(),
    _customer_id(),
    Column("parked_at", MOMENT, nullable=False),
    Column("event_id", WORD),
    Column("error", WORD, nullable=False),
)

outbox: Final = Table(
    "outbox",
    metadata,
    _partition(),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("topic", WORD, nullable=False),
    Column("customer_id", WORD, nullable=False),
    Column("payload", LargeBinary, nullable=False),
)

# How far the outbox has been published.
relay: Final = Table("relay", metadata, _partition(), Column("published", BigInteger, nullable=False))

dead_letter: Final = Table(
    "dead_letter",
    metadata,
    _partition(),
    Column("log_offset", BigInteger, primary_key=True, autoincrement=False),
    Column("key", LargeBinary),
    Column("value", LargeBinary, nullable=False),
    Column("reason", WORD, nullable=False),
    Column("appended_at", MOMENT, nullable=False),
    Column("retried", Boolean, nullable=False),
)

position: Final = Table(
    "position",
    metadata,
    _partition(),
    Column("next_offset", BigInteger, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("stream_time", MOMENT),
    Column("outbox", BigInteger, nullable=False),
    Column("walk_effective_at", MOMENT),
    Column("walk_shard", SmallInteger),
    Column("walk_customer_id", WORD),
    Column("walk_from_shard", SmallInteger),
    Column("walk_from_customer_id", WORD),
    Column("walk_turn", Boolean, nullable=False, server_default=text("false")),
    Column("live", Boolean, nullable=False, server_default=text("false")),
)

# The tallies: what a count over `customer` and `transition` would give. `currency` is '' where there is none, and a sum
# of levels has no bound. The few rows are written with every batch: room in each page keeps the updates in place.
heads: Final = Table(
    "heads",
    metadata,
    _partition(),
    Column("stage", WORD, primary_key=True),
    Column("type", WORD, primary_key=True),
    Column("currency", WORD, primary_key=True),
    Column("heads", BigInteger, nullable=False),
    Column("level", Numeric, nullable=False),
    postgresql_with={"fillfactor": "50"},
)

moves: Final = Table(
    "moves",
    metadata,
    _partition(),
    Column("source", WORD, primary_key=True),
    Column("target", WORD, primary_key=True),
    Column("count", BigInteger, nullable=False),
    postgresql_with={"fillfactor": "50"},
)

# One row per committed version, so that the sequence of commits can be checked (I4); old ones are dropped.
commit: Final = Table(
    "commit",
    metadata,
    _partition(),
    Column("version", BigInteger, primary_key=True, autoincrement=False),
    Column("epoch", BigInteger, nullable=False),
    Column("first_offset", BigInteger, nullable=False),
    Column("next_offset", BigInteger, nullable=False),
)

control: Final = Table(
    "control",
    metadata,
    _partition(),
    Column("id", WORD, primary_key=True),
    Column("effective_at", MOMENT, nullable=False),
    Column("body", WORD, nullable=False),
)

# How many events came from each source in each hour (since 1970): what tells that one has fallen silent.
feed: Final = Table(
    "feed",
    metadata,
    _partition(),
    Column("source", WORD, primary_key=True),
    Column("hour", Integer, primary_key=True, autoincrement=False),
    Column("events", BigInteger, nullable=False),
)

api_key: Final = Table(
    "api_key",
    metadata,
    Column("id", WORD, primary_key=True),
    Column("name", WORD, nullable=False),
    Column("hashed", LargeBinary, nullable=False),
    Column("scopes", ARRAY(WORD), nullable=False),
    Column("created_at", MOMENT, nullable=False),
    Column("revoked_at", MOMENT),
    Index(None, "hashed", unique=True),
)

# What was fixed when the instance was made: the table has one row.
instance: Final = Table(
    "instance",
    metadata,
    Column("id", SmallInteger, CheckConstraint("id = 1", name="single"), primary_key=True, autoincrement=False),
    Column("partitions", SmallInteger, nullable=False),
    Column("log", WORD, nullable=False),
    Column("clock", WORD, nullable=False),
    Column("fold_version", Integer, nullable=False),
)
