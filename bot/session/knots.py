"""Actions on knots: marking them in the grid or by a message, and massaging them one after the other.

The table in `transitions` says which event leads to which action. All functions here are pure.
"""

from dataclasses import replace

from bot.routine.model import Routine
from bot.routine.vocabulary import SPOTS
from bot.session import events as ev
from bot.session.effects import Say, ShowGrid, Toast, Topic
from bot.session.moves import Context, Result, enter_part, go_on, pause_at, with_work
from bot.session.places import knot_at, works_on_knots
from bot.session.state import Knot, Massage, Paused, Running


def show_grid(context: Context, state: Running | Paused, event: ev.KnotsAsked) -> Result:
    if not _has_knots(context):
        return context.stay(Toast(Topic.NO_KNOTS_HERE))
    return context.stay(ShowGrid())


def close_grid(context: Context, state: Running | Paused, event: ev.GridClosed) -> Result:
    return context.stay(ShowGrid(new=False, open=False))


def mark_spot(context: Context, state: Running | Paused, event: ev.SpotMarked) -> Result:
    """Mark a spot in the grid, or remove its mark. A second tap on the same button changes nothing."""
    if event.run != state.massage.run:
        return context.stay(Toast(Topic.STALE))
    if event.on == _is_marked(state.massage, event.spot):
        return context.stay(ShowGrid(new=False))
    return _mark(context, state, event.spot) if event.on else _unmark(context, state, event.spot)


def mark_told_knot(context: Context, state: Running | Paused, event: ev.KnotReported) -> Result:
    """Mark the spot that a message mentions, and show all marked spots in a new message without buttons."""
    if not _has_knots(context):
        return context.stay(Toast(Topic.NO_KNOTS_HERE))
    if _is_marked(state.massage, event.spot):
        return context.stay(ShowGrid(open=False))
    session, (_, *shown) = _mark(context, state, event.spot)
    return session, (ShowGrid(open=False), *shown)


def retract_knot(context: Context, state: Running | Paused, event: ev.KnotRetracted) -> Result:
    """Remove the mark of a spot that a message mentions, and show what is still marked in a new message."""
    if not _is_marked(state.massage, event.spot):
        return context.stay(Say(Topic.NOT_MARKED, about=event.spot))
    session, (shown,) = _unmark(context, state, event.spot)
    return session, (ShowGrid(open=False) if isinstance(shown, ShowGrid) else shown,)


def ease_knot(context: Context, state: Running | Paused, event: ev.KnotEased) -> Result:
    """Record that the current knot is eased, and go to the next part."""
    knot = knot_at(state.massage, context.routine)
    if knot is None:
        here = works_on_knots(state.massage, context.routine)
        return context.stay(Toast(Topic.EASED if here else Topic.NOT_NOW))
    massage = with_knot(with_work(state, context.now), replace(knot, eased=True))
    return go_on(context, massage, Say(Topic.EASED, about=knot.spot))


def repeat_knot(context: Context, state: Running | Paused, event: ev.KnotStayedTight) -> Result:
    """Massage the current knot once more. If it is still tight after that, go to the next part."""
    knot = knot_at(state.massage, context.routine)
    if knot is None:
        here = works_on_knots(state.massage, context.routine)
        return context.stay(Toast(Topic.STILL_TIGHT if here else Topic.NOT_NOW))
    still_tight = replace(knot, eased=False, rounds=knot.rounds + 1)
    massage = with_knot(with_work(state, context.now), still_tight)
    if knot.rounds:
        return go_on(context, massage, Say(Topic.LEAVE_IT, about=knot.spot))
    return enter_part(context, massage, massage.place, Say(Topic.STILL_TIGHT))


def _has_knots(context: Context) -> bool:
    return any(step.each_knot for step in context.routine.steps)


def _is_marked(massage: Massage, spot: str) -> bool:
    return spot in [knot.spot for knot in massage.knots]


def _mark(context: Context, state: Running | Paused, spot: str) -> Result:
    """Mark a spot. If this is the first knot, and the step for knots is under way, massage it at once."""
    massage = replace(state.massage, knots=_with_new_knot(state.massage, context.routine, Knot(spot)))
    if len(massage.knots) > 1 or not works_on_knots(massage, context.routine):
        return context.change(replace(state, massage=massage), ShowGrid(new=False))
    if isinstance(state, Paused):
        paused = replace(pause_at(context, massage, state.reason), since=state.since)
        return context.change(paused, ShowGrid(new=False))
    worked = replace(with_work(state, context.now), knots=massage.knots)
    session, effects = enter_part(context, worked, massage.place)
    return session, (ShowGrid(new=False, open=False), *effects)


def _with_new_knot(massage: Massage, routine: Routine, knot: Knot) -> tuple[Knot, ...]:
    """Return the knots with a new one, in the order in which they are massaged: from the lower back upwards.

    In the step for knots, those that were massaged already, and the current one, keep their places.
    """
    fixed = massage.place.part + 1 if works_on_knots(massage, routine) else 0
    ahead = sorted((*massage.knots[fixed:], knot), key=lambda each: _height(each.spot))
    return (*massage.knots[:fixed], *ahead)


def _height(spot: str) -> tuple[int, int]:
    """Return a key that sorts spots from the lower back upwards, and from left to right in each row."""
    row, column = divmod(SPOTS.index(spot), 3)
    return -row, column


def _unmark(context: Context, state: Running | Paused, spot: str) -> Result:
    """Remove the mark of a spot, unless the spot's knot is being massaged or was massaged already.

    During the step for knots, the massage's place says how many knots come before the current one. If one of
    these knots were removed, the same place would refer to a later knot.
    """
    massage = state.massage
    kept = tuple(knot for knot in massage.knots if knot.spot != spot)
    index = next(i for i, knot in enumerate(massage.knots) if knot.spot == spot)
    if works_on_knots(massage, context.routine) and index <= massage.place.part:
        return context.stay(Toast(Topic.BEING_WORKED))
    return context.change(replace(state, massage=replace(massage, knots=kept)), ShowGrid(new=False))


def with_knot(massage: Massage, changed: Knot) -> Massage:
    knots = tuple(changed if knot.spot == changed.spot else knot for knot in massage.knots)
    return replace(massage, knots=knots)
