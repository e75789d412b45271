"""The messages and the toast that an event leads to. Pure."""

from collections.abc import Iterable

from bot.session.effects import Answer, Effect, Forget, Say, ShowControls, ShowPart, Tell, Topic, Visible
from bot.wording.messages import Message
from bot.wording.notes import note
from bot.wording.render import plain, render, say, spoken
from bot.wording.scene import Scene

VOICE_NOTE_SECONDS = 2.0
"""How long a message waits, at most, for the voice note that goes before it."""


def reply(effects: Iterable[Effect], scene: Scene, now: float) -> tuple[list[Message], str]:
    """Return the messages to send, and the toast for the person who tapped, which may be empty.

    `now` is in seconds since 1970 on the coach's clock. A `Tell` is a toast after a tap, and a message
    otherwise.
    """
    messages: list[Message] = []
    toasts: list[str] = []
    for effect in effects:
        match effect:
            case Forget():
                continue
            case Tell(topic=topic) if scene.tapped:
                toasts.append(plain(say(topic, scene)))
            case ShowControls() if not scene.tapped:
                continue  # without a tap, there is no message whose buttons could change
            case _:
                messages += [*_voice_notes(effect, scene, now), render(effect, scene)]
    return messages, " ".join(toasts)


def _voice_notes(effect: Visible, scene: Scene, now: float) -> list[Message]:
    """Return the voice note that goes before an effect's message, if the person wants it read aloud."""
    wanted = scene.voice and scene.session.choices.aloud
    is_read = isinstance(effect, ShowPart | Answer) or effect == Say(Topic.SUMMARY)
    return [spoken(note(effect, scene), now + VOICE_NOTE_SECONDS)] if wanted and is_read else []
