"""Nobody is hurt, and both are heard: what a good masseur would mind, as conversations."""

import pytest

from bot.session.state import Finished, Idle, Paused, Preparing, Reason, Running, State, Ticking
from tests.stage import LIBRARY, Guest, Theatre, title_of

SCREENING = ["None of these", "Not today", "A doctor has said yes"]


async def state_of(guest: Guest) -> State:
    session = await guest.theatre.store.load(guest.person.chat_id)
    assert session
    return session.state


async def is_held(guest: Guest, reason: Reason) -> None:
    state = await state_of(guest)
    assert isinstance(state, Paused)
    assert state.reason is reason


# --- A health matter, told in the middle of a massage --------------------------------------------


@pytest.mark.parametrize("words", ["she is pregnant", "he takes blood thinners", "she has a slipped disc"])
async def test_where_a_doctor_must_be_asked_first_the_massage_waits_for_the_doctors_yes(
    theatre: Theatre, sam: Guest, words: str
) -> None:
    await sam.begins()
    await sam.reaches("Step 3")
    await theatre.wait(20)
    await sam.writes(words)
    sam.sees("I've paused.", "doctor")
    assert sam.buttons == ["A doctor has said yes", "Stop"]
    for impatient in ("next", "go back", "skip this step", "go to step 5"):
        await sam.writes(impatient)
        sam.sees("Has a doctor said yes?")
        assert sam.buttons == ["A doctor has said yes", "Stop"]
    await theatre.wait(300)
    await sam.taps("A doctor has said yes")
    sam.sees("Step 3 of 8", "2 min 40 s left")


async def test_what_is_said_fits_the_case(sam: Guest) -> None:
    await sam.begins()
    await sam.writes("oh and she is pregnant")
    sam.sees("I've paused. If pregnant, ask a doctor or midwife first, and don't lie face down.")


@pytest.mark.parametrize("words", ["he has a fever", "she has a blood clot", "i think it is infected"])
async def test_with_some_conditions_the_massage_can_only_stop(sam: Guest, words: str) -> None:
    await sam.begins()
    await sam.reaches("Step 3")
    await sam.writes(words)
    sam.sees("I've paused.", "Not today")
    assert sam.buttons == ["Stop"]
    await sam.writes("next")
    assert sam.buttons == ["Stop"]
    await is_held(sam, Reason.NOT_TODAY)
    await sam.taps("Stop")
    sam.sees("We'll stop there.")
    assert isinstance(await state_of(sam), Finished)


async def test_a_condition_told_while_a_knot_is_massaged_pauses_there(sam: Guest) -> None:
    await sam.begins()
    await sam.reaches("Step 5")
    await sam.writes("knot upper left")
    await sam.reaches("Step 7")
    sam.sees("Knot 1 of 1: upper left")
    await sam.writes("she is pregnant")
    assert sam.buttons == ["A doctor has said yes", "Stop"]
    await sam.taps("A doctor has said yes")
    sam.sees("Knot 1 of 1: upper left")


async def test_a_condition_told_in_a_pause_holds_the_pause(sam: Guest) -> None:
    await sam.begins()
    await sam.reaches("Step 3")
    await sam.taps("Pause")
    await sam.writes("she takes blood thinners")
    await sam.writes("resume")
    await is_held(sam, Reason.ASK_FIRST)
    await sam.writes("/stop")
    sam.sees("We'll stop there.")


async def test_a_stricter_condition_takes_the_doctors_yes_away(sam: Guest) -> None:
    await sam.begins()
    await sam.writes("she is pregnant")
    ask_first = sam.last
    await sam.writes("and she has a fever")
    assert sam.buttons == ["Stop"]
    await sam.taps("A doctor has said yes", on=ask_first)
    await is_held(sam, Reason.NOT_TODAY)


async def test_a_new_start_after_that_asks_about_health_anew(sam: Guest) -> None:
    await sam.begins()
    await sam.writes("he has a fever")
    await sam.writes("/start")
    await sam.taps("Begin")
    sam.sees("Does the person lying down have any of these?")


