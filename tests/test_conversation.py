"""Whole massages, as conversations between a person and the coach."""

import random

import pytest

from bot.playground.faults import Fail
from bot.playground.model import Message
from bot.session.state import Paused, Running
from bot.wording.commands import COMMANDS, menu_commands
from tests.stage import THE_MASSAGE, Guest, Theatre

CONTROLS = ["Pause", "Next", "Back", "Again", "More"]
AT_A_STROKE = ["Lighter", *CONTROLS]


async def test_a_massage_runs_to_its_end_without_a_tap_after_the_screening(
    theatre: Theatre, sam: Guest
) -> None:
    await sam.begins()
    began = theatre.clock.now()
    while "whole massage" not in sam.last.text:
        await theatre.until_due()
    assert sam.titles == THE_MASSAGE
    assert theatre.clock.now() - began == 25 * 60 + 2 * 15
    sam.sees("25 minutes.", "All 8 steps.", "glass of water")


async def test_next_alone_leads_through_the_whole_massage(sam: Guest) -> None:
    await sam.begins()
    for title in THE_MASSAGE:
        assert sam.titles[-1] == title
        await sam.taps("Next")
    sam.sees("whole massage")
    assert sam.titles == THE_MASSAGE


async def test_the_seated_routine_runs_to_its_end_and_asks_for_no_side(theatre: Theatre, sam: Guest) -> None:
    await sam.writes("/start")
    await sam.taps("Another routine")
    sam.sees("You stand behind your partner.", "about 8 min")
    assert not any("I stand" in button for button in sam.buttons)
    await sam.taps("Begin")
    await sam.taps("None of these")
    while "whole massage" not in sam.last.text:
        await theatre.until_due()
    sam.sees("8 minutes")
    assert len(set(sam.titles)) == len(sam.titles)


async def test_two_taps_lead_to_step_one_and_another_tap_changes_the_side(sam: Guest) -> None:
    await sam.writes("/start")
    sam.sees("Hi Sam.", "8 steps, about 25 min", "partner's LEFT")
    assert sam.buttons == [
        *("Begin", "Prep checklist", "25 min", "I stand: left", "Coaching: full"),
        *("Another routine", "Skin in pictures: medium"),
    ]
    await sam.taps("I stand: left")
    assert len(sam.screen) == 1, "the card is changed in place"
    sam.sees("partner's RIGHT")
    await sam.taps("Begin")
    sam.sees("Does the person lying down have any of these?", "fever", "pregnan")
    assert sam.buttons == ["None of these", "Not today", "A doctor has said yes"]
    await sam.taps("None of these")
    sam.sees("Step 1 of 8")
    await sam.reaches("Step 4")
    sam.sees("Work the LEFT side, far from you.")
    await sam.taps("Next")
    sam.sees("Walk round, one hand on the back.", "Work the RIGHT side")


async def test_choices_are_kept_for_the_next_massage(sam: Guest) -> None:
    await sam.begins()
    await sam.writes("/start")
    await sam.taps("Start over")
    await sam.taps("25 min")
    sam.sees("about 35 min")
    await sam.taps("Begin")
    await sam.taps("None of these")
    await sam.writes("/stop")
    await sam.taps("Stop")
    await sam.taps("Another massage")
    sam.sees("about 35 min")


async def test_the_question_about_health_asks_about_nuts_only_before_a_massage_with_oil(sam: Guest) -> None:
    await sam.writes("/start")
    await sam.taps("Begin")
    sam.sees("nuts", "too much alcohol", "strong painkillers", "a slipped disc")
    await sam.taps("Not today")
    await sam.writes("/start")
    await sam.taps("Another routine")
    await sam.taps("Begin")
    sam.sees("too much alcohol", "strong painkillers", "a slipped disc")
    assert "nuts" not in sam.last.text


async def test_not_today_ends_the_session_and_stores_nothing(theatre: Theatre, sam: Guest) -> None:
    await sam.writes("/start")
    await sam.taps("Begin")
    await sam.taps("Not today")
    sam.sees("not today")
    assert await theatre.store.load(sam.person.chat_id) is None


async def test_the_checklist_is_ticked_in_place(sam: Guest) -> None:
    await sam.writes("/start")
    await sam.taps("Prep checklist")
    assert sum(button.startswith("☐") for button in sam.buttons) == 10
    count = len(sam.screen)
    warm_hands = "Warm hands. Cold hands make a back tighten. If not: hold them under warm water, or rub"
    sam.sees(warm_hands, "Prop it up where you can see it as you work")
    await sam.taps("☐ Warm hands")
    assert "☑ Warm hands" in sam.buttons
    assert "Warm hands." not in sam.last.text, "only what is missing is explained"
    await sam.taps("☑ Warm hands")
    sam.sees(warm_hands)
    for button in [button for button in sam.buttons if button.startswith("☐")]:
        await sam.taps(button)
    sam.sees("All ready.")
    assert len(sam.screen) == count
    await sam.taps("Begin")
    sam.sees("Does the person lying down have any of these?")


