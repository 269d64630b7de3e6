"""Partitions are shared evenly, and those who have them keep them where they can."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from shared.adapters.sharing import shared_out

PARTITIONS = st.integers(0, 40)
WORKERS = st.sets(st.sampled_from("abcdefghij"), min_size=1)
HELD = st.dictionaries(st.integers(0, 50), st.sampled_from("abcdefghijxyz"))


@given(PARTITIONS, WORKERS, HELD)
def test_every_partition_has_a_worker_and_nobody_has_two_above_another(
    partitions: int, workers: set[str], held: dict[int, str]
) -> None:
    counts = Counter(dict.fromkeys(workers, 0))
    target = shared_out(partitions, workers, held)
    counts.update(target.values())

    assert target.keys() == set(range(partitions))
    assert counts.keys() == workers
    assert max(counts.values()) - min(counts.values()) <= 1


@given(PARTITIONS, WORKERS, HELD)
def test_sharing_out_what_is_shared_out_moves_nothing(partitions: int, workers: set[str], held: dict[int, str]) -> None:
    target = shared_out(partitions, workers, held)

    assert shared_out(partitions, workers, target) == target


@given(PARTITIONS, WORKERS, HELD)
def test_a_worker_gives_up_only_what_is_above_its_share(
    partitions: int, workers: set[str], held: dict[int, str]
) -> None:
    target = shared_out(partitions, workers, held)

    for worker in workers:
        before = {partition for partition, owner in held.items() if owner == worker and partition < partitions}
        after = {partition for partition, owner in target.items() if owner == worker}
        assert before <= after or after <= before


def test_a_fourth_worker_takes_from_those_who_have_most() -> None:
    held = {0: "a", 1: "a", 2: "b", 3: "c"}

    assert shared_out(4, ["a", "b", "c", "d"], held) == {0: "a", 1: "d", 2: "b", 3: "c"}


def test_without_workers_nobody_has_anything() -> None:
    assert shared_out(4, [], {0: "gone"}) == {}
