"""The tables of the coach's sentences are complete, and every field in braces can be filled in."""

from string import Formatter
from typing import get_args

import pytest

from bot.session.effects import Topic
from bot.session.state import Reason, State
from bot.wording.situations import SITUATIONS
from bot.wording.topics import FIELDS, TOPICS


def fields_of(words: str) -> set[str]:
    return {field for _, field, _, _ in Formatter().parse(words) if field is not None}


def test_every_topic_has_a_row() -> None:
    assert set(TOPICS) == set(Topic)


@pytest.mark.parametrize("topic", Topic)
def test_the_words_of_a_topic_use_only_fields_that_exist(topic: Topic) -> None:
    assert fields_of(TOPICS[topic].words) <= set(FIELDS)


def test_every_field_is_used() -> None:
    assert set(FIELDS) == {field for row in TOPICS.values() for field in fields_of(row.words)}


def test_every_state_and_every_reason_for_a_pause_has_a_situation() -> None:
    kinds = {get_args(state.__annotations__["kind"])[0] for state in get_args(State)} - {"paused"}
    assert set(SITUATIONS) == {*kinds, "screening", *Reason}
