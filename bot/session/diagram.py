"""Draws the table of transitions as a Mermaid diagram for docs/session.md.

This module must not contain rules about states and events, because the diagram only shows the table.
"""

from collections import defaultdict

from bot.session.transitions import TRANSITIONS

HEAD = """\
# The states of a session

This diagram is drawn from the table in `bot/session/transitions.py`; a test fails if it is not current.
To draw it again:

    python -m bot diagram > docs/session.md

An arrow shows the events that can lead from one state to the other. Left out are events that never change the
state, such as a question, +30 s or marking a knot. An event that has no row in the table for a state is
ignored there: the coach says that it does nothing now. Held is a pause that only the right answer ends, such
as a doctor's yes.

```mermaid
stateDiagram-v2
    [*] --> Idle
"""


def mermaid() -> str:
    """Return the text of docs/session.md."""
    arrows: dict[tuple[str, str], list[str]] = defaultdict(list)
    for (state, event), (_, *targets) in TRANSITIONS.items():
        for target in targets:
            if target is not state:
                arrows[state.__name__, target.__name__].append(event.__name__)
    lines = [
        f"    {source} --> {target}: {'<br>'.join(events)}"
        for (source, target), events in sorted(arrows.items())
    ]
    return HEAD + "\n".join(lines) + "\n```\n"