async def test_nothing_about_health_is_stored(theatre: Theatre, sam: Guest) -> None:
    await sam.begins()
    await sam.writes("she takes blood thinners")
    session = await theatre.store.load(sam.person.chat_id)
    assert "thinner" not in str(session)


# --- An emergency --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        "he has chest pain",
        "she cant breathe",
        "he fainted",
        "my chest feels tight",
        "my left arm feels heavy",
        "his face looks odd and he talks funny",
        "her lips are swelling",
    ],
)
async def test_in_an_emergency_the_coach_says_whom_to_call_and_offers_no_lighter_massage(
    sam: Guest, words: str
) -> None:
    await sam.begins()
    await sam.reaches("Step 3")
    await sam.writes(words)
    sam.sees("Call 112, 911 or 999 now.", "I've paused.")
    assert sam.buttons == ["We're all right", "Stop"]


async def test_in_a_fire_both_are_told_to_get_out(sam: Guest) -> None:
    await sam.begins()
    await sam.reaches("Step 3")
    await sam.writes("theres a fire")
    sam.sees("Get out now, both of you.", "112, 911 or 999", "I've paused.")
    assert sam.buttons == ["We're all right", "Stop"]


@pytest.mark.parametrize("words", ["yes", "ok", "resume", "go on", "next"])
async def test_after_an_emergency_only_we_are_all_right_leads_on_and_then_the_coach_asks(
    theatre: Theatre, sam: Guest, words: str
) -> None:
    await sam.begins()
    await sam.reaches("Step 3")
    await sam.writes("he has chest pain")
    await sam.writes(words)
    await is_held(sam, Reason.EMERGENCY)
    assert sam.buttons == ["We're all right", "Stop"]
    await sam.taps("We're all right")
    sam.sees("It may be best to stop for today.", "more lightly")
    assert sam.buttons == ["Resume lighter", "Stop"]
    await theatre.wait(300)
    assert isinstance(await state_of(sam), Paused), "nothing goes on by itself"
    await sam.taps("Resume lighter")
    sam.sees("Step 3 of 8", "left", "Light pressure")


@pytest.mark.parametrize("already", [[], ["/start"], ["/start", "tap Begin"], ["/checklist"]], ids=len)
async def test_an_emergency_before_a_massage_takes_every_way_into_one_away(
    sam: Guest, already: list[str]
) -> None:
    for step in already:
        await (sam.taps("Begin") if step == "tap Begin" else sam.writes(step))
    await sam.writes("he has chest pain")
    sam.sees("Call 112, 911 or 999 now.")
    assert "I've paused" not in sam.last.text
    assert sam.buttons == []
    assert isinstance(await state_of(sam), Idle)
    await sam.writes("none of these")
    assert isinstance(await state_of(sam), Idle)


async def test_an_emergency_after_a_massage_is_answered_too(sam: Guest) -> None:
    await sam.begins()
    await sam.writes("/stop")
    await sam.taps("Stop")
    await sam.writes("she fainted")
    sam.sees("Call 112, 911 or 999 now.")
    assert sam.buttons == []


@pytest.mark.parametrize(
    "words", ["I don't feel safe", "she wants me to stop but I think she's joking", "he won't stop"]
)
async def test_whoever_does_not_feel_safe_is_heard_at_once(sam: Guest, words: str) -> None:
    await sam.begins()
    await sam.reaches("Step 3")
    await sam.writes(words)
    sam.sees("We've stopped.", "Stop means stop")
    assert sam.buttons == []
    assert isinstance(await state_of(sam), Finished)


# --- Pain, and a number for it -------------------------------------------------------------------


@pytest.mark.parametrize(("words", "score"), [("9", 9), ("10/10", 10), ("nine out of ten", 9)])
async def test_nine_or_ten_out_of_ten_pauses(sam: Guest, words: str, score: int) -> None:
    await sam.begins()
    await sam.reaches("Step 3")
    await sam.writes(words)
    sam.sees(f"{score} is pain: lift your hands. I've paused.")
    assert sam.buttons == ["Resume lighter", "Stop"]


