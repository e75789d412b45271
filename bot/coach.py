"""The one way in: load -> understand -> advance -> render -> commit.

Whatever happens, by a person or the timer, comes through here. Nothing is sent from here: messages are
committed with the session and go out from the outbox, so a crash cannot part them.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from bot.backoff import Hold, backoff
from bot.clock import Clock
from bot.routine.model import Library, Routine
from bot.session import events as ev
from bot.session.effects import Answer, Effect, Forget, Say, ShowControls, ShowPart, Tell, Topic, Visible
from bot.session.places import parts_of
from bot.session.state import Listening, Paused, Running, Session
from bot.session.transitions import advance
from bot.storage.policy import Rank
from bot.storage.store import AlreadySeen, Conflict, Overtakes, Store, StoreUnavailable, Unreadable
from bot.understanding.interpreter import Ear
from bot.wording.commands import COMMANDS
from bot.wording.messages import Message, read
from bot.wording.notes import note
from bot.wording.render import plain, render, say, spoken
from bot.wording.scene import Scene

log = logging.getLogger(__name__)

Meant = Callable[[Session], ev.Event]
"""What has happened, for a session as it was loaded: the same words mean one thing here, another there."""

CONFLICTS, CONFLICTS_AT_ONCE = 8, 5
"""Times that a conflict is tried again before it counts as lasting; the first of them without waiting."""
AT_ONCE = 8
"""Cues committed side by side: a tap that comes meanwhile waits behind no more than these."""
CUE_TRIES = 5
"""How often a chat's cue may fail before the chat is left alone until somebody writes or taps there."""
NOTE_WITHIN = 2.0
"""Seconds that words wait for the voice note that goes before them, at most."""


@dataclass(frozen=True, slots=True)
class Tapped:
    """A button's callback data, and the message it stood under."""

    data: str
    message_id: int


@dataclass(frozen=True, slots=True)
class Commanded:
    """A command, without its slash."""

    name: str


@dataclass(frozen=True, slots=True)
class Wrote:
    """Plain words; empty for what has none, such as a sticker."""

    text: str


@dataclass(frozen=True, slots=True)
class Incoming:
    """Something a person did: in which chat, under which update's id, with what first name."""

    chat: int
    update_id: int
    name: str
    what: Tapped | Commanded | Wrote


