"""The log's topics in Kafka: made when they are missing, refused when they are not what the log needs."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import TopicAlreadyExistsError, for_code

from shared.adapters.kafka.cluster import TROUBLE, KafkaCluster, milliseconds
from shared.domain.errors import LogMismatch, LogTimeout
from shared.ports.log import ALERTS_TOPIC, EVENTS, TRANSITIONS_TOPIC

TOPICS: Final = (EVENTS, TRANSITIONS_TOPIC, ALERTS_TOPIC)
STAMP: Final = "message.timestamp.type"
APPEND_TIME: Final = "LogAppendTime"
RETRY: Final = 0.1  # seconds


async def prepare(cluster: KafkaCluster) -> None:
    """See that the topics are there. Raises LogMismatch when one cannot be used, LogTimeout without a Kafka."""
    trouble: Exception | None = None
    try:
        async with asyncio.timeout(cluster.deadline):
            while True:
                try:
                    if await _prepared(cluster):
                        return
                except TROUBLE as error:
                    trouble = error
                await asyncio.sleep(RETRY)
    except TimeoutError as error:
        raise LogTimeout(f"Kafka at {cluster.bootstrap} is out of reach: {trouble!r}") from error


async def _prepared(cluster: KafkaCluster) -> bool:
    """Whether all topics are there and usable; makes them otherwise, to be looked at again."""
    admin = AIOKafkaAdminClient(request_timeout_ms=milliseconds(cluster.deadline), **cluster.client("admin"))
    try:
        await admin.start()
        # Asking for a topic by its name could make it, with whatever settings the cluster has for such topics.
        known = {topic["topic"]: topic for topic in await admin.describe_topics()}
        names = [cluster.prefix + topic for topic in TOPICS]
        missing = [name for name in names if name not in known]
        if missing:
            await _make(admin, cluster, missing)
            return False
        if any(known[name]["error_code"] for name in names):
            return False
        for name in names:
            _check_partitions(name, len(known[name]["partitions"]), cluster.partitions)
            _check_stamp(name, await _settings(admin, name))
        return True
    finally:
        await admin.close()


async def _make(admin: AIOKafkaAdminClient, cluster: KafkaCluster, names: list[str]) -> None:
    settings = {STAMP: APPEND_TIME, "min.insync.replicas": "2" if cluster.replication > 2 else "1"}
    if cluster.retention is not None:
        settings["retention.ms"] = str(milliseconds(cluster.retention))
    topics = [NewTopic(name, cluster.partitions, cluster.replication, topic_configs=settings) for name in names]
    answer: Any = await admin.create_topics(topics)
    for name, code, message, *_ in answer.topic_errors:
        error = for_code(code)
        if code and error is not TopicAlreadyExistsError and not error.retriable:
            raise LogMismatch(f"topic {name} cannot be made: {message or error.__name__}")


async def _settings(admin: AIOKafkaAdminClient, name: str) -> Mapping[str, str]:
    """The topic's settings, as far as we may ask for them."""
    answers: Any = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name, {STAMP: ""})])
    resources = [resource for answer in answers for resource in answer.resources]
    return {entry[0]: entry[1] for code, _, _, _, entries in resources if not code for entry in entries}


def _check_partitions(name: str, count: int, wanted: int) -> None:
    if count != wanted:
        raise LogMismatch(f"topic {name} has {count} partitions, not {wanted}")


def _check_stamp(name: str, settings: Mapping[str, str]) -> None:
    """Time comes through the log: records have to carry the broker's time, not their sender's."""
    stamp = settings.get(STAMP, APPEND_TIME)
    if stamp != APPEND_TIME:
        raise LogMismatch(f"topic {name} has {STAMP}={stamp}; the log needs {APPEND_TIME}")
