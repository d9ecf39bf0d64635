"""Many requests in one question: every caller gets the answer to its own."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.gate.batching import Batcher
from api.gate.script import Answer, Question, answers_of, arguments_of

KEYS = st.sampled_from(["a", "b", "c"])
QUESTIONS = st.builds(Question, KEYS, st.lists(KEYS, max_size=3).map(tuple), st.lists(KEYS, max_size=2).map(tuple))


@given(st.lists(st.tuples(st.integers(), st.integers(0, 3), st.booleans()), max_size=40), st.integers(1, 5))
def test_each_caller_gets_its_own_answer_whoever_else_gives_up(callers: list[tuple[int, int, bool]], most: int) -> None:
    async def double(numbers: list[int]) -> list[int]:
        assert len(numbers) <= most
        await asyncio.sleep(0)
        return [2 * number for number in numbers]

    async def call(batcher: Batcher[int, int], number: int, turns: int) -> int:
        for _ in range(turns):
            await asyncio.sleep(0)
        return await batcher.ask(number)

    async def run() -> None:
        batcher = Batcher(double, most)
        calls = [asyncio.create_task(call(batcher, number, turns)) for number, turns, _ in callers]
        await asyncio.sleep(0)
        for task, (_, _, gives_up) in zip(calls, callers, strict=True):
            if gives_up:
                task.cancel()
        answers = await asyncio.gather(*calls, return_exceptions=True)
        for (number, _, gives_up), answer in zip(callers, answers, strict=True):
            assert isinstance(answer, asyncio.CancelledError) if gives_up else answer == 2 * number

    asyncio.run(run())


def test_a_failure_reaches_all_of_its_batch_and_nobody_after() -> None:
    async def run_once(questions: list[bool]) -> list[bool]:
        if True in questions:
            raise ConnectionResetError
        return questions

    async def run() -> None:
        batcher = Batcher(run_once)
        failing = [batcher.ask(True), batcher.ask(False)]
        for future in failing:
            with pytest.raises(ConnectionResetError):
                await future
        assert await batcher.ask(False) is False

    asyncio.run(run())


@given(st.lists(QUESTIONS, max_size=30), st.integers(0, 9))
def test_equal_questions_are_asked_once_and_counted_one_by_one(questions: list[Question], before: int) -> None:
    _, times = arguments_of(questions, 1)
    reply = [1]
    for question, count in times.items():
        reply += [int(question.jti == "a"), *[before + count] * len(question.counters)]
    answers = answers_of(questions, times, reply)
    seen: dict[Question, int] = {}
    for question, answer in zip(questions, answers, strict=True):
        seen[question] = seen.get(question, 0) + 1
        assert answer == Answer(question.jti == "a", (before + seen[question],) * len(question.counters))
