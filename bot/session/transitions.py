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
from bot.session import actions, knots
from bot.session import events as ev
from bot.session.effects import Toast, Topic
from bot.session.moves import Context, Result
from bot.session.state import Finished, Idle, Listening, Paused, Preparing, Running, Session, State

Action = Callable[..., Result]
States = tuple[type[State], ...]

ANY: States = (Idle, Preparing, Running, Paused, Listening, Finished)
NO_MASSAGE: States = (Idle, Preparing, Finished)
MASSAGE: States = (Running, Paused)

TABLE: dict[States, dict[type[ev.Event], tuple[Action, *States]]] = {
    # The states; then for each event, the action to run and the states to which the session can move.
    ANY: {
        ev.Asked: (actions.answer,),
        ev.Chatted: (actions.say(Topic.CHATTED),),
        ev.Unclear: (actions.say(Topic.UNCLEAR),),
        ev.HelpAsked: (actions.say(Topic.HELP),),
        ev.PrivacyAsked: (actions.say(Topic.PRIVACY),),
        ev.VoiceUnavailable: (actions.say(Topic.NO_VOICE),),
        ev.ChecklistAsked: (actions.show_checklist,),
        ev.ItemTicked: (actions.tick_item,),
        ev.ForgetAsked: (actions.say(Topic.FORGET),),
        ev.ForgetConfirmed: (actions.forget, Idle),
        ev.ForgetDeclined: (actions.say(Topic.KEPT),),
    },
    (*NO_MASSAGE, Listening): {
        ev.Started: (actions.show_start_card, Preparing),
        ev.PainReported: (actions.advise_on_pain,),
    },
    NO_MASSAGE: {
        ev.TrackAsked: (actions.ask_about_health_for_track, Preparing),
        ev.CueDue: (actions.do_nothing,),
        ev.Blocked: (actions.do_nothing,),
    },
    (Preparing,): {
        ev.RoutineChosen: (actions.choose_routine,),
        ev.LengthChosen: (actions.choose_length,),
        ev.SideChosen: (actions.choose_side,),
        ev.ToneChosen: (actions.choose_tone,),
        ev.ReadAloudChosen: (actions.choose_aloud,),
        ev.Began: (actions.ask_about_health,),
        ev.ScreenedClear: (actions.begin, Running, Listening),
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
        ev.PainReported: (actions.pause_for_pain, Paused),
        ev.LighterAsked: (actions.use_less_pressure,),
        ev.KnotsAsked: (knots.show_grid,),
        ev.SpotMarked: (knots.mark_spot,),
        ev.KnotReported: (knots.mark_told_knot,),
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
        ev.StopConfirmed: (actions.confirm_stop, Finished),
    },
    (Listening,): {
        ev.StopAsked: (actions.stop_track, Finished),
        ev.TrackFailed: (actions.go_without_track, Preparing),
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
    (*MASSAGE, Listening): {
        ev.TrackAsked: (actions.start_track, Listening),
        ev.Blocked: (actions.end_silently, Idle),
    },
    (Paused, Listening): {
        ev.CueDue: (actions.expire, Idle),
    },
    # These events need no reply, because nobody is waiting for one.
    (*NO_MASSAGE, Paused, Listening): {
        ev.Undelivered: (actions.do_nothing,),
    },
    (*NO_MASSAGE, *MASSAGE): {
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
    action, *_ = TRANSITIONS.get((type(session.state), type(event)), (actions.ignore,))
    return action(Context(session, routine, now), session.state, event)
