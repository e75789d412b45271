"""Pictures: each part has one of the right format and size, which changes only if its data changes."""

import io
from dataclasses import replace
from functools import cache, reduce
from itertools import pairwise, product
from pathlib import Path
from xml.etree.ElementTree import fromstring

import av
import pytest
from PIL import Image, ImageChops, ImageColor, ImageOps, ImageStat

from bot.cli import main
from bot.media.pictures import body, cards, holds, making, paint, signs, strokes
from bot.media.pictures.body import View
from bot.media.pictures.composition import (
    Scene,
    draw_signs,
    hands_overlay,
    scene,
    transform_to_view,
    underlay,
)
from bot.media.pictures.figure import ACCENT
from bot.media.pictures.gallery import COLUMNS, TILE, Gallery, every_part, every_picture, examples
from bot.media.pictures.making import Picture
from bot.media.pictures.svg import curve, mirrored, svg
from bot.routine.checks import DRAWABLE
from bot.routine.model import Library, Motion, Pace, Part, Routine, Side, Stance, Technique, Tone, Turn, parts
from tests.goldens import BACK, FOLDER, GOLDEN, NECK, made, opened, small
from tests.stage import LIBRARY

EACH_PART = [(routine, part) for routine in (BACK, NECK) for part in every_part(routine)]
NAMES = [f"{routine.id}-{part.number}-{part.step.id}-{part.knot or part.turn}" for routine, part in EACH_PART]
STROKES = [(routine, part) for routine, part in EACH_PART if part.step.technique]
STROKE_NAMES = [name for name, (_, part) in zip(NAMES, EACH_PART, strict=True) if part.step.technique]
SCENES = list(
    dict.fromkeys(scene(routine, part, side, Tone.MEDIUM) for routine, part in STROKES for side in Side)
)
"""The scene of every stroke, with a giver on either side."""
SCENE_NAMES = [f"{seen.badge}-{seen.sides}" for seen in SCENES]
WORKED_PLACES = list({(seen.view, seen.keep_off, seen.stroke): seen for seen in SCENES}.values())
"""The scenes without those that differ only in the step's number or are mirror images of others."""
PIXELS_PER_CENTIMETRE = 7.4


def difference(one: Image.Image, other: Image.Image) -> float:
    """Return the mean difference between two pictures, in shades from 0 to 255."""
    means: list[float] = ImageStat.Stat(ImageChops.difference(one, other)).mean
    return sum(means) / len(means)


def changed(routine: Routine, part: Part, **values: object) -> Picture:
    """Return the still of the part, with these values in its technique."""
    assert part.step.technique
    technique = Technique.model_validate(part.step.technique.model_dump() | values)
    step = part.step.model_copy(update={"technique": technique})
    return making.still(routine, Part(part.number, step, part.times, part.turn), Side.LEFT, Tone.MEDIUM)


# --- Stills --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("routine", "part"), EACH_PART, ids=NAMES)
def test_every_part_has_a_still_within_the_size_limit(routine: Routine, part: Part) -> None:
    data = made(making.still(routine, part, Side.LEFT, Tone.MEDIUM))
    picture = Image.open(io.BytesIO(data))
    assert (picture.format, picture.size, len(data) <= 150_000) == ("PNG", (720, 720), True)


@pytest.mark.parametrize("tone", [Tone.LIGHT, Tone.DEEP])
def test_each_skin_tone_gives_a_different_picture_within_the_size_limit(tone: Tone) -> None:
    forearms = parts(BACK, 6)[0]
    data = made(making.still(BACK, forearms, Side.RIGHT, tone))
    medium = made(making.still(BACK, forearms, Side.RIGHT, Tone.MEDIUM))
    assert data != medium
    assert len(data) <= 150_000


@pytest.mark.parametrize("name", GOLDEN)
def test_pictures_look_like_their_golden_copies(name: str) -> None:
    golden = Image.open(FOLDER / f"{name}.png").convert("RGB")
    assert difference(small(GOLDEN[name]()), golden) < 0.5, (
        "look at the picture; if the change is intended, run: python -m tests.goldens"
    )


