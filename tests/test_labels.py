"""What the coach is taught with: labels are complete and use known words, and routines have no mistakes."""

from pathlib import Path

from bot.routine.loading import check
from learning.check_labels import mistakes


def test_every_turn_of_a_labelled_voice_has_a_label_with_known_actions_and_facts() -> None:
    assert list(mistakes()) == []


def test_the_routines_to_learn_from_have_no_mistakes() -> None:
    assert check([Path("learning/routines")]) == []
