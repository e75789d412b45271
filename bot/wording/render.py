"""Turn an effect (what the coach does in response to an event) into a message: text, buttons and attachment.

Sentences are short, with one idea each. All text is Telegram's HTML, and everything that comes from a person
or a file is escaped. This module must never send anything or decide what happens next.
"""

import re
from dataclasses import replace
from html import unescape

from bot.session.effects import (
    Answer,
    ReadSample,
    Say,
    ShowCard,
    ShowChecklist,
    ShowControls,
    ShowGrid,
    ShowLines,
    ShowNext,
    ShowPart,
    ShowTrack,
    Toast,
    Topic,
    Visible,
)
from bot.session.state import Preparing
from bot.wording import cards, keyboards
from bot.wording.answers import answer, answer_picture
from bot.wording.attachments import GuidedTrack, VoiceNote
from bot.wording.coaching import CHECK_INS, coaching_sentences
from bot.wording.context import RenderContext, knot_map, part_picture
from bot.wording.messages import Keyboard, Message
from bot.wording.parts import next_text, part_text, part_use_by
from bot.wording.spoken import spoken_sentences
from bot.wording.text import join_lines
from bot.wording.topics import TOPICS
from bot.wording.track_script import caption, write_track_script

SAMPLE = "I'll read each step aloud, like this."
HOW_TO_LISTEN = (
    "Start it once, lock the phone and put it down. Pause and skip in the player. "
    "If anything hurts, stop the audio."
)


def render(effect: Visible, context: RenderContext) -> Message:
    """Return the message for an effect: a new message, or a change to the message whose button was tapped."""
    match effect:
        case ShowCard(new=new) | ShowChecklist(new=new) | ShowGrid(new=new):
            message = _card(effect, context)
            return message if new else replace(message, edits=context.tapped)
        case ShowControls(more=more):
            keyboard = keyboards.controls(context.session, context.routine, more=more)
            return Message(None, keyboard, edits=context.tapped)
        case ShowPart():
            return _part(effect, context)
        case ShowLines() | ShowNext():
            return _cue(effect, context)
        case ShowTrack():
            return _track(context)
        case ReadSample():
            return _sample()
        case Say():
            return _topic(effect, context)
        case Answer(question=question, left=left):
            picture = answer_picture(question, context)
            return Message(answer(question, context, left), _controls(context), attachment=picture)
        case Toast(topic=topic):
            return Message(text_for_topic(topic, context), _controls(context))


def text_for_topic(topic: Topic, context: RenderContext) -> str:
    """Return the text of a topic as HTML. The text is used in a message, or in a toast (Telegram's short
    notice after a tap).
    """
    return TOPICS[topic].text(context)


def without_markup(html: str, most: int = 200) -> str:
    """Return the text of `html` without markup, cut to `most` characters. Telegram allows 200 characters in a
    toast (its short notice after a tap).
    """
    return unescape(re.sub(r"<[^>]+>", "", html))[:most]


def voice_note_message(lines: tuple[str, ...], use_by: float | None = None) -> Message:
    """Return a message that consists of a voice note, which reads `lines` aloud. The message has no text and
    no buttons, and plays no notification sound.
    """
    return Message("", replaces=False, silent=True, use_by=use_by, attachment=VoiceNote(lines))


def track_progress_text(done: float) -> str:
    """Return the text that shows the progress of making a guided track. `done` goes from 0 to 1."""
    return f"Making your track: {round(100 * done)} %"


def _topic(effect: Say, context: RenderContext) -> Message:
    row = TOPICS[effect.topic]
    return Message(
        row.text(replace(context, about=effect.about)),
        row.keyboard(context.session, context.routine),
        edits=None if effect.new else context.tapped,
        attachment=row.picture(context),
    )


def _card(effect: ShowCard | ShowChecklist | ShowGrid, context: RenderContext) -> Message:
    """Return the message for a card. When a button of a card is tapped, the card itself is changed."""
    match effect:
        case ShowCard():
            keyboard = keyboards.card(context.session, context.library, voice=context.voice)
            return Message(cards.start_card(context), keyboard)
        case ShowChecklist():
            keyboard = keyboards.checklist(context.session, context.routine)
            # Before a massage, the start card must keep its buttons, because the choices are made there.
            replaces = not isinstance(context.session.state, Preparing)
            return Message(cards.checklist(context), keyboard, replaces=replaces)
        case ShowGrid(open=True):
            keyboard = keyboards.grid(context.session, context.massage, context.library)
            return Message(cards.knot_grid(), keyboard, attachment=knot_map(context))
        case _:
            return Message(cards.marked_knots(context), _controls(context), attachment=knot_map(context))


def _part(effect: ShowPart, context: RenderContext) -> Message:
    place = context.massage.place
    return Message(
        part_text(effect, context, _note(effect.note, context)),
        _controls(context),
        use_by=part_use_by(context),
        part=(place.step, place.part),
        attachment=part_picture(place, context.massage, context),
    )


def _cue(effect: ShowLines | ShowNext, context: RenderContext) -> Message:
    """Return the message for what the coach says during a part. Reminders play no notification sound."""
    if isinstance(effect, ShowNext):
        return Message(next_text(effect, context), _controls(context), use_by=effect.use_by)
    text = join_lines(coaching_sentences(effect.lines, context))
    silent = CHECK_INS.isdisjoint(effect.lines)
    return Message(text, _controls(context), use_by=effect.use_by, silent=silent, remark=True)


def _note(note: Say | None, context: RenderContext) -> str:
    return text_for_topic(note.topic, replace(context, about=note.about)) if note else ""


def _sample() -> Message:
    """Return a message with a sample of the voice. The voice may take a while to start, so the chat's other
    messages do not wait for the sample.
    """
    return replace(voice_note_message(spoken_sentences(SAMPLE)), awaited=True)


def _track(context: RenderContext) -> Message:
    choices = context.session.choices
    track = write_track_script(context.library, choices)
    attachment = GuidedTrack(
        choices.routine,
        choices.length,
        choices.side,
        choices.tone,
        track.title,
        track.seconds,
        choices.talk,
    )
    return Message(caption(track, HOW_TO_LISTEN), _controls(context), attachment=attachment, awaited=True)


def _controls(context: RenderContext) -> Keyboard:
    return keyboards.controls(context.session, context.routine)
