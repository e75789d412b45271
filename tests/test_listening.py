"""Guided tracks and spoken notes in the chat, with the real voice, real files and real uploads.

Even the shortest track takes some seconds to make. The first test leaves it in the media folder of the test
run, where the other tests find it; if another one is faster, it makes the track there.
"""

from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from bot.media.voice.speech import why_not
from bot.playground.faults import Fail
from bot.playground.model import Message
from tests.drawings import put_stand_ins
from tests.hearing import decode
from tests.stage import THE_MASSAGE, Guest, Theatre, stage

pytestmark = pytest.mark.skipif(bool(why_not()), reason=why_not())


@pytest.fixture
async def spoken(sqlite_url: str, media_folder: Path) -> AsyncIterator[Theatre]:
    """A coach with a voice."""
    async with stage(sqlite_url, media_folder=media_folder) as theatre:
        yield theatre


@pytest.fixture
def sam(spoken: Theatre) -> Guest:
    return spoken.person("Sam")


async def chooses_the_shortest(guest: Guest) -> None:
    await guest.writes("/start")
    await guest.taps("Another routine")
    while "5 min" not in guest.buttons:
        await guest.taps(next(button for button in guest.buttons if button.endswith(" min")))


async def listens(guest: Guest) -> None:
    await chooses_the_shortest(guest)
    await guest.taps("Guided track")
    await guest.taps_and_sees("None of these", "Start it once")
    await guest.theatre.quiet()


def leave_track(folder: Path, media_folder: Path) -> None:
    """Put the one track in `folder` into the media folder too, unless it is there already."""
    [track] = folder.glob("*.m4a")
    with suppress(FileExistsError):
        (media_folder / track.name).hardlink_to(track)


async def state_of(guest: Guest) -> str:
    """Return the kind of the stored state; an empty string if no session is stored."""
    session = await guest.theatre.store.load(guest.person.chat_id)
    return session.state.kind if session else ""


def kind(message: Message) -> str:
    return message.media.kind if message.media else ""


def kinds(guest: Guest) -> list[str]:
    return [kind(message) for message in guest.screen]


async def test_a_track_is_made_and_uploaded_once_and_its_progress_is_shown(
    sqlite_url: str, tmp_path: Path, media_folder: Path
) -> None:
    async with stage(sqlite_url, media_folder=put_stand_ins(tmp_path)) as theatre:
        sam, kim = theatre.person("Sam"), theatre.person("Kim")
        await listens(sam)
        await theatre.until(lambda: theatre.calls("deleteMessage") == 1)
        assert kinds(sam) == ["", "", "audio"]
        audio = sam.last.media
        assert audio
        assert audio.title == "Neck and shoulders, 5 min"
        assert audio.performer == "Massage coach"
        sam.sees("Start it once", "0:25 ")
        assert sam.buttons == ["Stop", "Another massage"]
        assert theatre.calls("editMessageText") > 2, "first the card is edited, and then the progress"
        uploads = len(theatre.world.files)
        await listens(kim)
        assert kinds(kim) == ["", "", "audio"]
        assert len(theatre.world.files) == uploads
        assert theatre.calls("deleteMessage") == 1, "no progress is shown for a track that exists already"
    leave_track(tmp_path, media_folder)


async def test_people_who_want_few_words_get_another_track(spoken: Theatre, sam: Guest) -> None:
    await listens(sam)
    kim = spoken.person("Kim")
    await chooses_the_shortest(kim)
    await kim.taps("Coaching: full")
    await kim.taps("Guided track")
    await kim.taps_and_sees("None of these", "Start it once")
    await spoken.quiet()
    titles = [guest.last.media.title for guest in (sam, kim) if guest.last.media]
    assert titles == ["Neck and shoulders, 5 min", "Neck and shoulders, 5 min, few words"]
    assert len(spoken.world.files) == 2


async def test_a_track_can_be_started_in_words(sam: Guest) -> None:
    await chooses_the_shortest(sam)
    await sam.taps("Guided track")
    await sam.writes("lets begin")
    sam.sees("have any of these?")
    await sam.writes("none of these")
    assert await state_of(sam) == "listening"


