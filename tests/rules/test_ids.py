"""Ids, and the random bytes in them."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from time import time_ns
from uuid import RFC_4122, UUID

import pytest

from domain.kernel.ids import is_id, new_id, new_ids
from domain.kernel.randomness import RandomSource


def test_ids_are_unique_and_sort_by_their_making() -> None:
    ids = [new_id("rcv") for _ in range(10_000)]
    assert sorted(ids) == ids
    assert len(set(ids)) == len(ids)
    assert all(is_id(one, "rcv") for one in ids)


def test_ids_made_together_follow_those_made_before_and_precede_those_made_after() -> None:
    ids = [new_id("rcv"), *new_ids("rcv", 9_000), new_id("rcv"), *new_ids("rcv", 2), *new_ids("rcv", 0)]
    assert sorted(ids) == ids
    assert len(set(ids)) == 9_004
    assert all(is_id(one, "rcv") for one in ids)


def test_an_id_is_a_uuid_of_version_7_and_tells_its_millisecond() -> None:
    before = time_ns() // 1_000_000
    (made,) = new_ids("rcv", 1)
    number = 0
    for character in made.removeprefix("rcv_"):
        number = number << 5 | "0123456789abcdefghjkmnpqrstvwxyz".index(character)
    told = UUID(int=number)
    assert (told.version, told.variant) == (7, RFC_4122)
    # Ids made just before may have run ahead of the clock, by one millisecond for every 4,096 of them.
    assert before <= number >> 80 <= before + 1_000


@pytest.mark.parametrize("threads", [1, 4])
def test_a_source_gives_out_each_value_once(threads: int) -> None:
    source = RandomSource(12)
    with ThreadPoolExecutor(threads) as pool:
        drawn = list(pool.map(lambda _: source.next(), range(2_000)))
    assert len(set(drawn)) == 2_000
    assert {len(one) for one in drawn} == {12}


def test_a_forked_process_draws_anew() -> None:
    source = RandomSource(8)
    source.next()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, source.next())
        os._exit(0)
    os.waitpid(child, 0)
    theirs = os.read(reading, 8)
    os.close(reading)
    os.close(writing)
    assert theirs not in {source.next() for _ in range(256)}


@pytest.mark.parametrize(
    "text", ["", "rcv_", "cus_" + "0" * 26, "rcv_" + "i" * 26, "rcv_8" + "0" * 25, "rcv_" + "0" * 27]
)
def test_what_has_not_the_form_of_an_id_is_none(text: str) -> None:
    assert not is_id(text, "rcv")
