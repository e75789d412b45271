"""The ids in the vocabulary are those that the pictures can draw and the interpreter understands."""

from bot.media.pictures.body import LANES, NO_PRESS, SPOTS
from bot.media.pictures.strokes import SHAPE_GEOMETRY
from bot.routine import vocabulary
from bot.understanding.interpreter import MEANINGS


def test_the_pictures_can_show_every_place_and_every_hand_shape() -> None:
    assert {zone for lane in LANES for zone in lane} == set(vocabulary.ZONES)
    assert set(NO_PRESS) == set(vocabulary.NO_PRESS)
    assert set(SPOTS) == set(vocabulary.SPOTS)
    assert set(SHAPE_GEOMETRY) == set(vocabulary.HAND_SHAPES)


def test_the_interpreter_understands_every_meaning() -> None:
    assert set(MEANINGS) == set(vocabulary.MEANINGS)