async def test_only_the_newest_message_has_the_controls(sam: Guest) -> None:
    await sam.begins()
    assert sam.buttons == CONTROLS
    for words in ("/help", "/checklist", "what a lovely day", "/privacy"):
        await sam.writes(words)
        assert sam.buttons[-5:] == CONTROLS
    assert [message.id for message in sam.screen if message.keyboard] == [sam.last.id]


async def test_no_time_is_lost_between_pause_and_resume(theatre: Theatre, sam: Guest) -> None:
    await sam.begins()
    await sam.reaches("Step 3")
    await theatre.wait(50)
    await sam.taps("Pause")
    sam.sees("Paused. 2 min 10 s left of step 3.")
    assert sam.buttons == ["Lighter", "Resume", "Next", "Back", "Again", "More"]
    await theatre.wait(600)
    assert "Paused" in sam.last.text
    await sam.taps("Resume")
    sam.sees("Step 3 of 8 · Heel circles", "2 min 10 s left. Starting in 10 s.")
    resumed = theatre.clock.now()
    await sam.hears("Next:")
    assert theatre.clock.now() - resumed == pytest.approx(10 + 130 - 10)
    await theatre.until_due()
    sam.sees("Step 4 of 8")


async def test_more_opens_a_drawer_of_further_buttons(theatre: Theatre, sam: Guest) -> None:
    await sam.begins()
    await sam.reaches("Step 6")
    await sam.taps("More")
    drawer = ["+30 s", "Skip step", "Found a knot", "Timer: on", "Stop"]
    assert sam.buttons == ["Lighter", "Pause", "Next", "Back", "Again", "Less", *drawer]
    await sam.taps("+30 s")
    assert sam.toast == "30 s more."
    await sam.taps("Timer: on")
    assert sam.toast == "Timer off. We'll go on when you tap Next."
    assert "Timer: off" in sam.buttons
    await theatre.wait(1000)
    sam.sees("Step 6")
    await sam.taps("Timer: off")
    await sam.taps("Less")
    assert sam.buttons == AT_A_STROKE
    await sam.taps("More")
    await sam.taps("Skip step")
    sam.sees("Step 7")


async def test_back_returns_to_the_part_before_and_again_repeats_a_part(sam: Guest) -> None:
    await sam.begins()
    await sam.taps("Back")
    sam.sees("Step 1 of 8")
    await sam.reaches("Step 5")
    await sam.taps("Again")
    sam.sees("Step 5 of 8")
    await sam.taps("Back")
    sam.sees("Step 4 of 8 · Fingertips, other side")


async def test_stop_pauses_at_once_and_then_asks_whether_to_end(sam: Guest) -> None:
    await sam.begins()
    await sam.reaches("Step 3")
    await sam.taps("More")
    await sam.taps("Stop")
    sam.sees("Paused", "Stop here for today?")
    await sam.taps("Resume")
    sam.sees("Step 3")
    await sam.writes("/stop")
    await sam.taps("Stop")
    sam.sees("We'll stop there.", "glass of water")
    assert "step" not in sam.last.text


async def test_knots_are_marked_and_massaged_in_step_seven(theatre: Theatre, sam: Guest) -> None:
    await sam.begins()
    await sam.reaches("Step 5")
    sam.sees("tap Found a knot")
    await sam.taps("Found a knot")
    sam.sees("Where is the knot?")
    grid = [[button.text for button in row] for row in sam.last.keyboard][:3]
    assert grid[0] == ["○ upper left", "○ upper middle", "○ upper right"]
    await sam.taps("○ upper left")
    await sam.taps("○ lower right")
    await sam.taps("○ centre")
    await sam.taps("● centre")
    assert "○ centre" in sam.buttons, "a mark can be taken back"
    await sam.taps("Done")
    sam.sees("Marked: lower right and upper left. We'll come back to them in step 7.")
    await sam.reaches("Step 6 of 8 · Forearms, RIGHT side")
    await sam.hears("Next: the knot, lower right.")
    await theatre.until_due()
    sam.sees("Step 7 of 8 · Knot 1 of 2: lower right", "1 min 15 s", "kidney", "no ache")
    await sam.taps("Eased")
    sam.sees("Knot 2 of 2: upper left", "Lower right has eased.")
    await sam.taps("Still tight")
    sam.sees("Knot 2 of 2", "Once more")
    await sam.taps("Still tight")
    sam.sees("Step 8 of 8", "Upper left: enough for today.")
    await sam.writes("/stop")
    await sam.taps("Stop")
    sam.sees("1 of 2 knots eased")