def test_the_same_data_gives_the_same_bytes() -> None:
    again = making.still(BACK, parts(BACK, 4)[0], Side.LEFT, Tone.MEDIUM)
    assert again.make() == made(GOLDEN["fingertips"]())


def test_a_changed_zone_changes_the_picture() -> None:
    part = parts(BACK, 5)[0]
    where = {"start": "low-back", "end": "mid-back", "covers": "both"}
    shorter = changed(BACK, part, where=where)
    assert shorter.key != changed(BACK, part).key
    assert difference(opened(shorter), opened(changed(BACK, part))) > 0.2


def test_a_change_of_places_to_keep_off_changes_the_picture() -> None:
    part = parts(BACK, 5)[0]
    more = changed(BACK, part, no_press=("spine", "kidneys", "low-ribs", "bones"))
    assert difference(opened(more), opened(changed(BACK, part))) > 0.1


def test_data_that_is_not_drawn_does_not_change_the_picture() -> None:
    part = parts(BACK, 5)[0]
    assert changed(BACK, part, mistake="Haste.").key == changed(BACK, part).key


# --- Sides ---------------------------------------------------------------------------------------


def hands_alone(seen: Scene) -> Image.Image:
    assert seen.stroke
    overlay = hands_overlay(seen, seen.stroke, 0.2)
    return paint.overlay(paint.rasterise(svg()), paint.rasterise(overlay.svg), overlay.at)


@pytest.mark.parametrize("number", [2, 3, 4, 5, 6, 7, 8])
def test_a_giver_on_the_right_sees_the_mirror_image(number: int) -> None:
    part = parts(BACK, number)[-1]
    turn = {Turn.LEFT: Turn.RIGHT, Turn.RIGHT: Turn.LEFT}.get(part.turn, part.turn)
    mirrored = replace(part, turn=turn)
    left = hands_alone(scene(BACK, part, Side.LEFT, Tone.MEDIUM))
    right = hands_alone(scene(BACK, mirrored, Side.RIGHT, Tone.MEDIUM))
    assert difference(ImageOps.mirror(right), left) < 0.4
    assert difference(right, left) > 2


def test_the_far_side_depends_on_where_the_giver_stands() -> None:
    far, after_walking = parts(BACK, 4)
    assert scene(BACK, far, Side.LEFT, Tone.MEDIUM).sides == "R"
    assert scene(BACK, far, Side.RIGHT, Tone.MEDIUM).sides == "L"
    assert scene(BACK, after_walking, Side.RIGHT, Tone.MEDIUM).sides == "L"
    assert scene(BACK, parts(BACK, 2)[0], Side.LEFT, Tone.MEDIUM).sides == "LR"


@pytest.mark.parametrize("side", Side)
def test_a_knot_in_the_middle_is_on_both_sides_and_the_giver_stays_on_their_own(side: Side) -> None:
    seen = scene(BACK, parts(BACK, 7, ["centre"])[0], side, Tone.MEDIUM)
    assert seen.stroke
    assert seen.stroke.both
    assert seen.sides == ("L" if side is Side.LEFT else "R")
    assert seen.mirror is (side is Side.LEFT)
    assert seen.giver == 1  # on the right, where the spot is drawn, before the scene is mirrored


@pytest.mark.parametrize("seen", SCENES, ids=SCENE_NAMES)
def test_exactly_the_side_that_the_hands_are_on_is_lit(seen: Scene) -> None:
    assert seen.stroke
    hands = holds.hands(seen.stroke, 0.2)
    worked = {"L" if (hand.at[0] < 0) != seen.mirror else "R" for hand in hands}
    halves = {"L": (0, 0, 358, 720), "R": (362, 0, 720, 720)}
    letters, glow = paint.rasterise(draw_signs(seen)), paint.rasterise(cards.glow(seen)).getchannel("A")
    light = {side: ImageStat.Stat(glow.crop(box)).mean[0] for side, box in halves.items()}
    assert {side for side, box in halves.items() if amber(letters.crop(box)).getbbox()} == worked
    assert {side for side in halves if light[side] > max(light.values()) / 4} == worked


