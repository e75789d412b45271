"""Pictures in the chat: each is made once and uploaded once, and no message waits for a picture."""

import asyncio
import os
import shutil
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.clock import Clock
from bot.media.file_cache import MAX_BYTES, MAX_UNUSED_SECONDS, FileCache, evict_files
from bot.media.pictures.catalogue import coming, picture, prefetchable
from bot.media.pictures.gallery import Gallery
from bot.media.request_queue import REQUEST_LIFETIME_SECONDS, PrefetchList, RequestQueue
from bot.media.worker import ATTACHMENT, WorkerError, WorkerProcess
from bot.playground.faults import Cut, Delay, Fail
from bot.routine.model import Routine, Side, Tone
from bot.session.effects import ShowPart
from bot.session.state import Choices
from bot.session.timeline import moments
from bot.storage.store import FILE_ID_LIFETIME, Store
from bot.transport.uploads import Uploads
from bot.wording.attachments import EndCard, KnotMap, PartPicture
from bot.wording.context import RenderContext
from bot.wording.render import render
from tests.drawings import LONG_STROKES, LYING_DOWN, put_stand_ins
from tests.resting import running_loop
from tests.stage import LIBRARY, THE_MASSAGE, Guest, Theatre, stage, title_of


@pytest.fixture
async def pictured(sqlite_url: str, media_folder: Path) -> AsyncIterator[Theatre]:
    """A coach that finds its pictures in the media folder of the test run."""
    async with stage(sqlite_url, media_folder=media_folder) as theatre:
        yield theatre


def picture_kind(guest: Guest) -> str:
    """Return the kind of media in the newest message; an empty string if the message is text alone."""
    return guest.last.media.kind if guest.last.media else ""


def shown(guest: Guest) -> bytes:
    """Return the picture of the newest message."""
    assert guest.last.media is not None, "there is no picture"
    return guest.last.media.content


def made_of(named: PartPicture, folder: Path) -> bytes:
    return Gallery(folder).path(picture(named, LIBRARY)).read_bytes()


def uploads(theatre: Theatre) -> list[str]:
    """Return the kind of each uploaded file, in Telegram's terms."""
    return [file.kind for file in theatre.world.files.values()]


async def test_a_part_is_a_picture_with_the_instructions_as_its_caption(pictured: Theatre) -> None:
    sam = pictured.person("Sam")
    await sam.begins()
    assert picture_kind(sam) == "photo"
    sam.sees(THE_MASSAGE[0])
    await sam.taps("Next")
    assert picture_kind(sam) == "animation"
    sam.sees(THE_MASSAGE[1], "Firm pressure")
    assert sam.buttons == ["Lighter", "Pause", "Next", "Back", "Again", "More"]


async def test_each_picture_is_uploaded_once_for_fifty_people(pictured: Theatre) -> None:
    guests = [pictured.person(f"Guest {number}") for number in range(50)]
    for words in ("/start", "Begin", "None of these", "Next"):
        for guest in guests:
            if words.startswith("/"):
                guest.person.writes(words)
            else:
                guest.person.taps(guest.last.id, words)
        await pictured.quiet()
    assert [guest.titles for guest in guests] == [THE_MASSAGE[:2]] * 50
    assert all(message.media for guest in guests for message in guest.screen if title_of(message.text))
    assert sorted(uploads(pictured)) == ["animation", "photo"]


async def test_after_a_restart_nothing_is_uploaded_again(pictured: Theatre) -> None:
    await pictured.person("Sam").begins()
    await pictured.stop()
    pictured.start()
    kim = pictured.person("Kim")
    await kim.begins()
    assert kim.last.media
    assert uploads(pictured) == ["photo"]


async def test_a_file_that_telegram_no_longer_has_is_uploaded_again(pictured: Theatre) -> None:
    sam, kim = pictured.person("Sam"), pictured.person("Kim")
    await sam.begins()
    pictured.world.files.clear()
    await kim.begins()
    assert kim.last.media
    assert kim.titles == THE_MASSAGE[:1]
    assert uploads(pictured) == ["photo"]


async def test_the_text_is_sent_at_once_and_the_picture_is_added_later(
    sqlite_url: str, tmp_path: Path
) -> None:
    folder = put_stand_ins(tmp_path, but=[LYING_DOWN])
    async with stage(sqlite_url, media_folder=folder) as theatre:
        sam = theatre.person("Sam")
        await sam.begins()  # returns when everything is sent, also the picture
        assert theatre.calls("sendPhoto") == 0
        assert theatre.calls("editMessageMedia") == 1
        assert sam.last.media
        sam.sees(THE_MASSAGE[0])
        await sam.taps("More")
        assert "Found a knot" in sam.buttons


