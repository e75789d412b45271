"""Fixtures: a playground of its own for a test, and a phone's or a desktop's browser looking at it.

It is Debian's Chromium, headless, driven by Playwright, which may not fetch a browser of its own. Without it
these tests are skipped, saying so; with REQUIRE_CHROMIUM=1 they fail. What a test photographs is kept in
artefacts/. One browser serves a whole module, whose tests share its event loop.
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
from bot.routine import loading
from bot.settings import load
from tests.stage import PATIENCE

LIBRARY = loading.load(loading.SHIPPED)
ARTEFACTS = Path(__file__).parent.parent / "artefacts"
STALL = 1.0
PHONE = (390, 844)
DESKTOP = (1280, 800)
# As root in a container there is no sandbox to be had; the rest keeps Chromium from looking for a network.
OPTIONS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--autoplay-policy=no-user-gesture-required",
]  # fmt: skip

expect.set_options(timeout=PATIENCE * 1000)


class Unhurried:
    """Real time, but that the process may stand still for a while and lose no more than STALL seconds by it.

    At sixty times the speed, two lost seconds would be an outage of two minutes, and end in "Still there?".
    """

    def __init__(self) -> None:
        self._shown = self._seen = time.time()

    def __call__(self) -> float:
        now = time.time()
        self._shown += min(now - self._seen, STALL)
        self._seen = now
        return self._shown


class Screen:
    """A browser's page, as somebody uses it. Every wait is Playwright's own: until it is so."""

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
        """A button of the newest message."""
        await self.newest.get_by_role("button", name=name, exact=True).click()

    async def clicks(self, name: str) -> None:
        await self.button(name).click()

    async def sets(self, name: str, on: bool) -> None:
        """Turn a switch of the drawer; returns once the playground has answered."""
        async with self.page.expect_response("**/actions"):
            await self.switch(name).set_checked(on)

    async def sees(self, text: str) -> None:
        """It is in the newest message."""
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
        """The first line of every part so far."""
        words = await self.messages.locator(".words > b:first-child").all_inner_texts()
        return [title for title in words if title.startswith("Step ")]

    async def photograph(self, name: str) -> None:
        ARTEFACTS.mkdir(exist_ok=True)
        await self.page.screenshot(path=ARTEFACTS / f"{name}.png", animations="disabled")


@pytest_asyncio.fixture(loop_scope="module")
async def playground(sqlite_url: str) -> AsyncIterator[Playground]:
    """A playground with Sam in it, the bot alive and time running as it does."""
    environ = {
        "TELEGRAM_BOT_TOKEN": "1:none",
        "DATABASE_URL": sqlite_url,
        "MEDIA_FOLDER": "off",
        "PLAYGROUND_PORT": "0",
    }
    async with opened(load(environ, Path("no-such-file")), LIBRARY, Clock(ticks=Unhurried())) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    chromium = shutil.which("chromium")
    if chromium is None and os.environ.get("REQUIRE_CHROMIUM") == "1":
        pytest.fail("chromium is not installed, but REQUIRE_CHROMIUM=1 asks for it")
    if chromium is None:
        pytest.skip("chromium is not installed (on Debian: apt install chromium)")
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=chromium, args=OPTIONS)
        yield running
        await running.close()


@asynccontextmanager
async def _looking(browser: Browser, playground: Playground, size: tuple[int, int]) -> AsyncIterator[Screen]:
    viewport: ViewportSize = {"width": size[0], "height": size[1]}
    page = await browser.new_page(viewport=viewport, device_scale_factor=2, color_scheme="light")
    screen = Screen(page)
    await page.goto(playground.address)
    await expect(page.get_by_text("What can this bot do?")).to_be_visible()
    yield screen
    assert screen.errors == []
    await page.close()


@pytest_asyncio.fixture(loop_scope="module")
async def phone(browser: Browser, playground: Playground) -> AsyncIterator[Screen]:
    """Sam's phone, on which no script has failed in the end."""
    async with _looking(browser, playground, PHONE) as screen:
        yield screen


@pytest_asyncio.fixture(loop_scope="module")
async def desktop(browser: Browser, playground: Playground) -> AsyncIterator[Screen]:
    async with _looking(browser, playground, DESKTOP) as screen:
        yield screen