async def test_during_a_track_the_coach_says_that_the_player_keeps_the_time(
    spoken: Theatre, sam: Guest
) -> None:
    await listens(sam)
    for words in ("/pause", "next", "go back one", "skip 2", "/resume"):
        await sam.writes(words)
        sam.sees("Your player keeps the time now")
        assert sam.buttons == ["Stop", "Another massage"]


async def test_pain_during_a_track_is_answered_with_stop_the_audio(sam: Guest) -> None:
    await listens(sam)
    for words in ("ow, that hurts", "she has gone all stiff"):
        await sam.writes(words)
        assert sam.last.text.startswith("Stop the audio; lift your hands.")
    assert await state_of(sam) == "listening"


async def test_questions_are_answered_while_a_track_plays(sam: Guest) -> None:
    await listens(sam)
    await sam.writes_and_sees("where do I press?", "Step ")
    assert sam.buttons == ["Stop", "Another massage"]
    await sam.writes("how long does it take?")
    sam.sees("About 5 min in all")


async def test_after_stop_the_coach_says_how_long_the_massage_lasted(spoken: Theatre, sam: Guest) -> None:
    await listens(sam)
    await spoken.wait(120)
    await sam.taps("Stop")
    sam.sees("We'll stop there.", "2 minutes.")
    await sam.taps("Another massage")
    assert "Guided track" in sam.buttons


async def test_a_track_that_has_played_to_its_end_counts_as_a_whole_massage(
    spoken: Theatre, sam: Guest
) -> None:
    await listens(sam)
    await spoken.wait(3 * 3600)
    await sam.writes("/stop")
    sam.sees("That's the whole massage.", "5 minutes. All 5 steps.")


async def test_a_track_requested_during_a_massage_ends_it_only_if_that_is_meant(
    spoken: Theatre, sam: Guest
) -> None:
    await chooses_the_shortest(sam)
    await sam.taps("Begin")
    await sam.taps_and_sees("None of these", "Step 1")
    await sam.writes("/track")
    sam.sees("paused", "Resume, or play the track?")
    assert sam.buttons == ["Resume", "Play the track"]
    await sam.taps_and_sees("Resume", "Step 1")
    await sam.writes("/track")
    await sam.taps("Play the track")
    assert kind(sam.last) == "audio"
    heard = len(sam.screen)
    await spoken.wait(3600)
    assert len(sam.screen) == heard


async def test_messages_are_answered_while_a_track_is_being_made(sqlite_url: str, tmp_path: Path) -> None:
    async with stage(sqlite_url, media_folder=put_stand_ins(tmp_path)) as theatre:
        sam = theatre.person("Sam")
        await chooses_the_shortest(sam)
        await sam.taps("Guided track")
        sam.person.taps(sam.last.id, "None of these")
        await theatre.until(lambda: sam.last.text.startswith("Making your track"))
        await sam.writes_and_sees("ow", "Stop the audio")
        await sam.writes("/stop")  # returns once nothing is left to be sent
        sam.sees("We'll stop there.")
        assert "audio" not in kinds(sam)


async def test_if_telegram_refuses_a_track_the_coach_apologises_and_offers_begin(
    spoken: Theatre, sam: Guest
) -> None:
    spoken.world.faults.on(Fail(400), count=1, method="sendAudio")
    await chooses_the_shortest(sam)
    await sam.taps("Guided track")
    await sam.taps_and_sees("None of these", "Sorry, I couldn't make the track.")
    assert "Begin" in sam.buttons


async def test_not_today_also_cancels_a_track(sam: Guest) -> None:
    await chooses_the_shortest(sam)
    await sam.writes("/track")
    await sam.taps("Not today")
    assert await state_of(sam) == ""


# Read aloud


async def reads_aloud(guest: Guest) -> None:
    await guest.writes("/start")
    await guest.taps("Read aloud: off")


async def test_switching_read_aloud_on_explains_it_and_sends_a_sample(sam: Guest) -> None:
    await reads_aloud(sam)
    card, sample = sam.screen
    assert "Tap the first one to hear it" in card.text
    assert "Read aloud: on" in [button.text for button in card.buttons]
    assert (kind(sample), sample.text, sample.buttons) == ("voice", "", ())
    await sam.taps("Read aloud: on", on=card)
    assert "Tap the first one to hear it" not in sam.screen[0].text


