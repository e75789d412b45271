"""Check the labels of the conversations: each turn has one, with known actions and facts.

    python -m learning.check_labels

LABELS.md says what the labels mean. This module must not change them.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

FOLDER = Path(__file__).parent
LABELS = FOLDER / "labels"
PLAIN = {
    "nothing",
    "answer",
    "unknown",
    "unclear",
    "next",
    "back",
    "again",
    "skip",
    "pause",
    "resume",
    "stop",
    "begin",
    "restart",
    "help",
    "privacy",
    "forget",
    "checklist",
    "track",
    "lighter",
    "firmer",
    "slower",
    "faster",
    "more-time",
    "stay",
    "less-time",
    "swap",
    "timer-on",
    "timer-off",
    "read-aloud-on",
    "read-aloud-off",
    "talk-less",
    "talk-more",
    "undo",
    "eased",
    "still-tight",
    "pain",
    "emergency",
    "unsafe",
    "young",
    "yes",
    "no",
}
"""The actions that stand alone."""
WITH_THING = {
    "goto",
    "more",
    "less",
    "leave-out",
    "only-side",
    "minutes",
    "end-at",
    "length",
    "routine",
    "side",
    "knot",
    "unknot",
    "rate",
    "health",
}
"""The actions that are followed by a colon and what they are about."""


def mistakes() -> Iterator[str]:
    """Yield a sentence for each mistake in the files of labels."""
    known = {line.split(" | ")[0] for line in (LABELS / "facts.txt").read_text("utf-8").splitlines()}
    for path in sorted(LABELS.glob("*.jsonl")):
        voice, _, _ = path.name.partition(".")
        turns = set(_turns(FOLDER / "conversations" / f"{voice}.jsonl"))
        for label in map(json.loads, path.read_text("utf-8").splitlines()):
            place = (label["id"], label["turn"])
            if place not in turns:
                yield f"{path.name}: {place} is no turn, or is labelled twice"
            turns.discard(place)
            actions = [action for action in label["do"] if not _is_known(action)]
            facts = [fact for fact in (*label["facts"], *label.get("or", [])) if fact not in known]
            if actions or facts or not label["do"]:
                yield f"{path.name}: {place} has unknown labels: {actions + facts}"
        if turns:
            yield f"{path.name}: {len(turns)} turns have no label"


def _turns(path: Path) -> Iterator[tuple[str, int]]:
    for conversation in map(json.loads, path.read_text("utf-8").splitlines()):
        yield from ((conversation["id"], turn) for turn in range(1, len(conversation["turns"]) + 1))


def _is_known(action: str) -> bool:
    head, colon, _ = action.partition(":")
    return head in (WITH_THING if colon else PLAIN)


if __name__ == "__main__":
    found = list(mistakes())
    print("\n".join(found) or "Every turn is labelled.")
    sys.exit(bool(found))