class Coach:
    """Coaches every chat.

    `committed(due_at)` is called after each commit, to wake outbox and alarm; `cued(lateness)` after that of
    a cue, with the seconds since it was due. `voice`: whether there is anything to be heard.
    """

    def __init__(
        self,
        store: Store,
        library: Library,
        clock: Clock,
        committed: Callable[[float | None], None],
        cued: Callable[[float], None],
        *,
        voice: bool = False,
    ) -> None:
        self._store = store
        self._library = library
        self._ear = Ear(library)
        self._clock = clock
        self._committed = committed
        self._cued = cued
        self._voice = voice
        self._failing: dict[int, Hold] = {}

    async def take(self, incoming: Incoming) -> str:
        """Take in what a person did; returns the toast for whoever tapped, often empty."""
        try:
            return await self._handle(incoming.chat, partial(self._understand, incoming.what), incoming)
        except AlreadySeen:
            return ""

    def is_pain(self, what: Wrote) -> bool:
        """Whether it is words of pain, for which there is always room."""
        return self._ear.hurts(what.text)

    def is_cry(self, what: Wrote) -> bool:
        """Whether it has unmistakable words of pain, which takes no reading."""
        return self._ear.cries(what.text)

    async def due(self, chat: int) -> None:
        """A chat's moment has come."""
        await self._by_itself(chat, ev.CueDue())

    async def blocked(self, chat: int) -> None:
        """The person has blocked the bot or is gone: nobody is there to coach."""
        await self._by_itself(chat, ev.Blocked())

    async def undelivered(self, chat: int, step: int, part: int) -> None:
        """The message that opens a part could not be delivered in time."""
        await self._by_itself(chat, ev.Undelivered(step=step, part=part))

    async def untracked(self, chat: int) -> None:
        """The track that was asked for cannot be made or sent."""
        await self._by_itself(chat, ev.TrackFailed())

    async def _by_itself(self, chat: int, event: ev.Event) -> None:
        """What no person did. A session that cannot be read is left alone until one does something."""
        try:
            await self._handle(chat, lambda _: event, None)
        except Unreadable as unreadable:
            log.error("%s; it is left alone until somebody writes or taps there", unreadable)
            await self._store.park(chat, unreadable.version)

    async def drain(self) -> float | None:
        """Work off all that is due, earliest first; returns the next moment that will be, if it is known.

        A chat whose cue fails steps aside for a while, longer each time, and holds up nobody else's.
        """
        try:
            while chats := await self._store.due(self._clock.now(), limit=AT_ONCE, but=self._held):
                await self._coach_all(chats)
            due_at = await self._store.next_due(but=self._held)
        except StoreUnavailable as error:
            log.warning("what is due cannot be read: %s", error)
            return None
        now = self._clock.now()
        moments = [hold.until for hold in self._failing.values() if hold.until > now]
        return min([*moments, *([] if due_at is None else [due_at])], default=None)

    @property
    def _held(self) -> set[int]:
        """The chats that have stepped aside."""
        now = self._clock.now()
        return {chat for chat, hold in self._failing.items() if hold.until > now}

    async def _coach_all(self, chats: list[int]) -> None:
        """Coach these chats side by side."""
        outcomes = await asyncio.gather(*map(self.due, chats), return_exceptions=True)
        for chat, outcome in zip(chats, outcomes, strict=True):
            if isinstance(outcome, Exception):
                await self._step_aside(chat, outcome)
            else:
                self._failing.pop(chat, None)

    async def _step_aside(self, chat: int, error: Exception) -> None:
        tries = self._failing.pop(chat, Hold()).tries + 1
        log.error("the cue for chat %s failed, try %s of %s", chat, tries, CUE_TRIES, exc_info=error)
        if tries < CUE_TRIES:
            self._failing[chat] = Hold(self._clock.now() + backoff(tries), tries)
            return
        log.error("chat %s is left alone until somebody writes or taps there", chat)
        session = await self._store.load(chat)
        if session:
            await self._store.park(chat, session.version)

    def _understand(self, what: Tapped | Commanded | Wrote, session: Session) -> ev.Event:
        match what:
            case Commanded(name=name):
                return self._possible(COMMANDS[name].event() if name in COMMANDS else ev.Unclear())
            case Wrote(text=text):
                return self._ear.understand(text, session)
            case Tapped(data=data):
                return self._possible(read(data))

    def _possible(self, event: ev.Event | None) -> ev.Event:
        """The event of a tap; a stale one where it names what is not there, since data can be forged."""
        match event:
            case ev.TrackAsked() | ev.AloudChosen() if not self._voice:
                return ev.VoiceMissed(event.revision)
            case ev.RoutineChosen(routine=routine) if routine not in self._library.routines:
                return STALE
            case ev.SpotMarked(spot=spot) if spot not in self._library.handbook.spots:
                return STALE
            case None:
                return STALE
            case _:
                return event

    async def _handle(self, chat: int, meant: Meant, incoming: Incoming | None) -> str:
        """Try until it is committed: again soon after a conflict, later while the database is away.

        Raises Conflict where that lasts: then what is stored can never be changed.
        """
        tries = conflicts = 0
        while True:
            try:
                return await self._once(chat, meant, incoming)
            except Conflict:
                if conflicts == CONFLICTS:
                    raise
                if conflicts >= CONFLICTS_AT_ONCE:
                    await asyncio.sleep(backoff(conflicts - CONFLICTS_AT_ONCE))
                conflicts += 1
            except StoreUnavailable as error:
                log.warning("%s; trying again in %.1f s", error, backoff(tries))
                await asyncio.sleep(backoff(tries))
                tries += 1

    async def _once(self, chat: int, meant: Meant, incoming: Incoming | None) -> str:
        now = self._clock.now()
        stored, session = await self._loaded(chat, now, touched=incoming is not None)
        event = await self._timely(meant(session), session, now)
        after, effects = advance(session, event, self._routine(session, event), now)
        if session.version and session != stored:
            effects = (Say(Topic.CHANGED), *effects)
        messages, toast = self._messages(after, effects, incoming, now)
        # A cue of what is stored is committed whatever it changes, or its moment would stay due.
        must_commit = stored is not None and isinstance(event, ev.CueDue)
        if after == (stored or session) and not messages and not must_commit:
            return toast
        await self._store.commit(
            after,
            messages,
            update_id=incoming.update_id if incoming else None,
            now=now,
            forget=Forget() in effects,
            overtakes=_overtakes(event, session, after),
            rank=_rank(event, session, after, messages),
        )
        self._committed(after.due_at)
        if isinstance(event, ev.CueDue) and session.due_at is not None:
            self._cued(self._clock.now() - session.due_at)
        return toast

    async def _timely(self, event: ev.Event, session: Session, now: float) -> ev.Event:
        """The event; in place of a cue, that a part was not heard of: a massage never runs on unheard."""
        if isinstance(event, ev.CueDue) and isinstance(session.state, Running):
            part = await self._store.unheard(session.chat, now)
            return ev.Undelivered(step=part[0], part=part[1]) if part else event
        return event

    def _routine(self, session: Session, event: ev.Event) -> Routine:
        chosen = event.routine if isinstance(event, ev.RoutineChosen) else session.choices.routine
        return self._library.routines[chosen]

    async def _loaded(self, chat: int, now: float, *, touched: bool) -> tuple[Session | None, Session]:
        """What is stored, and what to go on from: a new session where there is none that makes sense.

        Raises Unreadable only where nobody touched it.
        """
        fresh = Session.fresh(chat, self._library.default, now)
        try:
            stored = await self._store.load(chat)
        except Unreadable as unreadable:
            if not touched:
                raise
            log.warning("%s; it ends", unreadable)
            return None, replace(fresh, version=unreadable.version)
        if stored is None or self._fits(stored):
            return stored, stored or fresh
        log.warning("chat %s was in a routine that has changed since; its session ends", chat)
        return stored, replace(fresh, version=stored.version)

    def _fits(self, session: Session) -> bool:
        routine = self._library.routines.get(session.choices.routine)
        if routine is None or session.choices.length not in routine.lengths:
            return False
        if not isinstance(session.state, Running | Paused):
            return True
        massage = session.state.massage
        if not all(knot.spot in self._library.handbook.spots for knot in massage.knots):
            return False
        step = massage.place.step
        return step <= len(routine.steps) and massage.place.part < len(parts_of(massage, routine, step))

    def _messages(
        self, session: Session, effects: tuple[Effect, ...], incoming: Incoming | None, now: float
    ) -> tuple[list[Message], str]:
        """What goes to the outbox, and the toast. A passing word is a toast only for who tapped."""
        tapped = incoming.what.message_id if incoming and isinstance(incoming.what, Tapped) else None
        scene = Scene(session, self._library, incoming.name if incoming else "", tapped, self._voice)
        messages, toasts = [], []
        for effect in effects:
            match effect:
                case Forget():
                    continue
                case Tell(topic=topic) if tapped:
                    toasts.append(plain(say(topic, scene)))
                case ShowControls() if not tapped:
                    continue  # there is no message whose buttons could be changed
                case _:
                    messages += [*_read_aloud(effect, scene, now), render(effect, scene)]
        return messages, " ".join(toasts)