async def test_if_telegram_refuses_a_picture_its_text_is_still_sent(sqlite_url: str, tmp_path: Path) -> None:
    folder = put_stand_ins(tmp_path)
    Gallery(folder).path(picture(LYING_DOWN, LIBRARY)).write_bytes(b"no picture")
    async with stage(sqlite_url, media_folder=tmp_path) as theatre:
        sam = theatre.person("Sam")
        await sam.begins()
        sam.sees(THE_MASSAGE[0])
        assert not sam.last.media
        assert [call.description for call in theatre.world.calls if call.code == 400] == [
            "Bad Request: IMAGE_PROCESS_FAILED"
        ]


async def test_an_upload_that_fails_is_retried_and_succeeds_only_once(pictured: Theatre) -> None:
    sam, kim = pictured.person("Sam"), pictured.person("Kim")
    await sam.writes("/start")
    await sam.taps("Begin")
    pictured.world.faults.on(Fail(500), count=1, method="editMessageMedia")
    sam.person.taps(sam.last.id, "None of these")
    await pictured.until(lambda: not pictured.world.faults.active)
    await pictured.recovers()
    await kim.begins()
    assert sam.last.media
    assert kim.last.media
    assert uploads(pictured).count("photo") == 1


async def test_the_map_of_knots_changes_with_the_marks(pictured: Theatre) -> None:
    sam = pictured.person("Sam")
    await sam.begins()
    await sam.taps("More")
    await sam.taps("Found a knot")
    empty = shown(sam)
    await sam.taps("○ upper left")
    assert shown(sam) != empty
    assert "● upper left" in sam.buttons
    await sam.taps("Done")
    sam.sees("Marked: upper left")
    assert sam.last.media


async def test_the_answer_to_where_next_shows_the_next_part(pictured: Theatre, media_folder: Path) -> None:
    sam = pictured.person("Sam")
    await sam.begins()
    await sam.writes("where do I press next?")
    assert shown(sam) == made_of(replace(LONG_STROKES, moves=False), media_folder)


async def test_the_last_message_has_a_picture(pictured: Theatre) -> None:
    sam = pictured.person("Sam")
    await sam.begins()
    await pictured.wait(100)
    await sam.writes("stop")
    await sam.taps("Stop")
    sam.sees("We'll stop there")
    assert sam.last.media


async def test_the_pictures_have_the_chosen_skin_tone(pictured: Theatre, media_folder: Path) -> None:
    sam = pictured.person("Sam")
    await sam.writes("/start")
    await sam.taps("Skin in pictures: medium")
    assert "Skin in pictures: deep" in sam.buttons
    await sam.taps("Begin")
    await sam.taps("None of these")
    assert shown(sam) == made_of(replace(LYING_DOWN, tone=Tone.DEEP), media_folder)


# Which pictures are made, and in which order


def test_every_picture_to_prefetch_exists_in_the_routines() -> None:
    named = list(prefetchable(LIBRARY, Tone.MEDIUM))
    assert len({picture(each, LIBRARY).key for each in named}) > len(LIBRARY.routines) * 10
    assert named[0] == replace(LYING_DOWN, moves=False)


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize("routine", LIBRARY.routines.values(), ids=str)
def test_the_coming_pictures_are_those_that_the_massage_will_show(routine: Routine, side: Side) -> None:
    shown = [
        render(moment.effect, RenderContext(moment.session, LIBRARY)).attachment
        for moment in moments(routine, Choices(routine.id, routine.total_time, side))
        if isinstance(moment.effect, ShowPart)
    ]
    for number, part in enumerate(shown):
        assert isinstance(part, PartPicture)
        loops = [each for each in coming(part, LIBRARY) if each.moves and each.knot is None]
        assert loops == shown[number:]


def test_the_newest_request_comes_first_and_an_expired_request_is_dropped() -> None:
    clock = Clock(speed=0)
    requests = RequestQueue(newest_first=True, now=clock.now)
    for part in (LYING_DOWN, LONG_STROKES):
        requests.add(part)
    assert requests.first() == LONG_STROKES
    clock.skip(REQUEST_LIFETIME_SECONDS)
    requests.add(LYING_DOWN)
    assert requests.first() == LONG_STROKES, "a repeated request does not move to the front"
    clock.skip(REQUEST_LIFETIME_SECONDS)
    assert requests.first() == LYING_DOWN
    assert LONG_STROKES not in requests
    requests.remove(LYING_DOWN)
    assert requests.first() is None


