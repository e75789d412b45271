"""The names that an author may use because other parts of the coach can draw or understand them.

Plain names, with no meaning here: the pictures know where a zone is, and the interpreter knows what a meaning
does. Tests hold both to these lists.
"""

ZONES = (
    "neck-base",
    "shoulders",
    "upper-arms",
    "low-back",
    "mid-back",
    "shoulder-blade-tips",
    "skull-edge",
)
"""Places on the body that a stroke can run between."""

NO_PRESS = (
    "spine",
    "kidneys",
    "low-ribs",
    "bones",
    "neck-front",
    "pulse",
)
"""Places that no stroke may press."""

SPOTS = (
    "upper-left",
    "upper-middle",
    "upper-right",
    "middle-left",
    "centre",
    "middle-right",
    "lower-left",
    "lower-middle",
    "lower-right",
)
"""Places where a knot can be marked."""

HAND_SHAPES = (
    "flat-palms",
    "heels",
    "fingertips",
    "stacked-fingertips",
    "thumbs",
    "braced-thumb",
    "forearm",
    "whole-hands",
)
"""Ways to hold the hands."""

MEANINGS = (
    "ache",
    "aftercare",
    "again",
    "back",
    "can-ask",
    "checklist",
    "condition",
    "direction",
    "eased",
    "feel",
    "goto",
    "hands",
    "harder",
    "how",
    "instead",
    "keep-off",
    "knot",
    "knot-done",
    "knots",
    "length",
    "lie",
    "lighter",
    "may-press",
    "more-time",
    "needed",
    "next",
    "normal-ache",
    "outside",
    "pace",
    "pain",
    "pause",
    "pressure",
    "resume",
    "safety",
    "side",
    "skip",
    "start",
    "steps",
    "steps-left",
    "still-tight",
    "stop",
    "talk",
    "time-left",
    "tip",
    "tired",
    "when-stop",
    "where",
    "why",
    "word",
    "wrong",
)
"""What an author can say that a message means, in the handbook's words.yaml."""