def amber(picture: Image.Image) -> Image.Image:
    """Return a mask of the opaque pixels in the accent colour."""
    *colours, opacity = picture.split()
    masks = [opacity.point(lambda value: 255 * (value > 235))]
    for channel, wanted in zip(colours, ImageColor.getrgb(ACCENT), strict=True):
        masks.append(channel.point([255 * (abs(value - wanted) < 14) for value in range(256)]))
    return reduce(ImageChops.darker, masks)


def test_pictures_of_a_giver_who_stands_behind_do_not_depend_on_the_chosen_side() -> None:
    for part in every_part(NECK):
        keys = {making.still(NECK, part, side, Tone.MEDIUM).key for side in Side}
        assert len(keys) == 1
    left, right = parts(NECK, 4)
    sides = [scene(NECK, part, Side.LEFT, Tone.MEDIUM).sides for part in (left, right)]
    assert sides == ["L", "R"]


# --- Hands ---------------------------------------------------------------------------------------


@cache
def hatching(view: View, keep_off: tuple[str, ...]) -> Image.Image:
    """Return a mask of the hatched places."""
    outlines = [outline for name in keep_off for outline in body.NO_PRESS[name]]
    both = signs.keep_off([*outlines, *map(mirrored, outlines)])
    drawn = paint.rasterise(svg(signs.definitions(), transform_to_view(view, both)))
    return drawn.getchannel("A").point(lambda value: 255 * (value > 60))


@pytest.mark.parametrize("seen", WORKED_PLACES, ids=[f"{seen.badge}-{seen.sides}" for seen in WORKED_PLACES])
def test_nothing_that_presses_and_no_arrow_touches_a_hatched_place(seen: Scene) -> None:
    assert seen.stroke
    off, pressed = hatching(seen.view, seen.keep_off), 0
    assert not ImageChops.darker(amber(paint.rasterise(underlay(seen))), off).getbbox()
    for phase in (i / 16 for i in range(16)):
        if strokes.moment(seen.stroke, phase).press > 0.95:
            overlay = hands_overlay(seen, seen.stroke, phase)
            touching = amber(paint.rasterise(overlay.svg))
            (left, top), (width, height) = overlay.at, touching.size
            pressed += touching.histogram()[255]
            under = off.crop((left, top, left + width, top + height))
            assert not ImageChops.darker(touching, under).getbbox(), f"at phase {phase}"
    assert pressed > 500


@pytest.mark.parametrize(("routine", "part"), STROKES, ids=STROKE_NAMES)
def test_hands_end_a_cycle_where_they_began_it(routine: Routine, part: Part) -> None:
    seen = scene(routine, part, Side.LEFT, Tone.MEDIUM)
    assert seen.stroke
    for first, last in zip(holds.hands(seen.stroke, 0), holds.hands(seen.stroke, 0.9999), strict=True):
        apart = [first.at[0] - last.at[0], first.at[1] - last.at[1], first.turn - last.turn]
        assert max(map(abs, apart)) < 0.5
        assert abs(first.press - last.press) + abs(first.lift - last.lift) < 0.05


WAYS = (
    ("low-back", "shoulders", "both"),
    ("neck-base", "upper-arms", "both"),
    ("mid-back", "mid-back", "each"),
)


@pytest.mark.parametrize("shape", DRAWABLE["handShapes"])
def test_every_hand_shape_can_be_drawn_with_every_motion_and_stance(shape: str) -> None:
    technique = parts(BACK, 5)[0].step.technique
    assert technique
    for motion, stance, (start, end, covers) in product(Motion, Stance, WAYS):
        where = {"start": start, "end": end, "covers": covers}
        other = technique.model_dump() | {"hand_shape": shape, "motion": motion, "where": where}
        step = BACK.steps[4].model_copy(update={"technique": Technique.model_validate(other)})
        routine = BACK.model_copy(update={"stance": stance, "steps": (step,)})
        seen = scene(routine, parts(routine, 1)[0], Side.LEFT, Tone.MEDIUM)
        assert seen.stroke
        for drawing in (underlay(seen), hands_overlay(seen, seen.stroke, 0.4).svg):
            assert fromstring(drawing).tag.endswith("svg")
            assert "nan" not in drawing


