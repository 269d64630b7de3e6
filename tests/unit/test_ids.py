"""Shards, partitions and the names of alerts."""

from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.ids import SHARDS, alert_id, partition_of, shard_of, shard_of_alert, shards_of

PARTITIONS = st.integers(1, SHARDS)


@pytest.mark.parametrize("name", ["anna", "客户", "🙂", " ", "x" * 256])
def test_a_shard_is_the_crc_of_the_id_and_never_changes(name: str) -> None:
    assert shard_of(name) == crc32(name.encode()) % 256


def test_the_shard_of_the_crc_check_string_is_its_check_value() -> None:
    assert shard_of("123456789") == 0xCBF43926 % 256


@given(PARTITIONS)
def test_the_partitions_share_out_the_shards_evenly_and_completely(partitions: int) -> None:
    ranges = [shards_of(partition, partitions) for partition in range(partitions)]

    assert [shard for one in ranges for shard in one] == list(range(SHARDS))
    assert max(map(len, ranges)) - min(map(len, ranges)) <= 1


@given(PARTITIONS, st.integers(0, SHARDS - 1))
def test_a_shard_lies_among_the_shards_of_its_partition(partitions: int, shard: int) -> None:
    partition = partition_of(shard, partitions)

    assert shard in shards_of(partition, partitions)


@given(st.text(min_size=1), st.none() | st.text(min_size=1), st.integers(0, 2**60))
def test_an_alert_id_says_which_shard_to_look_in(customer: str, line: str | None, at: int) -> None:
    named = alert_id(customer, line, "silence", at)

    assert len(named) == 32
    assert shard_of_alert(named) == shard_of(customer)


def test_alerts_of_another_customer_line_kind_or_episode_have_other_names() -> None:
    names = {
        alert_id("anna", None, "silence", 1),
        alert_id("anne", None, "silence", 1),
        alert_id("anna", "bags", "silence", 1),
        alert_id("anna", None, "dormant", 1),
        alert_id("anna", None, "silence", 2),
    }

    assert len(names) == 5


@pytest.mark.parametrize("named", ["", "b7", "g" * 32, "b7" * 15 + "b", "ｂ7" * 16, "b7" * 17])
def test_what_is_no_alert_id_is_refused(named: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        shard_of_alert(named)