@pytest.mark.parametrize(("words", "score"), [("7", 7), ("she says 8 out of 10", 8)])
async def test_seven_or_eight_out_of_ten_is_lighter_at_once(sam: Guest, words: str, score: int) -> None:
    await sam.begins()
    await sam.reaches("Step 3")
    await sam.writes(words)
    sam.sees(f"{score} is too much: lighter from here: light pressure.")
    assert isinstance(await state_of(sam), Running)


@pytest.mark.parametrize(("words", "score"), [("6 out of 10", 6), ("a 3", 3)])
async def test_less_than_seven_out_of_ten_is_fine(sam: Guest, words: str, score: int) -> None:
    await sam.begins()
    await sam.reaches("Step 3")
    await sam.writes(words)
    sam.sees(f"{score} out of ten is fine. Keep it there.")


async def test_after_pain_at_a_knot_the_massage_goes_on_to_the_next_one(sam: Guest) -> None:
    await sam.begins()
    await sam.reaches("Step 5")
    await sam.writes("knot lower left")
    await sam.writes("knot upper right")
    await sam.reaches("Step 7")
    sam.sees("Knot 1 of 2: lower left")
    await sam.writes("ow, that's sharp")
    sam.sees("Leave that spot alone for today.", "we'll go on to the next")
    await sam.writes("it still hurts")
    sam.sees("Leave that spot alone for today.")
    await sam.taps("Resume lighter")
    sam.sees("Knot 2 of 2: upper right")
    await sam.writes("ouch")
    await sam.taps("Resume lighter")
    sam.sees("Step 8 of 8")


async def test_a_knot_that_is_left_is_named(sam: Guest) -> None:
    await sam.begins()
    await sam.reaches("Step 5")
    await sam.writes("knot lower left")
    await sam.writes("knot upper right")
    await sam.reaches("Step 7")
    await sam.taps("Next")
    sam.sees("Lower left: enough for now.", "Knot 2 of 2: upper right")
    await sam.hears("Step 8 of 8")
    sam.sees("Upper right: enough for now.")


# --- The question before the massage -------------------------------------------------------------


async def test_the_question_is_about_the_receiver_and_a_doctors_yes_is_an_answer(sam: Guest) -> None:
    await sam.writes("/start")
    await sam.taps("Begin")
    sam.sees(
        "Does the person lying down have any of these?", "alcohol", "strong painkillers", "nuts", "adults"
    )
    assert sam.buttons == SCREENING
    await sam.taps("A doctor has said yes")
    sam.sees("Step 1 of 8")


async def test_a_condition_told_before_a_massage_waits_for_the_doctors_yes(sam: Guest) -> None:
    await sam.writes("/start")
    await sam.writes("she is pregnant")
    sam.sees("ask a doctor or midwife first")
    assert sam.buttons == ["A doctor has said yes", "Not today"]
    await sam.writes("none of these")
    sam.sees("Has a doctor said yes to that?")
    assert sam.buttons == ["A doctor has said yes", "Not today"]
    await sam.taps("A doctor has said yes")
    sam.sees("Step 1 of 8")


async def test_a_condition_told_at_the_question_makes_its_old_button_stale(sam: Guest) -> None:
    await sam.writes("/start")
    await sam.taps("Begin")
    question = sam.last
    await sam.writes("he takes blood thinners")
    await sam.taps("None of these", on=question)
    assert isinstance(await state_of(sam), Preparing)
    await sam.taps("Not today")
    assert await sam.theatre.store.load(sam.person.chat_id) is None, "and nothing is kept"


async def test_a_condition_told_before_a_track_waits_for_the_doctors_yes_too(sam: Guest) -> None:
    await sam.writes("/start")
    await sam.writes("she is pregnant")
    await sam.writes("/track")
    assert sam.buttons == ["A doctor has said yes", "Not today"]


async def test_a_fever_told_before_a_massage_ends_it(sam: Guest) -> None:
    await sam.writes("/start")
    await sam.writes("he has a fever")
    sam.sees("Not today")
    assert sam.buttons == []
    assert isinstance(await state_of(sam), Idle)


async def test_nuts_are_asked_about_only_where_there_is_oil(sam: Guest) -> None:
    await sam.writes("/start")
    await sam.taps("Another routine")
    await sam.taps("Begin")
    sam.sees("Does the person in the chair have any of these?")
    assert "nuts" not in sam.last.text