def test_everything_that_the_handbook_names_can_be_drawn() -> None:
    book = LIBRARY.handbook
    named = {
        "zones": set(book.zones),
        "noPress": set(book.no_press),
        "spots": set(book.spots),
        "handShapes": set(book.hand_shapes),
    }
    assert [name for section, drawn in DRAWABLE.items() for name in named[section] - set(drawn)] == []


def test_spots_are_listed_in_the_order_of_the_handbook() -> None:
    assert list(body.SPOTS) == list(LIBRARY.handbook.spots)


@pytest.mark.parametrize("start", DRAWABLE["zones"])
@pytest.mark.parametrize("end", DRAWABLE["zones"])
def test_a_stroke_can_run_from_any_zone_to_any_other(start: str, end: str) -> None:
    way = strokes.lane_between(start, end, 0)
    assert all(-240 < x < 240 and 100 < y < 600 for x, y in way)
    assert curve(way)


def test_every_step_number_can_be_drawn() -> None:
    assert all(signs.badge(step, 20) for step in range(1, 21))


# --- Loops ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def circling() -> bytes:
    """A loop with much movement."""
    return making.loop(BACK, parts(BACK, 3)[0], Side.LEFT, Tone.LIGHT).make()


def test_a_loop_has_the_right_format_and_is_within_the_size_limit(circling: bytes) -> None:
    assert len(circling) <= 120_000
    with av.open(io.BytesIO(circling), "r") as film:
        assert [stream.type for stream in film.streams] == ["video"]
        (stream,) = film.streams.video
        assert (stream.codec_context.name, stream.width, stream.height) == ("h264", 720, 720)
        assert stream.pix_fmt == "yuv420p"
        assert stream.duration is not None
        assert stream.time_base is not None
        assert stream.duration * stream.time_base == pytest.approx(6)