def _read_aloud(effect: Visible, scene: Scene, now: float) -> list[Message]:
    """The note that goes before a message, if its words are to be heard."""
    wanted = scene.voice and scene.session.choices.aloud
    if not wanted or not (isinstance(effect, ShowPart | Answer) or effect == Say(Topic.SUMMARY)):
        return []
    return [spoken(note(effect, scene), now + NOTE_WITHIN)]


def _overtakes(event: ev.Event, before: Session, after: Session) -> Overtakes:
    """What still waits to be sent and is of no use any more: all of it where a part was not heard, a track
    is left, or something hurts; what was to come next where the massage has moved."""
    match event, before.state:
        case ev.Undelivered(), _:
            return Overtakes.ALL if after != before else Overtakes.NOTHING
        case ev.HurtSaid(), Running() | Paused():
            return Overtakes.ALL
        case _, Listening() if after.state != before.state:
            return Overtakes.ALL
        case _:
            return Overtakes.CUES if after.revision != before.revision else Overtakes.NOTHING


def _rank(event: ev.Event, before: Session, after: Session, messages: list[Message]) -> Rank:
    """How soon these messages must be out, when more waits than Telegram takes."""
    if not any(isinstance(session.state, Running | Paused | Listening) for session in (before, after)):
        return Rank.REST
    match event:
        case ev.HurtSaid() | ev.StopAsked() | ev.StopConfirmed():
            return Rank.URGENT
        case ev.CueDue() | ev.Undelivered():
            return Rank.PART
        case _:
            return Rank.PART if any(message.part for message in messages) else Rank.ANSWER


STALE = ev.Event(revision=-1)
"""No session ever has this revision: the tap gets a friendly word and moves nothing."""
