"""The ids that authors of routines may use. Other packages can draw these ids or understand them.

This module must not define what the ids mean: the code for the pictures defines where a zone is, and the
interpreter of messages defines what a meaning does. A test compares these lists with the pictures and the
interpreter.
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
"""Places on the body where a stroke can begin or end."""

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
"""Parts of the hand or arm that can do a stroke."""

MEANINGS = (
    "ache",
    "aftercare",
    "again",
    "another-routine",
    "back",
    "can-ask",
    "checklist",
    "coaching",
    "direction",
    "eased",
    "emergency",
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
    "longest",
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
    "read-aloud",
    "resume",
    "safety",
    "shortest",
    "side",
    "skip",
    "start",
    "steps",
    "steps-left",
    "still-tight",
    "stop",
    "swap",
    "talk",
    "time-left",
    "timer",
    "tip",
    "tired",
    "track",
    "unsafe",
    "when-stop",
    "where",
    "why",
    "word",
    "wrong",
)
"""Labels for what a message can mean. The handbook's words.yaml may use only these labels."""
