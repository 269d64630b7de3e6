"""Which contracts run: with what they ask of a customer, which the folded state does not keep."""

from msgspec import Struct

from shared.domain.events import Contract, ContractEnded
from shared.domain.instants import Instant
from shared.domain.measures.case import Case
from shared.domain.obligations import DRAFT


class Running(Struct, frozen=True, kw_only=True, gc=False):
    """A contract that runs, as last agreed, and since when without a break."""

    event: Contract
    since: Instant

    @property
    def ends_at(self) -> Instant | None:
        """When it ends; None where it is open-ended."""
        return self.event.ends_at


def running(case: Case) -> list[Running]:
    """The contracts that run, by name; one agreed again before it ended goes on."""
    found: dict[str, Running] = {}
    for event in case.events:
        if isinstance(event, Contract) and event.kind != DRAFT:
            name = event.contract_id or event.kind or event.id
            found[name] = Running(event=event, since=_begun(found.get(name), event))
        elif isinstance(event, ContractEnded):
            _stop(found, event.contract_id or event.kind)
    return [one for one in found.values() if one.ends_at is None or one.ends_at > case.as_of]


def _begun(before: Running | None, event: Contract) -> Instant:
    unbroken = before is not None and (before.ends_at is None or before.ends_at >= event.occurred_at)
    return before.since if before is not None and unbroken else event.occurred_at


def _stop(found: dict[str, Running], name: str | None) -> None:
    if name is None:
        found.clear()
    else:
        found.pop(name, None)