async def test_a_bare_yes_or_no_gets_one_short_line(sam: Guest) -> None:
    await sam.writes("/start")
    await sam.taps("Begin")
    for words in ("yes", "no"):
        await sam.writes(words)
        sam.sees("tap Not today, or A doctor has said yes", "None of these")
        assert "fever" not in sam.last.text
        assert sam.buttons == SCREENING
    await sam.taps("None of these")
    sam.sees("Step 1 of 8")


@pytest.mark.parametrize("words", ["I'm 14", "my girlfriend is 15"])
async def test_a_child_is_told_kindly_to_ask_a_parent(sam: Guest, words: str) -> None:
    await sam.begins()
    await sam.writes(words)
    sam.sees("I've paused.", "Anyone under eighteen needs a parent's yes first")
    assert sam.buttons == ["A parent has said yes", "Stop"]
    await sam.taps("A parent has said yes")
    sam.sees("Step 1 of 8")


async def test_an_ache_told_on_the_card_is_asked_about(sam: Guest) -> None:
    await sam.writes("/start")
    await sam.writes("my back hurts")
    sam.sees("Since when?")
    assert "lift your hands" not in sam.last.text
    assert "Begin" in sam.buttons


# --- The receiver is in the room -----------------------------------------------------------------


async def test_before_the_first_stroke_both_are_told_that_either_may_stop(sam: Guest) -> None:
    await sam.begins()
    *_, agreement, lying_down = sam.screen
    assert agreement.text == "Say this aloud: either of us can say lighter, or stop, at any time."
    assert not agreement.buttons
    assert title_of(lying_down.text) == "Step 1 of 8 · Lying down"


async def test_the_coach_asks_the_receiver_without_being_asked_to(theatre: Theatre, sam: Guest) -> None:
    await sam.begins()
    await sam.hears("Step 2 of 8")
    began = theatre.clock.now()
    await sam.hears("Ask: lighter, firmer, or just right?")
    sam.sees("If the breath catches or the muscles tighten, go lighter.")
    assert theatre.clock.now() - began <= 45
    assert not sam.last.silent, "a question to the receiver is heard"
    await sam.hears("Halfway.")
    sam.sees("Ask: lighter, firmer, or just right?")
    assert "breath" not in sam.last.text, "what to look for is said once"
    assert theatre.clock.now() - began == pytest.approx(105)


async def test_reminders_make_no_sound_and_have_the_buttons(theatre: Theatre, sam: Guest) -> None:
    await sam.begins()
    await sam.reaches("Step 3")
    await theatre.until_due()
    assert "Step" not in sam.last.text
    assert sam.last.silent
    assert "Lighter" in sam.buttons


async def test_lighter_is_a_button_beside_pause_and_can_be_tapped_twice(sam: Guest) -> None:
    await sam.begins()
    assert "Lighter" not in sam.buttons, "there is no pressure yet"
    await sam.reaches("Step 3")
    assert [button.text for button in sam.last.keyboard[0]] == ["Lighter", "Pause", "Next"]
    await sam.taps("Lighter")
    sam.sees("Lighter from here: light pressure.")
    await sam.taps("Lighter")
    sam.sees("Lighter from here: very light pressure.")
    await sam.taps("Lighter")
    sam.sees("That's as light as it gets.")
    await sam.reaches("Step 5")
    sam.sees("Light pressure, ")


async def test_firmer_takes_lighter_back_and_no_more(sam: Guest) -> None:
    await sam.begins()
    await sam.reaches("Step 3")
    await sam.taps("Lighter")
    await sam.taps("Lighter")
    for pressure in ("light", "medium"):
        await sam.writes("firmer")
        sam.sees(f"A little firmer, then: {pressure} pressure.")
    await sam.writes("firmer")
    sam.sees("up to medium pressure, and no harder.")


async def test_after_pain_nothing_is_firmer_again(sam: Guest) -> None:
    await sam.begins()
    await sam.reaches("Step 3")
    await sam.writes("ouch")
    await sam.writes("firmer")
    sam.sees("Stay at light pressure")
    await sam.taps("Resume lighter")
    await sam.writes("harder please")
    sam.sees("Stay at light pressure")
    await sam.reaches("Step 4")
    sam.sees("Light pressure")