def test_pictures_of_the_current_massage_are_prefetched_before_all_others() -> None:
    prefetch_list = PrefetchList(LIBRARY)
    prefetch_list.add_tone(Tone.MEDIUM)
    here = PartPicture("back", 4, 0, None, Side.RIGHT, Tone.DEEP)
    prefetch_list.prioritise_after(here)
    taken = list(iter(prefetch_list.take, None))
    soon = list(coming(here, LIBRARY))
    assert taken[: len(soon)] == soon
    assert sorted(map(str, taken)) == sorted(
        map(str, chain(*(prefetchable(LIBRARY, tone) for tone in TWO_TONES)))
    )


TWO_TONES = (Tone.MEDIUM, Tone.DEEP)


async def test_while_loops_are_not_made_yet_each_part_gets_a_still_and_the_current_one_then_its_loop(
    sqlite_url: str, tmp_path: Path
) -> None:
    async with stage(sqlite_url, media_folder=tmp_path) as theatre:
        sam = theatre.person("Sam")
        await sam.begins()
        for title in THE_MASSAGE[1:7]:
            await sam.taps_and_sees("Next", title)
            await theatre.until(lambda: picture_kind(sam) != "")
        await theatre.until(lambda: picture_kind(sam) == "animation")
        sam.sees(THE_MASSAGE[6])
        assert made(tmp_path).count(".mp4") < 6, (
            "the loop of the current part is made before those of earlier parts"
        )
        kinds = [message.media and message.media.kind for message in sam.screen if title_of(message.text)]
    assert all(kinds)
    assert kinds.count("photo") > 1


# The worker process


def made(folder: Path) -> list[str]:
    return [path.suffix for path in folder.iterdir()]


async def test_the_worker_says_why_it_cannot_make_a_picture(tmp_path: Path) -> None:
    worker = WorkerProcess(tmp_path)
    with pytest.raises(WorkerError, match="foot"):
        await worker.make(replace(LYING_DOWN, routine="foot"))
    await worker.make(KnotMap((), Tone.LIGHT))
    assert made(tmp_path) == [".png"]
    await worker.aclose()


async def test_a_worker_process_that_was_killed_is_started_again(tmp_path: Path) -> None:
    worker = WorkerProcess(tmp_path)
    await worker.make(KnotMap((), Tone.LIGHT))
    making = asyncio.create_task(worker.make(LONG_STROKES))
    await asyncio.sleep(0)  # the request is sent
    await worker.aclose()
    with pytest.raises(WorkerError, match="ended with code -9"):
        await making
    await worker.make(EndCard("back", 8, 25, 2, 1, Tone.MEDIUM))
    assert made(tmp_path) == [".png", ".png"]
    await worker.aclose()


@asynccontextmanager
async def worker_process(folder: Path) -> AsyncIterator[tuple[asyncio.subprocess.Process, int]]:
    """Run a worker process; yield it, and the file descriptor from which its answers can be read."""
    answers, out = os.pipe()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot.media.worker", str(folder), "0",
        stdin=asyncio.subprocess.PIPE, stdout=out, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    os.close(out)
    yield process, answers
    _, said = await process.communicate()
    assert (process.returncode, said) == (0, b"")


async def test_a_worker_process_ends_when_its_coach_closes_the_pipe_even_while_it_draws(
    tmp_path: Path,
) -> None:
    async with worker_process(tmp_path) as (process, answers):
        assert process.stdin
        for part in (LYING_DOWN, LONG_STROKES):
            process.stdin.write(ATTACHMENT.dump_json(part) + b"\n")
        await asyncio.to_thread(os.read, answers, 1)  # the still is made, and the loop begun
        process.stdin.close()
        await process.wait()
        os.close(answers)
    assert made(tmp_path) == [".png"]


async def test_a_worker_process_whose_coach_was_killed_ends_without_an_error(tmp_path: Path) -> None:
    async with worker_process(tmp_path) as (process, answers):
        assert process.stdin
        order = ATTACHMENT.dump_json(KnotMap((), Tone.LIGHT)) + b"\n"
        process.stdin.write(order)
        await asyncio.to_thread(os.read, answers, 1)
        process.send_signal(signal.SIGINT)
        os.close(answers)
        process.stdin.write(order)
        await process.wait()


