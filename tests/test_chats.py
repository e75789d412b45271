"""The whole chats in tests/chats are what the coach says."""

import pytest

from tests.chats import CHATS, FOLDER, chat


def test_there_is_a_file_for_each_routine_length_and_side() -> None:
    assert {path.stem for path in FOLDER.glob("*.txt")} == set(CHATS), "run: make chats"


@pytest.mark.parametrize("name", CHATS)
def test_a_chat_is_current(name: str) -> None:
    """If words or times were changed on purpose, look at the difference that `make chats` makes."""
    assert (FOLDER / f"{name}.txt").read_text("utf-8") == chat(CHATS[name]), "run: make chats"