async def test_a_brief_coach_asks_once_and_says_each_warning_and_no_other_reminder(
    theatre: Theatre, sam: Guest
) -> None:
    await sam.writes("/start")
    await sam.taps("Coaching: full")
    assert "Coaching: brief" in sam.buttons
    await sam.taps("Begin")
    await sam.taps("None of these")
    began = len(sam.screen)
    while "whole massage" not in sam.last.text:
        await theatre.until_due()
    asked = [message for message in sam.screen[began:] if "lighter, firmer" in message.text]
    assert len(asked) == 1
    said = [message.text for message in sam.screen[began:] if " of 8 · " not in message.text]
    warnings = [step.technique.feels_wrong for step in LIBRARY.default.steps if step.technique]
    assert [text for text in said if text in warnings] == warnings
    assert all(
        "Next" in text or "Nearly there" in text or "Starting in" in text or "lighter, firmer" in text
        for text in said[:-1]
        if text not in warnings
    )


# --- A quarter of an hour ------------------------------------------------------------------------


async def test_a_short_massage_has_its_oil_its_walk_and_its_closing(theatre: Theatre, sam: Guest) -> None:
    await sam.writes("/start")
    while "15 min" not in sam.buttons:
        await sam.taps(next(button for button in sam.buttons if button.endswith(" min")))
    await sam.taps("Begin")
    await sam.taps("None of these")
    await sam.hears("Starting in 25 s.")
    sam.sees("oil")
    await sam.hears("Next: the other side.")
    sam.sees("Finish this stroke")
    await sam.hears("Walk round, one hand on the back.")
    await sam.hears("Step 8 of 8")
    await sam.hears("Nearly there.")
    sam.sees("one slow breath")
    await theatre.until_due()
    sam.sees("whole massage")


async def test_next_before_the_first_stroke_leaves_time_for_the_oil_and_says_so(
    theatre: Theatre, sam: Guest
) -> None:
    await sam.begins()
    await sam.taps("Next")
    began = theatre.clock.now()
    sam.sees("Step 2 of 8", "Pour a little oil into one palm, and rub it warm between your hands.")
    state = await state_of(sam)
    assert isinstance(state, Running)
    assert isinstance(state.timing, Ticking)
    assert state.timing.starts_at - began == 25
    await sam.taps("Next")
    await sam.writes("/back")
    sam.sees("Step 2 of 8")
    assert "Pour a little oil" not in sam.last.text, "the hands are oiled"


# --- No dead ends --------------------------------------------------------------------------------


async def test_the_checklist_with_nothing_begun_offers_to_begin(sam: Guest) -> None:
    await sam.writes("/checklist")
    assert "Begin" in sam.buttons
    await sam.taps("Begin")
    assert sam.buttons == SCREENING


async def test_ticks_of_an_earlier_massage_are_gone_from_the_next_checklist(sam: Guest) -> None:
    await sam.writes("/checklist")
    await sam.taps("☐ Warm hands")
    await sam.taps("Begin")
    await sam.taps("None of these")
    await sam.writes("/stop")
    await sam.taps("Stop")
    await sam.writes("/checklist")
    assert "☐ Warm hands" in sam.buttons


async def test_the_card_can_be_changed_in_words(sam: Guest) -> None:
    await sam.writes("/start")
    await sam.writes("35 minutes")
    sam.sees("about 35 min")
    await sam.writes("I stand on the right")
    sam.sees("partner's RIGHT")
    await sam.writes("let's do the neck one")
    sam.sees("You stand behind your partner.")


async def test_a_length_that_there_is_not_is_answered_with_those_there_are(sam: Guest) -> None:
    await sam.writes("/start")
    await sam.writes("20 minutes")
    sam.sees("This one takes 15 min, 25 min or 35 min.")


async def test_the_side_can_be_corrected_in_the_middle_of_a_massage(sam: Guest) -> None:
    await sam.begins()
    await sam.reaches("Step 4")
    sam.sees("Work the RIGHT side")
    await sam.writes("I'm on the right actually")
    sam.sees("You're on the RIGHT, then.", "Work the LEFT side", "left")
    await sam.taps("Next")
    sam.sees("Walk round", "Work the RIGHT side")