async def test_if_the_folder_cannot_be_written_the_coach_sends_text_alone(
    sqlite_url: str, tmp_path: Path
) -> None:
    (tmp_path / "media").write_text("a file, not a folder, since the settings were read")
    async with stage(sqlite_url, media_folder=tmp_path / "media") as theatre:
        sam = theatre.person("Sam")
        await sam.begins()
        sam.sees(THE_MASSAGE[0])
        assert sam.last.media is None
        await sam.taps("Next")
        sam.sees(THE_MASSAGE[1])


async def test_text_does_not_wait_for_uploads(pictured: Theatre) -> None:
    sam = pictured.person("Sam")
    await sam.writes("/start")
    await sam.taps("Begin")
    pictured.world.faults.on(Delay(60), count=1, method="editMessageMedia")
    await sam.taps_and_sees("None of these", THE_MASSAGE[0])
    await pictured.until(lambda: not pictured.world.faults.active)
    await sam.taps_and_sees("Next", THE_MASSAGE[1])
    await sam.writes_and_sees("ow that hurts", "lift your hands")


CANCELED = "Bad Request: canceled by new editMessageMedia request"


async def test_a_picture_is_still_used_after_telegram_has_cancelled_an_edit_with_it(
    pictured: Theatre,
) -> None:
    sam, kim = pictured.person("Sam"), pictured.person("Kim")
    await sam.writes("/start")
    await sam.taps("Begin")
    pictured.world.faults.on(Fail(400, said=CANCELED), count=1, method="editMessageMedia")
    await sam.taps("None of these")
    sam.sees(THE_MASSAGE[0])
    await kim.begins()
    assert kim.last.media


async def test_a_picture_that_is_added_late_does_not_bring_old_buttons_back(pictured: Theatre) -> None:
    sam = pictured.person("Sam")
    await sam.writes("/start")
    await sam.taps("Begin")
    pictured.world.faults.on(Delay(20, held=True), count=1, method="editMessageMedia")
    await sam.taps_and_sees("None of these", THE_MASSAGE[0])
    first = sam.last.id
    await pictured.until(lambda: not pictured.world.faults.active)  # the call with its picture has begun
    await sam.taps_and_sees("Next", THE_MASSAGE[1])
    await pictured.until(lambda: not sam.person.message(first).keyboard)
    pictured.clock.skip(20)
    await pictured.quiet()
    assert [message.id for message in sam.screen if message.keyboard] == [sam.last.id]


async def test_a_picture_that_may_have_been_added_does_not_bring_old_buttons_back(pictured: Theatre) -> None:
    sam = pictured.person("Sam")
    await sam.writes("/start")
    await sam.taps("Begin")
    for effect in (Delay(20, held=True), Cut(acted=True)):
        pictured.world.faults.on(effect, count=1, method="editMessageMedia")
    await sam.taps_and_sees("None of these", THE_MASSAGE[0])
    first = sam.last.id
    await pictured.until(lambda: not pictured.world.faults.active)
    await sam.taps_and_sees("Next", THE_MASSAGE[1])
    await pictured.until(lambda: not sam.person.message(first).keyboard)
    pictured.clock.skip(20)
    await pictured.until(lambda: any(call.code == 0 for call in pictured.world.calls))
    await pictured.recovers()
    assert [message.id for message in sam.screen if message.keyboard] == [sam.last.id]


class RecordingTransport(httpx.ASGITransport):
    """An HTTP transport to the fake Telegram server that records the methods called through it."""

    def __init__(self, theatre: Theatre) -> None:
        super().__init__(app=theatre.stand_in)
        self.methods: list[str] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.methods.append(request.url.path.rpartition("/")[2])
        return await super().handle_async_request(request)


async def test_uploads_have_connections_of_their_own(pictured: Theatre) -> None:
    await pictured.stop()
    pictured.uploads_over = uploading = RecordingTransport(pictured)
    pictured.start()
    for name in ("Sam", "Kim"):
        await pictured.person(name).begins()
    assert uploading.methods == ["editMessageMedia"], "one upload, and no other call"


async def test_if_a_picture_file_cannot_be_read_its_text_is_still_sent(
    sqlite_url: str, tmp_path: Path
) -> None:
    folder = put_stand_ins(tmp_path, but=[LYING_DOWN])
    Gallery(folder).path(picture(LYING_DOWN, LIBRARY)).mkdir()
    async with stage(sqlite_url, media_folder=folder) as theatre:
        sam = theatre.person("Sam")
        await sam.begins()
        sam.sees(THE_MASSAGE[0])
        assert sam.last.media is None


# The media folder


