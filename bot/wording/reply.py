"""The messages and the toast that an event leads to. Pure."""

from collections.abc import Iterable

from bot.session.effects import Answer, Effect, Forget, Say, ShowControls, ShowPart, Toast, Topic, Visible
from bot.wording.context import RenderContext
from bot.wording.messages import Message
from bot.wording.render import render, text_for_topic, voice_note_message, without_markup
from bot.wording.voice_notes import voice_note_sentences

VOICE_NOTE_SECONDS = 2.0
"""How long a message waits, at most, for the voice note that goes before it."""


def reply(effects: Iterable[Effect], context: RenderContext, now: float) -> tuple[list[Message], str]:
    """Return the messages to send, and the toast for the person who tapped, which may be empty.

    `now` is in seconds since 1970 on the coach's clock. A `Toast` is a toast after a tap, and a message
    otherwise.
    """
    messages: list[Message] = []
    toasts: list[str] = []
    for effect in effects:
        match effect:
            case Forget():
                continue
            case Toast(topic=topic) if context.tapped:
                toasts.append(without_markup(text_for_topic(topic, context)))
            case ShowControls() if not context.tapped:
                continue  # without a tap, there is no message whose buttons could change
            case _:
                messages += [*_voice_notes(effect, context, now), render(effect, context)]
    return messages, " ".join(toasts)


def _voice_notes(effect: Visible, context: RenderContext, now: float) -> list[Message]:
    """Return the voice note that goes before an effect's message, if the person wants it read aloud."""
    wanted = context.voice and context.session.choices.aloud
    is_read = isinstance(effect, ShowPart | Answer) or effect == Say(Topic.SUMMARY)
    return (
        [voice_note_message(voice_note_sentences(effect, context), now + VOICE_NOTE_SECONDS)]
        if wanted and is_read
        else []
    )
