"""Where a partition's record of commits breaks its rule: the same question for every store."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from shared.ports.audit import CommitGap
from shared.ports.store import Position

KEPT_COMMITS: Final = 10_000
"""How many of a partition's commits a store remembers at least."""

PRUNED_EVERY: Final = 1_000


class Commit(NamedTuple):
    """One committed version of a position."""

    version: int
    epoch: int
    first_offset: int
    next_offset: int


def prunable(version: int) -> int | None:
    """The version up to which commits may be forgotten when this one is written; None most of the time."""
    return version - KEPT_COMMITS if version > KEPT_COMMITS and version % PRUNED_EVERY == 0 else None


def gaps(positions: Sequence[Position], commits: Mapping[int, Sequence[Commit]]) -> list[CommitGap]:
    """Versions that are missing, epochs or offsets that fall (I4). `commits` are in the order of their versions."""
    return [
        CommitGap(partition=position.partition, version=version, problem=problem)
        for position in positions
        for version, problem in _problems(position, commits.get(position.partition, ()))
    ]


def _problems(position: Position, commits: Sequence[Commit]) -> Iterator[tuple[int, str]]:
    oldest = max(1, position.version - KEPT_COMMITS + 1)
    if position.version and (not commits or commits[0].version > oldest):
        yield oldest, "its commit is missing"
    for before, commit in pairwise(commits):
        if commit.version != before.version + 1:
            yield before.version + 1, "its commit is missing"
        if commit.epoch < before.epoch:
            yield commit.version, f"the epoch falls from {before.epoch} to {commit.epoch}"
        if commit.first_offset != before.next_offset:
            yield commit.version, f"it begins at offset {commit.first_offset}, not at {before.next_offset}"
    for commit in commits:
        if commit.next_offset < commit.first_offset:
            yield commit.version, f"the offset falls from {commit.first_offset} to {commit.next_offset}"
    if commits and (commits[-1].version, commits[-1].next_offset) != (position.version, position.next_offset):
        yield position.version, f"the newest commit is {commits[-1].version}, at offset {commits[-1].next_offset}"
