"""After the storm: whether every promise was kept, each as a sentence with its evidence."""

import re
from collections.abc import Iterator, Mapping, Sequence
from statistics import median

from msgspec import Struct

from bench.chaos_faults import Faults, Recovery
from bench.chaos_load import KEY, Load
from bench.chaos_watch import Asker, Subscriber, longest
from bench.fleet import Fleet
from shared.domain.ids import SHARDS
from shared.ports.audit import Audit
from shared.ports.log import ALERTS_TOPIC, TRANSITIONS_TOPIC
from shared.ports.store import Message

SERVED_SECONDS = 10.0
BACK_SECONDS = 15.0
HELD_BACK_SECONDS = 2.0
AFTERMATH = 3.0
"""Seconds after a server is back in which its clients may still be connecting anew."""


class Verdict(Struct, frozen=True, kw_only=True):
    """A promise, whether it was kept, and what was found."""

    promise: str
    kept: bool
    found: str


async def stored(audit: Audit) -> tuple[set[KEY], int]:
    """The names of all events in the store, and how many rows there are."""
    names: set[KEY] = set()
    rows = 0
    for shard in range(SHARDS):
        async with audit.look(shard) as look:
            async for customer in look.customers():
                rows += len(customer.events)
                names.update((event.customer_id, event.source, event.id) for event in customer.events)
    return names, rows


async def of_events(audit: Audit, load: Load, sent: set[KEY]) -> Verdict:
    """I1, I2, I12."""
    names, rows = await stored(audit)
    lost, strange = load.acknowledged - names, names - sent
    kept = not lost and not strange and rows == len(names) and load.acknowledged == sent
    found = f"{len(load.acknowledged):,} acknowledged of {len(sent):,}, {rows:,} stored, {len(lost)} lost"
    return Verdict(promise="every acknowledged event is present exactly once", kept=kept, found=found)


async def of_commands(fleet: Fleet, undisturbed: str) -> Iterator[Verdict]:
    """I1 to I6 and I8 by `lifestage verify`, I9 by `lifestage digest --current`."""
    code, said = await fleet.run("verify", "verify")
    verified = Verdict(promise="lifestage verify is clean", kept=code == 0, found=_last_line(said))
    code, said = await fleet.run("digest", "digest", "--current")
    digests = re.findall(r"\b[0-9a-f]{64}\b", said)
    same = code == 0 and digests == [undisturbed]
    found = f"{(digests or [_last_line(said)])[0][:16]}… / {undisturbed[:16]}…"
    return iter([verified, Verdict(promise="digest --current is the undisturbed run's", kept=same, found=found)])


def of_topics(outboxes: Mapping[int, Sequence[Message]], subscriber: Subscriber) -> Verdict:
    """I8: what was published, after dropping numbers already seen, is the outbox in order."""
    wrong: list[str] = []
    messages = repeats = 0
    for partition, outbox in outboxes.items():
        for topic in (TRANSITIONS_TOPIC, ALERTS_TOPIC):
            wanted = [(message.number, message.payload) for message in outbox if message.topic == topic]
            published = subscriber.messages.get((topic, partition), [])
            seen: dict[int, bytes] = {}
            for number, payload in published:
                seen.setdefault(number, payload)
            messages += len(wanted)
            repeats += len(published) - len(seen)
            if list(seen.items()) != wanted:
                wrong.append(f"{topic} {partition}: {len(seen)} of {len(wanted)}, or out of order")
    found = "; ".join(wrong) or f"{messages:,} messages, {repeats:,} repeats dropped"
    return Verdict(promise="the topics hold the outbox in order, complete", kept=not wrong, found=found)


def of_recovery(faults: Faults) -> Iterator[Verdict]:
    """How long the partitions of killed and frozen scorers went unserved."""
    for what, words, limit in (
        ("scorer", "a killed scorer's partitions are served", SERVED_SECONDS),
        ("freeze", "a frozen scorer's are", SERVED_SECONDS),
        ("postgres", "after PostgreSQL is back all are", BACK_SECONDS),
        ("broker", "after a broker is back all are", BACK_SECONDS),
    ):
        recoveries = sorted((one for one in faults.recoveries if one.what == what), key=_lasted)
        alone = [_lasted(one) for one in recoveries if not faults.others(one)]
        if recoveries:
            found = f"{len(alone)} alone"
            if alone:
                found += f": median {median(alone):.1f} s, longest {alone[-1]:.1f} s"
            if len(alone) < len(recoveries):
                longest_of_all = recoveries[-1]
                with_others = ", ".join(faults.others(longest_of_all)) or "alone"
                found += f"; {len(recoveries) - len(alone)} while other faults struck, longest of all"
                found += f" {_lasted(longest_of_all):.1f} s ({with_others})"
            kept = max(alone, default=0.0) <= limit and _lasted(recoveries[-1]) < float("inf")
            yield Verdict(promise=f"{words} again within {limit:g} s", kept=kept, found=found)


def _lasted(recovery: Recovery) -> float:
    return float("inf") if recovery.seconds is None else recovery.seconds


def of_readers(faults: Faults, asker: Asker, subscriber: Subscriber) -> Iterator[Verdict]:
    """Whether a fault of a scorer or of ingest ever held up somebody who only reads."""
    database, broker = (faults.outages(kind, grace=AFTERMATH) for kind in ("postgres", "broker"))
    for words, spans, outages in (
        ("states", asker.gaps["/v1/customers"], database),
        ("alerts", asker.gaps["/v1/alerts"], database),
        ("topics", subscriber.waits, broker),
    ):
        worst = longest(spans, outages)
        found = f"longest wait {worst:.2f} s; {longest(spans):.2f} s while the server itself was down"
        kept = bool(spans) and worst <= HELD_BACK_SECONDS
        yield Verdict(promise=f"readers of {words} are never held back", kept=kept, found=found)


def of_behaviour(fleet: Fleet, faults: Faults, load: Load, asker: Asker) -> Verdict:
    """Nothing odd on the way: no answer but 2xx, 429 and 503, and whoever left did so in order."""
    odd = [f"{count} x {said}" for said, count in (load.refused + asker.failed).items()] + faults.odd
    answers = ", ".join(f"{count:,} x {what}" for what, count in sorted(load.answers.items()))
    found = f"{answers}; {sum(member.restarts for member in fleet.members.values())} restarts by the supervisor"
    return Verdict(promise="no odd answers, no odd ends", kept=not odd, found="; ".join(odd[:3]) or found)


def _last_line(said: str) -> str:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return lines[-1] if lines else "(it said nothing)"
