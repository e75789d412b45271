"""Fixtures: a new playground for each test, and a browser that shows it at the width of a phone or a desktop.

The browser is the system's Chromium without a window, driven by Playwright, which must not download a
browser. Without Chromium, the tests are skipped; with REQUIRE_CHROMIUM=1 they fail instead. Screenshots are
saved in artefacts/. All tests of a module share one browser and one event loop.
"""

import os
import shutil
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, ViewportSize, async_playwright, expect

from bot.clock import Clock
from bot.playground.host import Playground
from bot.playground.page import playground as opened
from bot.settings import load
from tests.stage import LIBRARY, PATIENCE, title_of

ARTEFACTS = Path(__file__).parent.parent / "artefacts"
MAX_TICK_SECONDS = 1.0
PHONE_SIZE = (390, 844)
DESKTOP_SIZE = (1280, 800)
"""Width and height in CSS pixels, as in PHONE_SIZE."""
# Chromium's sandbox does not work for root in a container. The other options prevent network requests that
# Chromium makes by itself, and let audio play without a tap.
CHROMIUM_OPTIONS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--autoplay-policy=no-user-gesture-required",
]  # fmt: skip

expect.set_options(timeout=PATIENCE * 1000)


class StallTolerantTime:
    """Real time, except that it advances by at most MAX_TICK_SECONDS between two calls.

    Otherwise, if the machine stalled for two seconds at sixty times the normal speed, the coach would mistake
    this for an outage of two minutes, and ask "Still there?".
    """

    def __init__(self) -> None:
        self._time = self._last_real_time = time.time()

    def __call__(self) -> float:
        now = time.time()
        self._time += min(now - self._last_real_time, MAX_TICK_SECONDS)
        self._last_real_time = now
        return self._time


class Screen:
    """The page in a browser, as a person uses it. Playwright waits until each action is possible."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    @property
    def messages(self) -> Locator:
        return self.page.get_by_role("article")

    @property
    def newest(self) -> Locator:
        return self.messages.last

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def switch(self, name: str) -> Locator:
        return self.page.get_by_role("switch", name=name, exact=True)

    async def writes(self, text: str) -> None:
        await self.page.get_by_role("textbox", name="Message").fill(text)
        await self.page.keyboard.press("Enter")

    async def taps(self, name: str) -> None:
        """Tap a button of the newest message."""
        await self.newest.get_by_role("button", name=name, exact=True).click()

    async def clicks(self, name: str) -> None:
        await self.button(name).click()

    async def sets(self, name: str, on: bool) -> None:
        """Turn a switch in the drawer on or off. Return after the playground has answered."""
        async with self.page.expect_response("**/actions"):
            await self.switch(name).set_checked(on)

    async def sees(self, text: str) -> None:
        """Wait until the newest message contains the text."""
        await expect(self.newest).to_contain_text(text)

    async def begins(self) -> None:
        await self.writes("/start")
        await self.taps("Begin")
        await self.taps("None of these")
        await self.sees("Step 1 of 8")

    async def speeds_up(self, speed: str) -> None:
        await self.page.get_by_role("button", name="How fast time runs").click()
        await self.page.get_by_text(speed, exact=True).last.click()

    async def titles(self) -> list[str]:
        """Return the title of each message that begins a part of the massage."""
        words = await self.messages.locator(".words").all_inner_texts()
        return [title for text in words if (title := title_of(text))]

    async def photograph(self, name: str) -> None:
        ARTEFACTS.mkdir(exist_ok=True)
        await self.page.screenshot(path=ARTEFACTS / f"{name}.png", animations="disabled")


@pytest_asyncio.fixture(loop_scope="module")
async def playground(sqlite_url: str) -> AsyncIterator[Playground]:
    """A playground with one person, Sam, and a running bot. The time is real time."""
    environ = {
        "TELEGRAM_BOT_TOKEN": "1:none",
        "DATABASE_URL": sqlite_url,
        "MEDIA_FOLDER": "off",
        "PLAYGROUND_PORT": "0",
    }
    async with opened(
        load(environ, Path("no-such-file")), LIBRARY, Clock(ticks=StallTolerantTime())
    ) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    chromium = shutil.which("chromium")
    if chromium is None and os.environ.get("REQUIRE_CHROMIUM") == "1":
        pytest.fail("chromium is not installed, but REQUIRE_CHROMIUM=1 asks for it")
    if chromium is None:
        pytest.skip("chromium is not installed (on Debian: apt install chromium)")
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_OPTIONS)
        yield running
        await running.close()


@asynccontextmanager
async def _screen(browser: Browser, playground: Playground, size: tuple[int, int]) -> AsyncIterator[Screen]:
    """Open the page in a window of this size.

    At the end, assert that no script on the page has failed.
    """
    viewport: ViewportSize = {"width": size[0], "height": size[1]}
    page = await browser.new_page(viewport=viewport, device_scale_factor=2, color_scheme="light")
    page.set_default_timeout(PATIENCE * 1000)
    screen = Screen(page)
    await page.goto(playground.address)
    await expect(page.get_by_text("What can this bot do?")).to_be_visible()
    yield screen
    assert screen.errors == []
    await page.close()


@pytest_asyncio.fixture(loop_scope="module")
async def phone(browser: Browser, playground: Playground) -> AsyncIterator[Screen]:
    """The page at the width of a phone, with Sam's chat open."""
    async with _screen(browser, playground, PHONE_SIZE) as screen:
        yield screen


@pytest_asyncio.fixture(loop_scope="module")
async def desktop(browser: Browser, playground: Playground) -> AsyncIterator[Screen]:
    """The page at the width of a desktop, with Sam's chat open."""
    async with _screen(browser, playground, DESKTOP_SIZE) as screen:
        yield screen