@pytest.mark.parametrize(
    "words", ["ouch", "OW!!", "that hurts", "a sharp pain", "her arm is tingling", "STOP!!"]
)
async def test_a_message_about_pain_pauses_at_once(theatre: Theatre, sam: Guest, words: str) -> None:
    await sam.begins()
    await sam.reaches("Step 5")
    await sam.writes(words)
    sam.sees("lift your hands", "numb")
    assert sam.buttons == ["Resume lighter", "Stop"]
    await theatre.wait(1000)
    await sam.taps("Resume lighter")
    sam.sees("Step 5", "Medium pressure, ", "2 min 30 s left")


async def test_a_message_that_is_not_understood_gets_an_answer_and_changes_nothing(
    theatre: Theatre, sam: Guest
) -> None:
    await sam.writes("hello")
    sam.sees("/start")
    await sam.begins()
    await sam.reaches("Step 2")
    before = await theatre.store.load(sam.person.chat_id)
    await sam.writes("what's for dinner")
    sam.sees("carry on", "If anything hurts, just say so.")
    after = await theatre.store.load(sam.person.chat_id)
    assert before
    assert after
    assert after.state == before.state


async def test_stickers_photos_edits_and_emoji_do_not_disturb_a_massage(theatre: Theatre, sam: Guest) -> None:
    await sam.begins()
    sam.person.sends_sticker()
    sam.person.sends_photo("look")
    sam.person.sends_voice()
    sam.person.edits(sam.person.writes("/nonsense").id, "/next")
    sam.person.writes("😀" * 4000)
    sam.person.writes("<b>&lt; /next")
    await theatre.quiet()
    session = await theatre.store.load(sam.person.chat_id)
    assert session
    assert isinstance(session.state, Running)
    assert session.state.massage.place.step == 1
    assert sam.buttons == CONTROLS


async def test_markup_in_a_name_is_shown_as_text(theatre: Theatre) -> None:
    eve = theatre.person("<b>Eve</b> & <i>Co")
    await eve.writes("/start")
    eve.sees("Hi <b>Eve</b> & <i>Co.")


async def test_start_during_a_massage_offers_resume_or_start_over(sam: Guest) -> None:
    await sam.begins()
    await sam.reaches("Step 5")
    await sam.writes("/start")
    sam.sees("You're at step 5 of 8, and paused.", "Resume, or start over?")
    await sam.taps("Resume")
    sam.sees("Step 5")
    await sam.writes("/start")
    await sam.taps("Start over")
    sam.sees("Hi Sam.")


async def test_repeated_taps_on_next_count_once(theatre: Theatre, sam: Guest) -> None:
    await sam.begins()
    message = sam.last
    for _ in range(5):
        sam.person.taps(message.id, "Next", stale=True)
    await theatre.quiet()
    assert sam.titles == THE_MASSAGE[:2]
    assert sam.toast.startswith("That button is from earlier.")


async def test_taps_on_old_messages_get_a_toast_and_change_nothing(theatre: Theatre, sam: Guest) -> None:
    await sam.begins()
    await sam.reaches("Step 3")
    old: list[Message] = sam.screen[:-1]
    before = await theatre.store.load(sam.person.chat_id)
    for message in old:
        for button in message.shown:
            await sam.taps(button.text, on=message)
            assert sam.toast.startswith("That button is from earlier.")
    assert await theatre.store.load(sam.person.chat_id) == before
    await sam.writes("/stop")
    await sam.taps("Stop")
    await sam.taps("Next", on=old[-1])
    assert sam.toast.startswith("That button is from earlier.")


async def test_a_massage_paused_for_a_day_ends_without_a_message(theatre: Theatre, sam: Guest) -> None:
    await sam.begins()
    await sam.taps("Pause")
    count = len(sam.screen)
    await theatre.until_due()
    assert len(sam.screen) == count
    await sam.writes("/next")
    sam.sees("Not just now. Send /start")


async def test_forget_deletes_everything_after_one_confirmation(theatre: Theatre, sam: Guest) -> None:
    await sam.begins()
    await sam.writes("/forget")
    await sam.taps("Keep it")
    sam.sees("Nothing deleted.")
    await sam.writes("/forget")
    await sam.taps("Yes, forget me")
    sam.sees("I've deleted everything about you.")
    assert await theatre.store.load(sam.person.chat_id) is None
    assert await theatre.store.next_due() is None
    await sam.writes("/start")
    sam.sees("Hi Sam.")