async def test_a_voice_note_precedes_each_part_and_the_buttons_come_last(spoken: Theatre, sam: Guest) -> None:
    await reads_aloud(sam)
    await sam.taps("Begin", on=sam.screen[0])
    await sam.taps_and_sees("None of these", "Step 1")
    await sam.taps_and_sees("Next", "Step 2")
    await sam.writes_and_sees("how hard?", "Firm pressure. A held breath")
    await sam.writes("/stop")
    await sam.taps("Stop")
    _, _, _, agreement, *rest = sam.screen
    assert agreement.text.startswith("Say this aloud:")
    heard = [kind(message) == "voice" for message in rest]
    assert heard == [True, False, True, False, True, False, False, True, False]
    for note, words in pairwise(rest):
        if kind(note) == "voice":
            assert note.silent
            assert not note.buttons
            assert words.text
    assert sam.buttons == ["Swap places", "Another massage"]


async def test_the_sample_can_be_decoded_and_lasts_a_few_seconds(sam: Guest, tmp_path: Path) -> None:
    await reads_aloud(sam)
    note = sam.last.media
    assert note
    path = tmp_path / "note.ogg"
    path.write_bytes(note.content)
    samples, rate = decode(path)
    assert 2 < len(samples) / rate < 6


async def test_text_does_not_wait_forever_for_a_voice_note(spoken: Theatre, sam: Guest) -> None:
    await reads_aloud(sam)
    await sam.taps("Begin", on=sam.screen[0])
    spoken.world.faults.on(Fail(500), method="sendVoice")
    sam.person.taps(sam.last.id, "None of these")
    await spoken.until(lambda: spoken.world.pending == 0)
    await spoken.recovers()  # although every sendVoice fails
    assert kinds(sam).count("voice") == 1, "only the sample"
    sam.sees("Step 1")


async def test_the_command_menu_includes_the_track(spoken: Theatre, sam: Guest) -> None:
    await sam.writes("/help")
    sam.sees("/track", "tap Guided track")
    (menu,) = spoken.world.commands.values()
    assert "track" in [command["command"] for command in menu]


# No voice


async def test_without_a_voice_no_button_or_command_for_it_is_shown(theatre: Theatre) -> None:
    sam = theatre.person("Sam")
    await sam.writes("/start")
    assert sam.buttons[:2] == ["Begin", "Prep checklist"]
    assert not any("aloud" in button for button in sam.buttons)
    await sam.writes("/help")
    assert "/track" not in sam.last.text
    await sam.writes("/track")
    sam.sees("I have no voice here.")
    (menu,) = theatre.world.commands.values()
    assert "track" not in [command["command"] for command in menu]
    await sam.begins()
    sam.sees(THE_MASSAGE[0])


async def test_if_the_voice_is_no_longer_there_the_coach_goes_on_in_text(spoken: Theatre, sam: Guest) -> None:
    await reads_aloud(sam)
    card = sam.screen[0]
    await spoken.stop()
    spoken.settings = replace(spoken.settings, media_folder=None)
    spoken.start()
    await sam.taps("Guided track", on=card)
    sam.sees("I have no voice here.")
    await sam.begins()
    assert [kind(message) for message in sam.screen[1:]].count("voice") == 1, "only the sample"


async def test_a_track_in_the_making_is_given_up_if_the_voice_is_no_longer_there(
    sqlite_url: str, tmp_path: Path
) -> None:
    async with stage(sqlite_url, media_folder=put_stand_ins(tmp_path)) as theatre:
        sam = theatre.person("Sam")
        await chooses_the_shortest(sam)
        await sam.taps("Guided track")
        sam.person.taps(sam.last.id, "None of these")
        await theatre.until(lambda: sam.last.text.startswith("Making your track"))
        await theatre.stop()
        theatre.settings = replace(theatre.settings, media_folder=None)
        theatre.start()
        await theatre.quiet()
        sam.sees("Sorry, I couldn't make the track.")
