"""The messages and the toast (Telegram's short notice after a tap) that an event leads to.

All functions here are pure.
"""

from collections.abc import Iterable

from bot.session.effects import Answer, Effect, Forget, Say, ShowControls, ShowPart, Toast, Topic, Visible
from bot.wording.context import RenderContext
from bot.wording.messages import Message
from bot.wording.render import render, text_for_topic, voice_note_message, without_markup
from bot.wording.voice_notes import voice_note_sentences

VOICE_NOTE_SECONDS = 2.0
"""The longest time, in seconds, that a message waits for the voice note that is sent before it."""


def reply(effects: Iterable[Effect], context: RenderContext, now: float) -> tuple[list[Message], str]:
    """Return the messages to send, and the text of a toast for the person who tapped. The text of the toast
    may be empty.

    `now` is in seconds since 1970 on the coach's clock. A `Toast` effect becomes a toast if a button was
    tapped, and a message otherwise.
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
    """Return the voice note that is sent before an effect's message. The list is empty if the person does not
    want messages read aloud, or if the effect is of a kind that is not read aloud.
    """
    wanted = context.voice and context.session.choices.aloud
    is_read = isinstance(effect, ShowPart | Answer) or effect == Say(Topic.SUMMARY)
    return (
        [voice_note_message(voice_note_sentences(effect, context), now + VOICE_NOTE_SECONDS)]
        if wanted and is_read
        else []
    )