def put(folder: Path, name: str, size: int, unused_for: float) -> Path:
    """Create a sparse file of `size` bytes, last used `unused_for` seconds ago; return its path."""
    path, used_at = folder / name, time.time() - unused_for
    path.touch()
    os.truncate(path, size)
    os.utime(path, (used_at, used_at))
    return path


def unused_for(path: Path) -> float:
    """Return the seconds since the file was last used."""
    return time.time() - path.stat().st_mtime


HOUR, DAY = 3600.0, 24 * 3600.0
NOTE = "{:020x}.ogg"


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 40 * 24)), max_size=12), st.integers(0, 200))
def test_files_unused_for_longest_are_deleted_first_and_files_in_use_are_kept(
    files: list[tuple[int, int]], most: int
) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        notes = [put(folder, NOTE.format(i), size, HOUR * age) for i, (size, age) in enumerate(files)]
        left = evict_files(folder, most)
        kept = [file for file, note in zip(files, notes, strict=True) if note.exists()]
        gone = [file for file, note in zip(files, notes, strict=True) if not note.exists()]
    assert left == sum(size for size, _ in kept)
    assert left <= most or not any(age for _, age in kept)
    assert all(age > 0 for _, age in gone)
    assert all(age * HOUR < MAX_UNUSED_SECONDS for _, age in kept)
    needless = [age for _, age in gone if age * HOUR < MAX_UNUSED_SECONDS]
    assert not needless or max((age for _, age in kept), default=0) <= min(needless)


async def test_the_folder_stays_within_its_limit_and_only_the_coachs_files_are_deleted(
    sqlite_url: str, tmp_path: Path
) -> None:
    put_stand_ins(tmp_path, but=[KnotMap((), Tone.MEDIUM)])
    used = Gallery(tmp_path).path(picture(LYING_DOWN, LIBRARY))
    os.utime(used, (time.time() - DAY, time.time() - DAY))
    notes = [put(tmp_path, NOTE.format(i), MAX_BYTES // 2, (9 - i) * DAY) for i in range(3)]
    drawn_before = put(tmp_path, "0123456789abcdef0123.mp4", 1, MAX_UNUSED_SECONDS + HOUR)
    half_made, being_made = (put(tmp_path, f"tmp{i}.part", 1, i * HOUR) for i in (1, 0))
    theirs = put(tmp_path, "holiday.ogg", MAX_BYTES, 10 * MAX_UNUSED_SECONDS)
    gone_meanwhile = tmp_path / NOTE.format(9)
    gone_meanwhile.symlink_to("nowhere")
    async with stage(sqlite_url, media_folder=tmp_path) as theatre:
        sam = theatre.person("Sam")
        await sam.begins()
        await sam.taps("More")
        await sam.taps("Found a knot")
        assert sam.last.media  # no picture is made before old files are deleted
    assert not any(map(os.path.exists, (*notes[:2], drawn_before, half_made)))
    assert all(map(os.path.exists, (notes[2], used, being_made, theirs)))
    assert unused_for(used) < HOUR


async def test_old_files_are_deleted_while_the_folder_grows(tmp_path: Path) -> None:
    cache = FileCache(tmp_path)
    await cache.evict()
    old, new = (put(tmp_path, NOTE.format(i), MAX_BYTES // 2, unused) for i, unused in enumerate((DAY, 0)))
    tidying = asyncio.create_task(cache.keep_evicting())
    for note in (old, new):
        cache.added(note)
    await running_loop().rest()
    tidying.cancel()
    assert not old.exists()
    assert new.exists()


async def test_a_file_id_that_is_not_sent_for_long_is_forgotten(sqlite_url: str) -> None:
    known = {"hands": "a", "feet": "b"}
    async with Store.open(sqlite_url) as store:
        for key, file_id in known.items():
            await store.set_file_id(1, key, file_id)
        media = Uploads(store, 1, known, None, Clock())
        await media.prune(1e9)
        assert len(known) == 2
        await media.prune(1e9 + FILE_ID_LIFETIME + 1)
    assert known == {}


async def test_a_picture_whose_file_is_deleted_is_still_sent_and_made_again_if_telegram_loses_it(
    sqlite_url: str, tmp_path: Path
) -> None:
    folder = put_stand_ins(tmp_path / "media")
    async with stage(sqlite_url, media_folder=folder) as theatre:
        sam, kim, lee = (theatre.person(name) for name in ("Sam", "Kim", "Lee"))
        await sam.begins()
        shutil.rmtree(folder)
        await kim.begins()
        assert kim.last.media
        assert uploads(theatre) == ["photo"]
        theatre.world.files.clear()
        await lee.begins()
        assert lee.last.media
