"""The state machine of a session: one table says what each event does in each state.

1. Every transition is in TABLE. An action leaves the session in its state, or moves the session to one of
   the states in the action's row.
2. If TABLE has no row for an event in a state, the session stays the same, and the coach says that the event
   does nothing now. A test lists all pairs of a state and an event without a row, so that none is missing by
   mistake.
3. A button is stale if its revision is not the session's revision. The event of a stale button never reaches
   the table.
4. `advance` is pure: the same arguments give the same result. So a caller whose commit has failed can load
   the session and advance it again.

docs/session.md is drawn from TABLE. This module must not depend on Telegram, a database, a clock or the words
that a person reads.
"""

from collections.abc import Callable

from bot.routine.model import Routine
from bot.session import actions, alarms, knots
from bot.session import events as ev
from bot.session.effects import Toast, Topic
from bot.session.moves import Context, Result
from bot.session.state import (
    HOLDING,
    Finished,
    Idle,
    Listening,
    Paused,
    Preparing,
    Running,
    Session,
    State,
)

Action = Callable[..., Result]
States = tuple[type[State], ...]


class Held(Paused):
    """Stands in TABLE for a pause whose reason is one of HOLDING. No session has a state of this class."""


ANY: States = (Idle, Preparing, Running, Paused, Held, Listening, Finished)
NO_MASSAGE: States = (Idle, Preparing, Finished)
MASSAGE: States = (Running, Paused)