@pytest.mark.parametrize("command", list(COMMANDS))
async def test_every_command_is_answered_before_and_during_a_massage(sam: Guest, command: str) -> None:
    await sam.writes(f"/{command}")
    assert len(sam.screen) == 1
    await sam.writes("/start")
    await sam.taps("Begin")
    await sam.taps("None of these")
    count = len(sam.screen)
    await sam.writes(f"/{command}@{sam.theatre.world.bot.username}")
    assert len(sam.screen) == count + 1
    assert sam.last.keyboard
    assert "didn't follow" not in sam.last.text


async def test_the_command_menu_is_set_with_descriptions(theatre: Theatre, sam: Guest) -> None:
    await sam.writes("/help")
    (menu,) = theatre.world.commands.values()
    assert {str(command["command"]): command["description"] for command in menu} == {
        name: command.meaning for name, command in menu_commands(voice=False).items()
    }
    sam.sees(*(f"/{command}" for command in menu_commands(voice=False)))


async def test_in_a_group_the_coach_answers_with_one_line_and_a_link(theatre: Theatre, sam: Guest) -> None:
    group = theatre.world.group("The family")
    sam.person.joins(group)
    sam.person.writes("/start", chat_id=group.id)
    await theatre.quiet()
    said = [m for m in theatre.world.messages(group.id) if m.sender == theatre.world.bot]
    assert [message.text for message in said] == [
        "I coach two people at a time, in private: https://t.me/back_massage_bot"
    ]


async def test_blocking_the_bot_ends_the_session_and_unblocking_it_allows_a_new_one(
    theatre: Theatre, sam: Guest
) -> None:
    await sam.begins()
    sam.person.blocks()
    await theatre.quiet()
    assert await theatre.store.next_due() is None
    sam.person.unblocks()
    await sam.begins()
    sam.sees("Step 1 of 8")


@pytest.mark.long
async def test_two_hundred_people_at_the_same_time_each_have_their_own_session(theatre: Theatre) -> None:
    chance = random.Random(8)
    guests = [theatre.person(f"Guest {number}") for number in range(200)]
    for words in ("/start", "Begin", "None of these"):
        for guest in guests:
            if words.startswith("/"):
                guest.person.writes(words)
            else:
                guest.person.taps(guest.last.id, words)
        await theatre.quiet()
    expected = dict.fromkeys(guests, 0)
    for _ in range(3):
        movers = chance.sample(guests, 80)
        for guest in movers:
            guest.person.taps(guest.last.id, "Next")
            expected[guest] += 1
        await theatre.quiet()
    for guest, taps in expected.items():
        assert guest.titles == THE_MASSAGE[: taps + 1]


async def test_one_slow_chat_delays_nobody_else(theatre: Theatre, sam: Guest) -> None:
    await sam.begins()
    kim = theatre.person("Kim")
    theatre.world.faults.on(
        Fail(429, retry_after=3600), count=1, chat_id=sam.person.chat_id, method="sendMessage"
    )
    sam.person.taps(sam.last.id, "Next")
    kim.person.writes("/start")
    await theatre.until(lambda: kim.screen != [])
    kim.sees("Hi Kim.")
    assert sam.titles == THE_MASSAGE[:1]
    await theatre.passes(3600)
    await theatre.recovers()
    assert "Still there?" in sam.last.text


async def test_if_a_cue_is_late_the_coach_asks_whether_anyone_is_there(theatre: Theatre, sam: Guest) -> None:
    await sam.begins()
    await sam.reaches("Step 3")
    await theatre.wait(180 - 10 + 121)
    sam.sees("Still there?", "step 3 of 8, 10 s left")
    session = await theatre.store.load(sam.person.chat_id)
    assert session
    assert isinstance(session.state, Paused)
    await sam.taps("Resume")
    sam.sees("Step 3 of 8", "10 s left")


async def test_after_a_restart_during_a_step_the_massage_goes_on_at_the_right_second(
    theatre: Theatre, sam: Guest
) -> None:
    await sam.begins()
    await sam.reaches("Step 5")
    ends_at = theatre.clock.now() + 180
    await theatre.wait(100)
    await theatre.stop()
    theatre.clock.skip(40)
    theatre.start()
    await theatre.quiet()
    await sam.hears("Next:")
    assert theatre.clock.now() == pytest.approx(ends_at - 10)
    await theatre.until_due()
    assert theatre.clock.now() == pytest.approx(ends_at)
    sam.sees("Step 6 of 8")
    assert sam.titles == THE_MASSAGE[:7]
