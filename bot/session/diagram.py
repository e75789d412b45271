"""The coach's table of transitions as a Mermaid diagram, for docs/session.md. Draws, decides nothing."""

from collections import defaultdict

from bot.session.transitions import TRANSITIONS

HEAD = """\
# The states of a session

`python -m bot diagram` draws it from the table in `bot/session/transitions.py`; a test holds it current.
Events that leave the state as it is (help, the checklist, +30 s, marking a knot, ...) are left out.

```mermaid
stateDiagram-v2
    [*] --> Idle
"""


def mermaid() -> str:
    """The whole page."""
    arrows: dict[tuple[str, str], list[str]] = defaultdict(list)
    for (state, event), (_, targets) in TRANSITIONS.items():
        for target in targets:
            if target is not state:
                arrows[state.__name__, target.__name__].append(event.__name__)
    lines = [
        f"    {source} --> {target}: {'<br>'.join(dict.fromkeys(events))}"
        for (source, target), events in sorted(arrows.items())
    ]
    return HEAD + "\n".join(lines) + "\n```\n"