TABLE: dict[States, dict[type[ev.Event], tuple[Action, *States]]] = {
    # The states; then for each event, the action to run and the states to which the session can move.
    (*NO_MASSAGE, *MASSAGE, Listening): {
        ev.Asked: (actions.answer,),
        ev.Unclear: (actions.say(Topic.UNCLEAR),),
        ev.HelpAsked: (actions.say(Topic.HELP),),
    },
    ANY: {
        ev.Chatted: (actions.say(Topic.CHATTED),),
        ev.PrivacyAsked: (actions.say(Topic.PRIVACY),),
        ev.VoiceUnavailable: (actions.say(Topic.NO_VOICE),),
        ev.ItemTicked: (actions.tick_item,),
        ev.ForgetAsked: (actions.say(Topic.FORGET),),
        ev.ForgetConfirmed: (actions.forget, Idle),
        ev.ForgetDeclined: (actions.say(Topic.KEPT),),
    },
    (*NO_MASSAGE, Listening): {
        ev.Started: (actions.show_start_card, Preparing),
        ev.EmergencyReported: (alarms.end_for_emergency, Idle),
        ev.YoungTold: (alarms.end_for_age, Idle),
    },
    (Idle, Listening, Finished): {
        ev.HealthTold: (alarms.advise_on_health,),
    },
    (Idle, Preparing): {
        ev.PainReported: (actions.say(Topic.ACHE_BEFORE),),
    },
    (Listening, Finished): {
        ev.PainReported: (actions.say(Topic.HURT),),
    },
    (Preparing, *MASSAGE, Held, Listening): {
        ev.ChecklistAsked: (actions.show_checklist,),
    },
    (Idle, Finished): {
        ev.ChecklistAsked: (actions.prepare_with_checklist, Preparing),
    },
    NO_MASSAGE: {
        ev.RoutineChosen: (actions.choose_routine, Preparing),
        ev.LengthChosen: (actions.choose_length, Preparing),
        ev.SideChosen: (actions.choose_side, Preparing),
        ev.ToneChosen: (actions.choose_tone, Preparing),
        ev.TalkChosen: (actions.choose_talk, Preparing),
        ev.ReadAloudChosen: (actions.choose_aloud, Preparing),
        ev.UnsafeReported: (actions.say(Topic.UNSAFE),),
        ev.TrackAsked: (actions.ask_about_health_for_track, Preparing),
        ev.CueDue: (actions.do_nothing,),
        ev.Blocked: (actions.do_nothing,),
    },
    (Preparing,): {
        ev.Began: (actions.ask_about_health,),
        ev.ScreenedClear: (actions.begin, Running, Listening),
        ev.PermissionGiven: (actions.begin, Running, Listening),
        ev.VagueAnswer: (actions.say(Topic.WHICH),),
        ev.HealthTold: (actions.advise_before_massage, Preparing, Idle),
        ev.ScreenedOut: (actions.decline, Idle),
    },
    MASSAGE: {
        ev.Started: (actions.ask_to_start_over, Paused),
        ev.NextAsked: (actions.go_to_next_part, Running, Finished),
        ev.BackAsked: (actions.go_to_previous_part, Running),
        ev.AgainAsked: (actions.restart_part, Running),
        ev.SkipAsked: (actions.skip_step, Running, Finished),
        ev.StepChosen: (actions.go_to_step, Running),
        ev.MoreTimeAsked: (actions.add_time,),
        ev.TimerSwitched: (actions.switch_timer,),
        ev.MoreOpened: (actions.show_more_buttons,),
        ev.MoreClosed: (actions.show_fewer_buttons,),
        ev.TrackAsked: (actions.ask_to_play_track, Paused),
        ev.PainReported: (alarms.pause_for_pain, Paused),
        ev.LighterAsked: (alarms.use_less_pressure,),
        ev.FirmerAsked: (alarms.use_more_pressure,),
        ev.PressureRated: (alarms.follow_rating, Paused),
        ev.SideChosen: (actions.correct_side,),
        ev.TalkChosen: (actions.change_talk,),
        ev.KnotsAsked: (knots.show_grid,),
        ev.SpotMarked: (knots.mark_spot,),
        ev.KnotReported: (knots.mark_told_knot,),
        ev.KnotRetracted: (knots.retract_knot,),
        ev.GridClosed: (knots.close_grid,),
        ev.KnotEased: (knots.ease_knot, Running, Finished),
        ev.KnotStayedTight: (knots.repeat_knot, Running, Finished),
    },
    (Running,): {
        ev.PauseAsked: (actions.pause, Paused),
        ev.StopAsked: (actions.stop, Paused),
        ev.CueDue: (actions.follow_timer, Paused, Finished, Idle),
        ev.Undelivered: (actions.return_to_unseen_part, Paused),
    },
    (Paused,): {
        ev.StartedOver: (actions.show_start_card, Preparing),
        ev.PauseAsked: (actions.say(Topic.TAKE_YOUR_TIME),),
        ev.ResumeAsked: (actions.resume, Running, Finished),
        ev.StopAsked: (actions.stop, Finished),
        ev.TrackConfirmed: (actions.start_track, Listening),
    },
    (Held,): {
        ev.Started: (actions.show_start_card, Preparing),
        ev.PainReported: (alarms.remember_pain, Held),
        ev.PressureRated: (alarms.remember_rating, Held),
        ev.EmergencyEnded: (alarms.go_on_after_emergency, Paused, Held),
        ev.PermissionGiven: (alarms.go_on_with_permission, Running, Finished, Held),
        ev.StopAsked: (actions.confirm_stop, Finished),
        ev.Asked: (actions.say(Topic.STILL_HELD),),
        ev.Unclear: (actions.say(Topic.STILL_HELD),),
        ev.HelpAsked: (actions.say(Topic.STILL_HELD),),
        ev.ResumeAsked: (actions.say(Topic.STILL_HELD),),
        ev.NextAsked: (actions.say(Topic.STILL_HELD),),
        ev.BackAsked: (actions.say(Topic.STILL_HELD),),
        ev.AgainAsked: (actions.say(Topic.STILL_HELD),),
        ev.SkipAsked: (actions.say(Topic.STILL_HELD),),
        ev.StepChosen: (actions.say(Topic.STILL_HELD),),
        ev.PauseAsked: (actions.say(Topic.STILL_HELD),),
    },
    (Paused, Held): {
        ev.StopConfirmed: (actions.confirm_stop, Finished),
    },
    (Finished,): {
        ev.SwapAsked: (actions.swap_places, Preparing),
    },
    (Listening,): {
        ev.StopAsked: (actions.stop_track, Finished),
        ev.TrackFailed: (actions.go_without_track, Preparing),
        ev.TrackAsked: (actions.start_track, Listening),
        ev.UnsafeReported: (alarms.stop_track_for_safety, Finished),
        ev.PressureRated: (alarms.answer_rating,),
        ev.NextAsked: (actions.refer_to_player,),
        ev.BackAsked: (actions.refer_to_player,),
        ev.AgainAsked: (actions.refer_to_player,),
        ev.SkipAsked: (actions.refer_to_player,),
        ev.StepChosen: (actions.refer_to_player,),
        ev.PauseAsked: (actions.refer_to_player,),
        ev.ResumeAsked: (actions.refer_to_player,),
        ev.MoreTimeAsked: (actions.refer_to_player,),
        ev.TimerSwitched: (actions.refer_to_player,),
    },
    (*MASSAGE, Held): {
        ev.EmergencyReported: (alarms.hold_for_emergency, Held),
        ev.HealthTold: (alarms.hold_for_health, Held),
        ev.YoungTold: (alarms.hold_for_age, Held),
        ev.UnsafeReported: (alarms.stop_for_safety, Finished),
    },
    (*MASSAGE, Held, Listening): {
        ev.Blocked: (actions.end_silently, Idle),
    },
    (Paused, Held, Listening): {
        ev.CueDue: (actions.expire, Idle),
    },
    # These events need no reply, because nobody is waiting for one.
    (*NO_MASSAGE, Paused, Held, Listening): {
        ev.Undelivered: (actions.do_nothing,),
    },
    (*NO_MASSAGE, *MASSAGE, Held): {
        ev.TrackFailed: (actions.do_nothing,),
    },
}

TRANSITIONS: dict[tuple[type[State], type[ev.Event]], tuple[Action, *States]] = {
    (state, event): row for states, rows in TABLE.items() for event, row in rows.items() for state in states
}
"""The rows of TABLE, by pairs of one state and one event."""


def advance(session: Session, event: ev.Event, routine: Routine, now: float) -> Result:
    """Return the session after `event` at the time `now`, and the effects of the event. Raises nothing.

    `routine` is the session's routine, or the one that the event chooses.
    """
    if event.revision not in (None, session.revision):
        return session, (Toast(Topic.STALE),)
    action, *_ = TRANSITIONS.get((row_of(session.state), type(event)), (actions.ignore,))
    return action(Context(session, routine, now), session.state, event)


def row_of(state: State) -> type[State]:
    """Return the class that stands for the state in TABLE."""
    return Held if isinstance(state, Paused) and state.reason in HOLDING else type(state)
