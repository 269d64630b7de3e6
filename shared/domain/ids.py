"""Names of things: customers, events, alerts, and the fixed shard a customer lives in."""

from functools import lru_cache
from hashlib import blake2b
from typing import Final, NewType
from zlib import crc32

CustomerId = NewType("CustomerId", str)
EventId = NewType("EventId", str)
AlertId = NewType("AlertId", str)

SHARDS: Final = 256
"""Shards are for keys and for spreading the database; their number never changes."""

CUSTOMER_ID_LENGTH: Final = 256


@lru_cache(maxsize=1 << 12)
def shard_of(customer_id: str) -> int:
    """The customer's shard: CRC-32 of the id's UTF-8 bytes, modulo 256. Fixed for ever."""
    return crc32(customer_id.encode()) % SHARDS


def partition_of(shard: int, partitions: int) -> int:
    """The log partition that carries a shard: equal contiguous ranges of shards."""
    return shard * partitions // SHARDS


def shards_of(partition: int, partitions: int) -> range:
    """The shards that a partition carries, the inverse of `partition_of`."""
    first = -(-partition * SHARDS // partitions)
    return range(first, -(-(partition + 1) * SHARDS // partitions))


@lru_cache(maxsize=1 << 12)
def alert_id(customer_id: str, line: str | None, kind: str, effective_at: int) -> AlertId:
    """The name of an alert, from what it is about, so that folding again finds the same one.

    32 hexadecimal digits; the first two are the shard, so that the id alone says where to look.
    """
    named = blake2b("\x1f".join((customer_id, line or "", kind, str(effective_at))).encode(), digest_size=15)
    return AlertId(f"{shard_of(customer_id):02x}{named.hexdigest()}")


def shard_of_alert(alert: str) -> int:
    """The shard that an alert id names. Raises ValueError when it is no alert id."""
    if len(alert) != 32 or not alert.isascii():
        raise ValueError(f"{alert!r} is not an alert id: 32 hexadecimal digits")
    int(alert, 16)
    return int(alert[:2], 16)