def test_a_loop_ends_where_it_begins(circling: bytes) -> None:
    frames = decoded(circling)
    assert len(frames) == 6 * paint.FRAMES_PER_SECOND
    assert difference(frames[len(frames) // 2], frames[0]) > 5
    steps = [difference(one, other) for one, other in pairwise(frames)]
    assert difference(frames[-1], frames[0]) <= 1.1 * max(steps), "the loop has a visible seam"


def decoded(film: bytes) -> list[Image.Image]:
    with av.open(io.BytesIO(film), "r") as opened_film:
        return [_image(frame) for frame in opened_film.decode(video=0)]


def _image(frame: av.VideoFrame) -> Image.Image:
    plain = frame.reformat(format="rgb24")
    (plane,) = plain.planes
    size = (plain.width, plain.height)
    return Image.frombytes("RGB", size, bytes(plane), "raw", "RGB", plane.line_size, 1)


def test_the_same_frames_give_the_same_film() -> None:
    frames = [Image.new("RGB", (64, 64), (shade * 8, 90, 60)) for shade in range(12)]
    assert paint.mp4(frames, (64, 64)) == paint.mp4(frames, (64, 64))


@pytest.mark.parametrize(("cycle", "seconds"), [(1.5, 3), (2.0, 4), (2.5, 5), (3.0, 3), (9.1, 9.1)])
def test_a_loop_contains_as_few_whole_cycles_as_last_three_seconds(cycle: float, seconds: float) -> None:
    assert making.loop_seconds(cycle) == pytest.approx(seconds)


@pytest.mark.parametrize(("routine", "part"), STROKES, ids=STROKE_NAMES)
def test_the_hands_in_a_loop_are_as_slow_as_real_hands(routine: Routine, part: Part) -> None:
    stroke, technique = scene(routine, part, Side.LEFT, Tone.MEDIUM).stroke, part.step.technique
    assert stroke
    assert technique
    cycle = strokes.cycle_seconds(stroke, technique.pace)
    forward = cycle * strokes.FORWARD_SHARE.get(technique.motion, 1)
    centimetres = stroke.path.length / PIXELS_PER_CENTIMETRE
    if stroke.return_path:
        assert 8 <= making.loop_seconds(cycle) <= 10, "from the lower back to the neck and away"
    match technique.motion:
        case Motion.GLIDE | Motion.BACK_AND_FORTH:
            assert 5 <= centimetres / forward <= 7
        case Motion.CIRCLES:
            assert 1.2 <= forward / stroke.repetitions <= 2
        case Motion.PRESS:
            assert 3 <= forward / (stroke.repetitions if stroke.path.length else 1) <= 4
        case Motion.TAP:
            assert 1.5 <= holds.TAPS_PER_CYCLE / cycle <= 3
    assert strokes.cycle_seconds(stroke, Pace.QUICK) < strokes.cycle_seconds(stroke, Pace.SLOW)


def test_a_part_in_which_nothing_moves_has_no_loop() -> None:
    lying_down = parts(BACK, 1)[0]
    with pytest.raises(ValueError, match="nothing moves in step 1 of Back massage"):
        making.loop(BACK, lying_down, Side.LEFT, Tone.MEDIUM)
    assert making.loop_or_still(BACK, lying_down, Side.LEFT, Tone.MEDIUM).suffix == ".png"


# --- Cards and files -----------------------------------------------------------------------------


def test_a_knot_that_has_eased_changes_the_map() -> None:
    maps = [
        made(making.knot_map(marked, Tone.MEDIUM)) for marked in ({}, {"centre": False}, {"centre": True})
    ]
    assert len(set(maps)) == 3
    assert max(map(len, maps)) <= 150_000


def test_a_cover_fits_telegrams_thumbnails_and_has_no_signs() -> None:
    cover = making.cover(BACK, Tone.MEDIUM)
    picture = Image.open(io.BytesIO(made(cover)))
    assert (picture.format, picture.size, cover.suffix) == ("JPEG", (320, 320), ".jpg")
    assert len(made(cover)) <= 200_000
    corner, signed = (0, 0, 80, 44), opened(GOLDEN["long-strokes"]()).resize(picture.size)
    assert difference(opened(cover).crop(corner), signed.crop(corner)) > 5


def test_a_picture_is_made_once(tmp_path: Path) -> None:
    calls: list[str] = []

    def make() -> bytes:
        calls.append("made")
        return b"picture"

    gallery, picture = Gallery(tmp_path / "pictures"), Picture("key", ".png", make)
    assert gallery.find(picture) is None
    path = gallery.make(picture)
    assert gallery.make(picture) == gallery.find(picture) == path
    assert (path.read_bytes(), path.name, calls) == (b"picture", "key.png", ["made"])
    assert list(path.parent.iterdir()) == [path]


def test_a_picture_that_fails_leaves_no_file_behind(tmp_path: Path) -> None:
    def fail() -> bytes:
        raise RuntimeError("no paint left")

    gallery = Gallery(tmp_path)
    with pytest.raises(RuntimeError, match="no paint left"):
        gallery.make(Picture("key", ".png", fail))
    assert list(tmp_path.iterdir()) == []


def test_the_command_makes_missing_pictures_and_a_sheet_of_all(tmp_path: Path) -> None:
    written = io.BytesIO()
    Image.new("RGB", (8, 8)).save(written, "PNG")
    wanted = [*every_picture(LIBRARY, Tone.DEEP), *examples(LIBRARY, Tone.DEEP)]
    gallery, missing = Gallery(tmp_path), making.still(BACK, parts(BACK, 1)[0], Side.LEFT, Tone.DEEP)
    for picture in wanted:
        if picture != missing:
            gallery.path(picture).write_bytes(written.getvalue())
    assert main(["pictures", "--out", str(tmp_path), "--tone", "deep"]) == 0
    assert gallery.path(missing).read_bytes() == missing.make()
    with Image.open(tmp_path / "pictures.png") as sheet:
        assert sheet.width == COLUMNS * TILE


def test_the_command_reports_that_it_cannot_write(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "taken").write_text("a file", encoding="utf-8")
    assert main(["pictures", "--out", str(tmp_path / "taken")]) == 1
    assert "taken" in capsys.readouterr().err


def test_every_picture_is_listed_once_and_for_both_sides() -> None:
    wanted = every_picture(Library(LIBRARY.handbook, {"back": BACK}), Tone.MEDIUM)
    assert len(wanted) == len({picture.key for picture in wanted})
    for side in Side:
        assert making.loop_or_still(BACK, parts(BACK, 4)[0], side, Tone.MEDIUM) in wanted
