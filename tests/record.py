"""Records docs/playground.webp: the beginning of a massage on a phone, an animation of about 20 seconds.

    make recording

All pictures are drawn first, so that none is missing. Like the tests, this needs Debian's Chromium.
"""

import asyncio
import io
import shutil
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image
from playwright.async_api import Page, async_playwright

from bot.clock import Clock
from bot.media.pictures.gallery import Gallery, every_picture
from bot.playground.page import playground
from bot.routine.model import Tone
from bot.settings import load
from tests.browser import CHROMIUM_OPTIONS, PHONE_SIZE, Screen
from tests.stage import LIBRARY

OUT = Path("docs/playground.webp")
MEDIA = Path("data/media")
SIZE = (300, 649)
"""Width and height of the recording in pixels, in the proportions of a phone."""
FRAMES_PER_SECOND = 5
LONGEST = 4.0
"""Maximum seconds for which one frame is shown."""


async def massage(screen: Screen) -> None:
    """Do what the recording shows."""
    await _types(screen, "/start")
    await screen.sees("Hi Sam.")
    await asyncio.sleep(2)
    await screen.taps("Begin")
    await asyncio.sleep(1)
    await screen.taps("None of these")
    await screen.sees("Step 1 of 8")
    await asyncio.sleep(2)
    await screen.clicks("To the next cue")
    await screen.clicks("To the next cue")
    await screen.sees("Step 2 of 8")
    await asyncio.sleep(3)
    await _types(screen, "wher do i prss nxt")
    await screen.sees("Next,")
    await asyncio.sleep(3)
    await _types(screen, "ow, that's sharp")
    await screen.sees("Stop there")
    await asyncio.sleep(2)
    await screen.taps("Resume lighter")
    await asyncio.sleep(3)


async def _types(screen: Screen, text: str) -> None:
    await screen.page.get_by_role("textbox", name="Message").press_sequentially(text, delay=40)
    await screen.page.keyboard.press("Enter")


async def frames(page: Page, acting: asyncio.Task[None]) -> AsyncIterator[tuple[float, Image.Image]]:
    """Yield screenshots with their times in seconds, until the task `acting` has ended."""
    began = time.monotonic()
    while not acting.done():
        at = time.monotonic() - began
        image = Image.open(io.BytesIO(await page.screenshot()))
        yield at, image.convert("RGB").resize(SIZE, Image.Resampling.LANCZOS)
        await asyncio.sleep(max(0.0, at + 1 / FRAMES_PER_SECOND - (time.monotonic() - began)))
    await acting


def write(recorded: list[tuple[float, Image.Image]]) -> None:
    """Write the recording. Each frame is shown until the time of the next one, but for LONGEST at most."""
    times = [at for at, _ in recorded]
    stays = [min(LONGEST, later - at) for at, later in zip(times, [*times[1:], times[-1] + 2.0], strict=True)]
    first, *others = [image for _, image in recorded]
    durations = [round(1000 * each) for each in stays]
    first.save(OUT, save_all=True, append_images=others, duration=durations, loop=0, quality=60, method=6)
    print(f"{OUT}: {sum(stays):.0f} s, {OUT.stat().st_size / 1e6:.1f} MB")


@asynccontextmanager
async def phone() -> AsyncIterator[Screen]:
    """A page of a playground, at the size of a phone."""
    with TemporaryDirectory() as folder:
        settings = load(
            {
                "TELEGRAM_BOT_TOKEN": "1:none",
                "DATABASE_URL": f"sqlite:///{folder}/coach.db",
                "MEDIA_FOLDER": str(MEDIA),
                "PLAYGROUND_PORT": "0",
            },
            Path("no-such-file"),
        )
        async with playground(settings, LIBRARY, Clock()) as running, async_playwright() as playwright:
            browser = await playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=CHROMIUM_OPTIONS
            )
            page = await browser.new_page(viewport={"width": PHONE_SIZE[0], "height": PHONE_SIZE[1]})
            await page.goto(running.address)
            yield Screen(page)
            await browser.close()


async def record() -> None:
    async with phone() as screen:
        acting = asyncio.create_task(massage(screen))
        write([frame async for frame in frames(screen.page, acting)])


def main() -> int:
    gallery = Gallery(MEDIA)
    for picture in every_picture(LIBRARY, Tone.MEDIUM):
        gallery.make(picture)
    asyncio.run(record())
    return 0


if __name__ == "__main__":
    sys.exit(main())
