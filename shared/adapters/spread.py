"""Controls in every partition: what governs has to reach all of them, whoever issued it and died in between."""

import logging
from collections.abc import Sequence
from typing import Final

from shared.adapters import codec
from shared.domain.controls import Control
from shared.ports.log import EVENTS, Appending, LogWriter
from shared.ports.queries import Queries

log: Final = logging.getLogger(__name__)


async def held_controls(queries: Queries, partitions: int) -> list[Sequence[Control]]:
    """The controls that each partition has taken in."""
    return [await queries.controls(partition) for partition in range(partitions)]


def lacking(control: Control, held: Sequence[Sequence[Control]]) -> list[int]:
    """The partitions that have not taken a control in."""
    return [partition for partition, controls in enumerate(held) if all(one.id != control.id for one in controls)]


def records_of(control: Control, partitions: Sequence[int]) -> list[Appending]:
    """The same control for several partitions."""
    value = codec.encode(control)
    return [Appending(partition, None, value) for partition in partitions]


async def complete(queries: Queries, writer: LogWriter, appended: dict[tuple[str, int], int]) -> None:
    """Append controls to the partitions that lack them; `appended` remembers where, so that those are waited for."""
    reached_by = {position.partition: position.next_offset for position in await queries.positions()}
    held = await held_controls(queries, writer.partitions)
    known = {control.id: control for controls in held for control in controls}
    for control in known.values():
        for partition in lacking(control, held):
            offset = appended.get((control.id, partition))
            if offset is None or offset < reached_by.get(partition, 0):
                [appended[control.id, partition]] = await writer.append(EVENTS, records_of(control, [partition]))
                log.info("a control was appended again", extra={"control": control.id, "partition": partition})
