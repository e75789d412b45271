"""Turn an effect into a message: words, buttons, and what the message carries.

Short sentences, one idea each. Text is Telegram's HTML; everything from a person or a file is escaped. Must
never send anything or decide what happens next.
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
    ShowNext,
    ShowPart,
    ShowTrack,
    Tell,
    Topic,
    Visible,
)
from bot.session.state import Preparing
from bot.wording import cards, keyboards
from bot.wording.answers import answer, answer_picture
from bot.wording.attachments import GuidedTrack, VoiceNote
from bot.wording.messages import Keyboard, Message
from bot.wording.parts import next_text, part_text, part_use_by
from bot.wording.scene import Scene, knot_map, part_picture
from bot.wording.script import caption, script
from bot.wording.speech import aloud
from bot.wording.topics import TOPICS

SAMPLE = "I'll read each step aloud, like this."
HOW_TO_LISTEN = (
    "Start it once, lock the phone and put it down. Pause and skip in the player. "
    "If anything hurts, stop the audio."
)


def render(effect: Visible, scene: Scene) -> Message:
    """Return the message for an effect: a new one, or a change to the message that was tapped."""
    match effect:
        case ShowCard(new=new) | ShowChecklist(new=new) | ShowGrid(new=new):
            message = _card(effect, scene)
            return message if new else replace(message, edits=scene.tapped)
        case ShowControls(more=more):
            keyboard = keyboards.controls(scene.session, scene.routine, more=more)
            return Message(None, keyboard, edits=scene.tapped)
        case ShowPart():
            return _part(effect, scene)
        case ShowNext(use_by=use_by):
            return Message(next_text(scene), _controls(scene), use_by=use_by)
        case ShowTrack():
            return _track(scene)
        case ReadSample():
            return _sample()
        case Say():
            return _topic(effect, scene)
        case Answer(question=question, left=left):
            picture = answer_picture(question, scene)
            return Message(answer(question, scene, left), _controls(scene), attachment=picture)
        case Tell(topic=topic):
            return Message(say(topic, scene), _controls(scene))


def say(topic: Topic, scene: Scene) -> str:
    """Return the words for a topic as HTML, for a message or a toast."""
    return TOPICS[topic].text(scene)


def plain(html: str, most: int = 200) -> str:
    """Return the text without markup, cut to `most` characters. A toast shows 200 at most."""
    return unescape(re.sub(r"<[^>]+>", "", html))[:most]


def spoken(lines: tuple[str, ...], use_by: float | None = None) -> Message:
    """Return a voice note that speaks these sentences: no text, no buttons, no notification sound."""
    return Message("", replaces=False, silent=True, use_by=use_by, attachment=VoiceNote(lines))


def making(done: float) -> str:
    """Return the progress of a track that is being made; `done` runs from 0 to 1."""
    return f"Making your track: {round(100 * done)} %"


def _topic(effect: Say, scene: Scene) -> Message:
    row = TOPICS[effect.topic]
    return Message(
        row.text(scene),
        row.keyboard(scene.session, scene.routine),
        edits=None if effect.new else scene.tapped,
        attachment=row.picture(scene),
    )


def _card(effect: ShowCard | ShowChecklist | ShowGrid, scene: Scene) -> Message:
    """Return a message that buttons change in place."""
    match effect:
        case ShowCard():
            keyboard = keyboards.card(scene.session, scene.library, voice=scene.voice)
            return Message(cards.start_card(scene), keyboard)
        case ShowChecklist():
            keyboard = keyboards.checklist(scene.session, scene.routine)
            # While preparing, the start card must keep its buttons: the choices are made there.
            replaces = not isinstance(scene.session.state, Preparing)
            return Message(cards.checklist(scene), keyboard, replaces=replaces)
        case ShowGrid(open=True):
            keyboard = keyboards.grid(scene.session, scene.massage, scene.library)
            return Message(cards.knot_grid(), keyboard, attachment=knot_map(scene))
        case _:
            return Message(cards.marked_knots(scene), _controls(scene), attachment=knot_map(scene))


def _part(effect: ShowPart, scene: Scene) -> Message:
    place = scene.massage.place
    return Message(
        part_text(effect, scene, say(effect.note, scene) if effect.note else ""),
        _controls(scene),
        use_by=part_use_by(scene),
        part=(place.step, place.part),
        attachment=part_picture(place, scene.massage, scene),
    )


def _sample() -> Message:
    """Return a sample of the voice. The voice may be slow to start, so no other message waits for it."""
    return replace(spoken(aloud(SAMPLE)), awaited=True)


def _track(scene: Scene) -> Message:
    choices = scene.session.choices
    track = script(scene.library, choices)
    attachment = GuidedTrack(
        choices.routine, choices.length, choices.side, choices.tone, track.title, track.seconds
    )
    return Message(caption(track, HOW_TO_LISTEN), _controls(scene), attachment=attachment, awaited=True)


def _controls(scene: Scene) -> Keyboard:
    return keyboards.controls(scene.session, scene.routine)
