"""Handles every event: loads the session, advances it, writes the messages, and commits all of this.

Everything that people do, and everything that becomes due, goes through the class Coach. Coach must not send
anything: it commits messages together with the session, and the outbox sends them. So a crash cannot lose one
without the other.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from bot.backoff import backoff
from bot.clock import Clock
from bot.incoming import Commanded, Incoming, Tapped, Wrote
from bot.routine.model import Library, Routine
from bot.session import events as ev
from bot.session.compatibility import is_compatible
from bot.session.effects import Forget, Say, Topic
from bot.session.state import Running, Session
from bot.session.transitions import advance
from bot.storage import policy
from bot.storage.errors import AlreadySeen, Conflict, Unreadable
from bot.storage.retry import until_available
from bot.storage.store import Store
from bot.understanding.interpreter import Interpreter
from bot.wording.commands import COMMANDS
from bot.wording.context import RenderContext
from bot.wording.messages import event_from_callback
from bot.wording.reply import reply

log = logging.getLogger(__name__)

EventFor = Callable[[Session], ev.Event]
"""Returns the event for a loaded session. It needs the session because the same words can mean different
things in different states."""

MAX_CONFLICT_RETRIES = 8
"""How often a commit is retried after a conflict, before the conflict is considered permanent. In a conflict,
somebody else has committed the session since it was loaded."""
IMMEDIATE_RETRIES = 5
"""How many of the retries after a conflict are made without a wait."""
STALE = ev.Event(revision=-1)
"""The event for invalid callback data. No session has this revision, so the event changes nothing."""


class Coach:
    """Coaches every chat: takes events, and commits the session and the messages that follow from each.

    `committed(due_at)` is called after each commit, to wake the outbox and the alarm. `cued(lateness)` is
    called after the commit of a cue, which is what the coach does by itself at a certain time; `lateness` is
    the seconds since the cue was due. `voice` says whether the coach can speak.
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
        self._interpreter = Interpreter(library)
        self._clock = clock
        self._committed = committed
        self._cued = cued
        self._voice = voice

    async def take(self, incoming: Incoming) -> str:
        """Handle what a person did. Return the toast to show after a tap, or "" for none."""
        try:
            return await self._handle(incoming.chat, partial(self._understand, incoming.what), incoming)
        except AlreadySeen:
            return ""

    def is_pain(self, what: Wrote) -> bool:
        """Return whether a message says that something hurts. Such a message is never dropped as a flood."""
        return self._interpreter.hurts(what.text)

    def is_unmistakable_pain(self, what: Wrote) -> bool:
        """Return whether a message clearly reports pain. This check is much faster than `is_pain()`."""
        return self._interpreter.cries(what.text)

    async def due(self, chat: int) -> None:
        """Handle a chat's cue: what the coach does by itself at a certain time."""
        await self._handle_unprompted(chat, ev.CueDue())

    async def blocked(self, chat: int) -> None:
        """Handle the fact that the person has blocked the bot or deleted the account."""
        await self._handle_unprompted(chat, ev.Blocked())

    async def undelivered(self, chat: int, step: int, part: int) -> None:
        """Handle the fact that the message for the start of a part could not be delivered in time."""
        await self._handle_unprompted(chat, ev.Undelivered(step=step, part=part))

    async def track_failed(self, chat: int) -> None:
        """Handle the fact that a guided track could not be made or sent."""
        await self._handle_unprompted(chat, ev.TrackFailed())

    async def _handle_unprompted(self, chat: int, event: ev.Event) -> None:
        """Handle an event that no person caused.

        If the stored session cannot be read, leave it alone until a person does something.
        """
        try:
            await self._handle(chat, lambda _: event, None)
        except Unreadable as unreadable:
            log.error("%s; it is left alone until somebody writes or taps there", unreadable)
            await self._store.park(chat, unreadable.version)

    def _understand(self, what: Tapped | Commanded | Wrote, session: Session) -> ev.Event:
        match what:
            case Commanded(name=name):
                return self._checked(COMMANDS[name].event() if name in COMMANDS else ev.Unclear())
            case Wrote(text=text):
                return self._checked(self._interpreter.understand(text, session))
            case Tapped(data=data):
                return self._checked(event_from_callback(data))

    def _checked(self, event: ev.Event | None) -> ev.Event:
        """Return the event, or STALE if it names something that does not exist.

        That can happen because anybody can forge callback data. If the event asks for audio and there is no
        voice, return VoiceUnavailable.
        """
        match event:
            case ev.TrackAsked() | ev.ReadAloudChosen() if not self._voice:
                return ev.VoiceUnavailable(event.revision)
            case ev.RoutineChosen(routine=routine) if routine not in self._library.routines:
                return STALE
            case ev.SpotMarked(spot=spot) if spot not in self._library.handbook.spots:
                return STALE
            case None:
                return STALE
            case _:
                return event

    async def _handle(self, chat: int, event_for: EventFor, incoming: Incoming | None) -> str:
        """Load, advance and commit the session, and retry until that succeeds. Return the toast.

        Raises Conflict if the conflicts do not end, which means that the stored session can never be changed.
        """
        attempt = partial(self._attempt, chat, event_for, incoming)
        for conflicts in range(MAX_CONFLICT_RETRIES):
            try:
                return await until_available(attempt)
            except Conflict:
                if conflicts >= IMMEDIATE_RETRIES:
                    await asyncio.sleep(backoff(conflicts - IMMEDIATE_RETRIES))
        return await until_available(attempt)

    async def _attempt(self, chat: int, event_for: EventFor, incoming: Incoming | None) -> str:
        """Load, advance and commit the session once. Return the toast.

        Raises Conflict, AlreadySeen, Unreadable, and the errors of the store.
        """
        now = self._clock.now()
        stored, session = await self._load(chat, now, is_prompted=incoming is not None)
        event = await self._or_undelivered(event_for(session), session, now)
        after, effects = advance(session, event, self._routine(session, event), now)
        if session.version and session != stored:
            effects = (Say(Topic.CHANGED), *effects)
        messages, toast = reply(effects, self._context(after, incoming), now)
        # A stored session's cue is committed even if the session stays the same. Otherwise the cue stays due.
        must_commit = stored is not None and isinstance(event, ev.CueDue)
        if after == (stored or session) and not messages and not must_commit:
            return toast
        await self._store.commit(
            after,
            messages,
            update_id=incoming.update_id if incoming else None,
            now=now,
            forget=Forget() in effects,
            superseded=policy.superseded(event, session, after),
            rank=policy.commit_rank(event, session, after, messages),
        )
        self._committed(after.due_at)
        if isinstance(event, ev.CueDue) and session.due_at is not None:
            self._cued(self._clock.now() - session.due_at)
        return toast

    async def _load(self, chat: int, now: float, *, is_prompted: bool) -> tuple[Session | None, Session]:
        """Return the stored session, or None, and the session to continue with.

        The session to continue with is the stored session if it fits the current routines, or else a new
        session. If the stored session cannot be read, and a person did something (`is_prompted`), a new
        session replaces it. If no person did anything, Unreadable is raised.
        """
        fresh = Session.fresh(chat, self._library.default, now)
        try:
            stored = await self._store.load(chat)
        except Unreadable as unreadable:
            if not is_prompted:
                raise
            log.warning("%s; it ends", unreadable)
            return None, replace(fresh, version=unreadable.version)
        if stored is None or is_compatible(stored, self._library):
            return stored, stored or fresh
        log.warning("chat %s was in a routine that has changed since; its session ends", chat)
        return stored, replace(fresh, version=stored.version)

    async def _or_undelivered(self, event: ev.Event, session: Session, now: float) -> ev.Event:
        """Return the event, but replace a cue with Undelivered if a part's message was not delivered in time.

        So a massage never continues while the couple does not get its messages.
        """
        if isinstance(event, ev.CueDue) and isinstance(session.state, Running):
            part = await self._store.overdue_part(session.chat, now)
            return ev.Undelivered(step=part[0], part=part[1]) if part else event
        return event

    def _routine(self, session: Session, event: ev.Event) -> Routine:
        """Return the routine that the event chooses, or else the session's routine."""
        chosen = event.routine if isinstance(event, ev.RoutineChosen) else session.choices.routine
        return self._library.routines[chosen]

    def _context(self, session: Session, incoming: Incoming | None) -> RenderContext:
        name = incoming.name if incoming else ""
        tapped = incoming.what.message_id if incoming and isinstance(incoming.what, Tapped) else None
        return RenderContext(session, self._library, name, tapped, self._voice)