async def test_a_mark_is_taken_away_in_words(sam: Guest) -> None:
    await sam.begins()
    await sam.reaches("Step 5")
    await sam.writes("knot upper left")
    await sam.writes("no knot upper left after all")
    sam.sees("No knots marked.")


async def test_the_seated_routine_shows_no_button_for_knots(sam: Guest) -> None:
    await sam.writes("/start")
    await sam.taps("Another routine")
    await sam.taps("Begin")
    await sam.taps("None of these")
    assert "Found a knot" not in sam.buttons
    await sam.taps("More")
    assert "Found a knot" not in sam.buttons
    assert "Timer: on" in sam.buttons


async def test_timer_on_turns_it_on(sam: Guest) -> None:
    await sam.begins()
    await sam.writes("timer off")
    sam.sees("Timer off.")
    await sam.writes("timer on")
    sam.sees("Timer on. I'll move us along.")


async def test_the_two_swap_places_and_health_is_asked_about_anew(theatre: Theatre, sam: Guest) -> None:
    await sam.writes("/start")
    await sam.taps("25 min")
    await sam.taps("Begin")
    await sam.taps("None of these")
    while "whole massage" not in sam.last.text:
        await theatre.until_due()
    assert sam.buttons == ["Swap places", "Another massage"]
    await sam.taps("Swap places")
    sam.sees("Does the person lying down have any of these?")
    await sam.taps("None of these")
    sam.sees("Step 1 of 8")
    session = await theatre.store.load(sam.person.chat_id)
    assert session
    assert session.choices.length == 35 * 60


# --- How much the coach says ---------------------------------------------------------------------


def warning_of(step: int) -> str:
    technique = LIBRARY.default.steps[step - 1].technique
    assert technique
    return technique.feels_wrong


async def test_whoever_asks_for_less_talk_in_a_massage_only_hears_what_comes_next(
    theatre: Theatre, sam: Guest
) -> None:
    await sam.begins()
    await sam.reaches("Step 3")
    await sam.writes("talk less")
    sam.sees("I'll keep to what comes next.")
    await theatre.until_due()
    sam.sees(warning_of(3))
    await theatre.until_due()
    sam.sees("Next:")
    await sam.taps("Next")
    await theatre.until_due()
    sam.sees(warning_of(4))
    await theatre.until_due()
    sam.sees("Next:")


async def test_less_talk_asked_for_in_a_pause_holds_after_it(theatre: Theatre, sam: Guest) -> None:
    await sam.begins()
    await sam.reaches("Step 3")
    await sam.taps("Pause")
    await sam.writes("talk less")
    await sam.taps("Resume")
    await theatre.until_due()
    sam.sees(warning_of(3))
    await theatre.until_due()
    sam.sees("Next:")


async def test_more_talk_begins_with_the_next_part(theatre: Theatre, sam: Guest) -> None:
    await sam.writes("/start")
    await sam.taps("Coaching: full")
    await sam.taps("Begin")
    await sam.taps("None of these")
    await sam.reaches("Step 3")
    await sam.writes("talk more")
    sam.sees("From the next part I'll say more.")
    await theatre.until_due()
    sam.sees(warning_of(3))
    await theatre.until_due()
    sam.sees("Next:")
    await sam.taps("Next")
    await theatre.until_due()
    sam.sees(warning_of(4))
    await theatre.until_due()
    sam.sees("Halfway.")


@pytest.mark.parametrize("words", ["ouch", "9 out of 10"])
async def test_pain_told_while_a_doctor_has_to_be_asked_is_remembered(sam: Guest, words: str) -> None:
    await sam.begins()
    await sam.reaches("Step 3")
    await sam.writes("she is pregnant")
    await sam.writes(words)
    assert sam.buttons == ["A doctor has said yes", "Stop"]
    await sam.taps("A doctor has said yes")
    sam.sees("Step 3 of 8", "Light pressure")
    await sam.writes("firmer")
    sam.sees("something hurt before")
