"""The one script that a batch of requests runs in Redis: is the token revoked, and the how-manieth is it in this minute?"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from domain.access.publishing import MARKER, PREFIX

WINDOW_SECONDS = 60

# Bytes are compared one by one, since strings would be compared by the rules of the server's language.
# A refused token does not count: whoever stole it must not use up the client's limit.
CHECK = f"""
local function refused(jti, subject)
  local row = redis.call('GET', '{PREFIX}' .. subject)
  if not row then return false end
  local before = string.match(row, ':(.*)$')
  for i = 1, math.min(#jti, #before) do
    local a, b = string.byte(jti, i), string.byte(before, i)
    if a ~= b then return a < b end
  end
  return #jti <= #before
end
local answers, at = {{redis.call('EXISTS', '{MARKER}')}}, 2
while at <= #ARGV do
  local jti, subjects, revoked = ARGV[at], tonumber(ARGV[at + 1]), 0
  for i = 1, subjects do
    if revoked == 0 and refused(jti, ARGV[at + 1 + i]) then revoked = 1 end
  end
  at = at + 2 + subjects
  answers[#answers + 1] = revoked
  local times, limits = tonumber(ARGV[at]), tonumber(ARGV[at + 1])
  for i = 1, limits do
    local used = 0
    if revoked == 0 then
      local key = 'dunwell:rate:' .. ARGV[at + 1 + i] .. ':' .. ARGV[1]
      used = redis.call('INCRBY', key, times)
      if used == times then redis.call('EXPIRE', key, {2 * WINDOW_SECONDS}) end
    end
    answers[#answers + 1] = used
  end
  at = at + 2 + limits
end
return answers
"""
SHA = hashlib.sha1(CHECK.encode(), usedforsecurity=False).hexdigest()


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked about a request: whether a token is refused that names `subjects`, and how full `counters` are."""

    jti: str
    subjects: tuple[str, ...]
    counters: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """`used` counts this request too, one number for each counter; it is empty where Redis could not be asked."""

    revoked: bool
    used: tuple[int, ...]


def arguments_of(questions: Sequence[Question], window: int) -> tuple[list[str | int], dict[Question, int]]:
    """The script's arguments, equal questions only once, and how often each is asked."""
    times: dict[Question, int] = {}
    for question in questions:
        times[question] = times.get(question, 0) + 1
    arguments: list[str | int] = [window]
    for question, count in times.items():
        arguments += (question.jti, len(question.subjects), *question.subjects)
        arguments += (count, len(question.counters), *question.counters)
    return arguments, times


def answers_of(questions: Sequence[Question], times: dict[Question, int], reply: Sequence[int]) -> list[Answer]:
    """The answer to each question, in their order; those that are equal count up to the number that Redis knows."""
    revoked: dict[Question, bool] = {}
    used: dict[Question, list[int]] = {}
    at = 1
    for question, count in times.items():
        end = at + 1 + len(question.counters)
        revoked[question] = bool(reply[at])
        # What the counters showed before this batch; each request then counts one on.
        used[question] = [number - count for number in reply[at + 1 : end]]
        at = end
    answers = []
    for question in questions:
        used[question] = [number + 1 for number in used[question]]
        answers.append(Answer(revoked[question], tuple(used[question])))
    return answers
