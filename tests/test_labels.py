"""The labels of the conversations: all are complete, and use known words."""

from learning.check_labels import mistakes


def test_every_turn_of_a_labelled_voice_has_a_label_with_known_actions_and_facts() -> None:
    assert list(mistakes()) == []
