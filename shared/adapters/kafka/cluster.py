"""Which Kafka the log lives in, and closing a client of it within a deadline."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import KafkaError

CLOSING: Final = 5.0

# What a cluster that is away, slow, electing leaders or in trouble makes us see.
TROUBLE: Final = (KafkaError, OSError, TimeoutError)

logger: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class KafkaCluster:
    """Where the log is. `prefix` comes before topic and group names, where several instances share a cluster.

    `security` is what aiokafka's clients take: security_protocol, ssl_context, sasl_mechanism, sasl_plain_username,
    sasl_plain_password. Without a `retention` the topics keep records for as long as the cluster's default says.
    """

    bootstrap: str
    partitions: int
    replication: int
    prefix: str = ""
    retention: float | None = None  # seconds
    deadline: float = 10.0
    security: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def client(self, name: str) -> dict[str, Any]:
        """What every kind of client is told."""
        return {"bootstrap_servers": self.bootstrap, "client_id": f"lifestage-{name}", **self.security}


def milliseconds(seconds: float) -> int:
    """As Kafka counts."""
    return int(seconds * 1000)


async def close_producer(producer: AIOKafkaProducer) -> None:
    """Stop a producer in order or, when that takes too long, abandon whatever it is doing."""
    stopping = asyncio.ensure_future(producer.stop())
    if not await _stopped(stopping):
        await _abandon(producer.client, [stopping, producer._sender.sender_task])


async def close_consumer(consumer: AIOKafkaConsumer) -> None:
    """Stop a consumer in order or, when that takes too long, abandon it, so that nothing keeps its membership alive."""
    stopping = asyncio.ensure_future(consumer.stop())
    if not await _stopped(stopping):
        coordinator, fetcher = consumer._coordinator, consumer._fetcher
        tasks = [getattr(coordinator, name, None) for name in ("_coordination_task", "_heartbeat_task")]
        await _abandon(consumer._client, [stopping, *tasks, getattr(fetcher, "_fetch_task", None)])


async def _stopped(stopping: "asyncio.Future[Any]") -> bool:
    await asyncio.wait({stopping}, timeout=CLOSING)
    if not stopping.done():
        return False
    if error := stopping.exception():
        logger.warning("a client of Kafka ended badly", extra={"error": repr(error)})
    return True


async def _abandon(core: Any, tasks: "list[asyncio.Future[Any] | None]") -> None:
    """End what goes on in the background: aiokafka itself would wait for it for ever."""
    logger.warning("a client of Kafka does not stop and is abandoned")
    going = {task for task in tasks if task is not None and not task.done()}
    for task in going:
        task.cancel()
    await asyncio.wait({asyncio.ensure_future(core.close()), *going}, timeout=CLOSING)
