"""The playground as people use it: in a real browser, with the real coach behind it over real HTTP."""

import asyncio
import json
import re
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Locator, Route, expect

from bot.playground.faults import Cut, Delay, Fail
from bot.playground.host import Playground
from bot.playground.page import MAX_BACKLOG
from bot.playground.people import Person
from tests.browser import Screen
from tests.media import film, png, sound
from tests.stage import PATIENCE

pytestmark = pytest.mark.asyncio(loop_scope="module")

SAM = 700_000_001


class Puppet:
    """A client of the Bot API that tests use in place of the coach."""

    def __init__(self, playground: Playground, client: httpx.AsyncClient) -> None:
        self.world = playground.world
        self._client = client

    async def call(
        self, method: str, files: dict[str, tuple[str, bytes]] | None = None, **params: object
    ) -> object:
        path = f"/bot{self.world.token}/{method}"
        reply = await self._client.post(path, data={"chat_id": SAM, **params}, files=files)
        assert reply.json()["ok"], reply.text
        return reply.json()["result"]


@pytest_asyncio.fixture(loop_scope="module")
async def puppet(playground: Playground) -> AsyncIterator[Puppet]:
    """A client of the Bot API in place of the coach. Sam has written to the bot."""
    await playground.kill_bot()
    async with httpx.AsyncClient(base_url=playground.address, timeout=PATIENCE) as client:
        puppet = Puppet(playground, client)
        Person(playground.world, SAM).writes("hello")
        yield puppet


# A massage.


async def test_a_massage_is_started_by_typing_and_the_checklist_is_edited_in_place(phone: Screen) -> None:
    await phone.writes("/start")
    await phone.sees("Hi Sam.")
    await phone.photograph("phone-start")
    await phone.taps("Prep checklist")
    await phone.sees("Tap each one when it's ready.")
    shown = await phone.messages.count()
    await phone.taps("☐ Towels")
    await expect(phone.button("☑ Towels")).to_be_visible()
    await expect(phone.button("☐ Shower")).to_be_visible()
    assert await phone.messages.count() == shown
    await phone.photograph("phone-checklist")
    await phone.taps("Begin")
    await phone.sees("Does the person lying down have any of these?")


async def test_a_whole_massage_runs_at_sixty_times_the_speed_without_a_tap(phone: Screen) -> None:
    await phone.writes("/start")
    await phone.taps("Another routine")
    await phone.taps("8 min")
    await phone.taps("12 min")
    await expect(phone.button("5 min")).to_be_visible()
    await phone.taps("Begin")
    await phone.taps("None of these")
    await phone.sees("Step 1 of 5")
    await phone.speeds_up("×60")
    await phone.sees("That's the whole massage.")
    assert await phone.titles() == [
        "Step 1 of 5 · Settling",
        "Step 2 of 5 · Squeezing",
        "Step 3 of 5 · Thumb circles",
        "Step 4 of 5 · Back of the neck, LEFT side",
        "Step 4 of 5 · Back of the neck, RIGHT side",
        "Step 5 of 5 · Gliding out",
    ]
    await phone.photograph("phone-end")


async def test_a_button_skips_to_the_next_cue(phone: Screen) -> None:
    await phone.clicks("To the next cue")
    await expect(
        phone.page.get_by_text("Nothing is due: no massage is running, or it is paused.")
    ).to_be_visible()
    await phone.begins()
    await phone.clicks("To the next cue")
    await phone.sees("Starting in 25 s.")
    await phone.clicks("To the next cue")
    await phone.sees("Step 2 of 8 · Long strokes")


async def test_text_typed_while_the_page_connects_is_kept(phone: Screen, playground: Playground) -> None:
    connect = asyncio.Event()

    async def hold(route: Route) -> None:
        await connect.wait()
        await route.continue_()

    await phone.page.route("**/changes", hold)
    await phone.page.goto("about:blank")
    await phone.page.goto(playground.address, wait_until="domcontentloaded")
    await phone.writes("/start")
    connect.set()
    await expect(phone.button("START")).to_be_visible()
    assert await phone.page.locator(".toast").count() == 0
    await expect(phone.page.get_by_role("textbox", name="Message")).to_have_value("/start")
    await phone.page.keyboard.press("Enter")
    await phone.sees("Begin")


async def test_a_double_tap_on_next_counts_once(phone: Screen) -> None:
    await phone.begins()
    await phone.newest.get_by_role("button", name="Next", exact=True).dblclick()
    await phone.sees("Step 2 of 8")
    await expect(phone.page.locator(".toast")).to_contain_text("That button is from earlier.")
    assert [title[:11] for title in await phone.titles()] == ["Step 1 of 8", "Step 2 of 8"]


async def test_a_tap_on_a_button_that_was_removed_meanwhile_gets_an_answer(
    phone: Screen, playground: Playground
) -> None:
    await phone.begins()
    shown = playground.world.messages(SAM)[-1]
    (after,) = [button for button in shown.buttons if button.text == "Next"]
    await phone.taps("Next")
    await phone.sees("Step 2 of 8")
    await phone.speeds_up("×10")
    await expect(phone.messages.nth(-2).get_by_role("button")).to_have_count(0)
    async with httpx.AsyncClient(base_url=playground.address, timeout=PATIENCE) as client:
        action = {"action": "tap", "who": SAM, "message": shown.id, "data": after.value}
        assert (await client.post("/actions", json=action)).status_code == 200
    await expect(phone.page.locator(".toast")).to_contain_text("That button is from earlier.")


async def test_a_massage_survives_a_killed_bot_and_a_reloaded_page(phone: Screen) -> None:
    await phone.begins()
    await phone.clicks("Behind the scenes")
    await phone.clicks("Kill")
    await phone.clicks("Close")
    await expect(phone.page.get_by_text("the bot is dead")).to_be_visible()
    await phone.taps("Next")
    before = await phone.messages.all_inner_texts()
    await phone.page.reload()
    await phone.sees("Step 1 of 8")
    assert await phone.messages.all_inner_texts() == before
    await phone.clicks("To the next cue")
    await expect(phone.page.get_by_text("The bot is dead: start it first.")).to_be_visible()
    await phone.clicks("Behind the scenes")
    await expect(phone.page.locator("#calls").get_by_text("sendMessage").first).to_be_visible()
    await phone.clicks("Start")
    await phone.clicks("Close")
    await phone.sees("Step 2 of 8")
    await phone.clicks("Behind the scenes")
    await phone.clicks("Kill and restart")
    await phone.clicks("Close")
    await phone.clicks("To the next cue")
    await phone.sees("Ask: lighter, firmer, or just right?")


# Faults.


async def test_each_fault_can_be_switched_on_and_off(desktop: Screen, playground: Playground) -> None:
    faults = playground.world.faults
    await desktop.clicks("Behind the scenes")
    await desktop.switch("getUpdates too").check()
    calls = desktop.page.get_by_label("Calls, newest first")
    await desktop.page.get_by_label("Seconds to wait").fill("1")
    for name, effect, seen in [
        ("Errors on their side (500)", Fail(500), "500"),
        ("Too many requests, wait (s)", Fail(429, 1), "429"),
        ("Connections break", Cut(), "cut"),
    ]:
        await desktop.sets(name, on=True)
        assert [fault.effect for fault in faults.active] == [effect]
        await desktop.writes("hello")
        await expect(calls.get_by_text(seen, exact=True).first).to_be_visible()
        await desktop.sets(name, on=False)
        assert faults.active == []
    await desktop.writes("/start")
    await desktop.sees("Hi Sam.")


async def test_a_fault_can_be_changed_and_is_shown_again_after_a_reload(
    desktop: Screen, playground: Playground
) -> None:
    faults = playground.world.faults
    await desktop.clicks("Behind the scenes")
    await desktop.sets("Connections break", on=True)
    await desktop.page.get_by_label("Milliseconds late").fill("20")
    await desktop.sets("Replies late by (ms)", on=True)
    await desktop.sets("Connections break", on=False)
    assert [fault.effect for fault in faults.active] == [Delay(0.02)]
    async with desktop.page.expect_response("**/actions"):
        await desktop.page.get_by_label("How many calls").select_option("half")
    assert [(fault.effect, fault.share) for fault in faults.active] == [(Delay(0.02), 0.5)]
    await desktop.page.reload()
    await desktop.clicks("Behind the scenes")
    await expect(desktop.switch("Replies late by (ms)")).to_be_checked()
    await expect(desktop.page.get_by_label("Milliseconds late")).to_have_value("20")
    await expect(desktop.page.get_by_label("How many calls")).to_have_value("0.5")
    await desktop.clicks("All well again")
    await expect(desktop.switch("Replies late by (ms)")).not_to_be_checked()


async def test_a_fault_with_an_invalid_amount_stays_off(desktop: Screen, playground: Playground) -> None:
    await desktop.clicks("Behind the scenes")
    await desktop.page.get_by_label("Seconds to wait").fill("0")
    await desktop.switch("Too many requests, wait (s)").click()
    await expect(desktop.switch("Too many requests, wait (s)")).not_to_be_checked()
    assert playground.world.faults.active == []


async def test_an_outage_follows_the_playgrounds_clock(desktop: Screen, playground: Playground) -> None:
    await desktop.begins()
    await desktop.clicks("Behind the scenes")
    await desktop.page.get_by_label("Nobody there for (s)").fill("30")
    await desktop.clicks("Go dark")
    await expect(desktop.page.get_by_text(re.compile(r"^Dark for \d+ s more$"))).to_be_visible()
    await desktop.taps("Next")
    await expect(desktop.page.locator("#calls .bad").first).to_contain_text("cut")
    await desktop.photograph("desktop-behind-the-scenes")
    playground.clock.skip(30)
    await desktop.sees("Step 2 of 8")


async def test_all_well_again_ends_an_outage(desktop: Screen, playground: Playground) -> None:
    await desktop.clicks("Behind the scenes")
    await desktop.clicks("Go dark")
    await expect(desktop.page.get_by_text(re.compile("^Dark for"))).to_be_visible()
    await desktop.clicks("All well again")
    await expect(desktop.page.get_by_text(re.compile("^Dark for"))).to_have_count(0)
    assert playground.world.faults.dark_for == 0


async def test_retries_follow_the_playgrounds_clock(desktop: Screen, playground: Playground) -> None:
    await desktop.clicks("Behind the scenes")
    await desktop.page.get_by_label("Seconds to wait").fill("300")
    await desktop.sets("Too many requests, wait (s)", on=True)
    await desktop.writes("/start")
    await expect(desktop.page.locator("#calls .bad").first).to_contain_text("429")
    await desktop.clicks("All well again")
    await expect(desktop.switch("Too many requests, wait (s)")).not_to_be_checked()
    for _ in range(3):  # once for getUpdates, once for the message, once for a call refused again
        playground.clock.skip(301)
    await desktop.sees("Hi Sam.")


async def test_a_person_who_has_blocked_the_bot_can_unblock_it(desktop: Screen) -> None:
    await desktop.begins()
    await desktop.clicks("Behind the scenes")
    await desktop.switch("Sam has blocked the bot").check()
    await expect(desktop.button("UNBLOCK")).to_be_visible()
    await expect(desktop.page.get_by_role("textbox", name="Message")).to_be_hidden()
    await desktop.clicks("UNBLOCK")
    await expect(desktop.switch("Sam has blocked the bot")).not_to_be_checked()
    await desktop.writes("/start")
    await desktop.sees("Hi Sam.")


# People.


async def test_another_person_has_a_separate_chat_and_markup_in_a_name_is_shown_as_text(
    desktop: Screen,
) -> None:
    await desktop.begins()
    await desktop.clicks("Another person")
    await desktop.page.get_by_label("First name").fill("<img src=x onerror=document.title=1>")
    await desktop.clicks("Open the chat")
    await desktop.clicks("START")
    await desktop.sees("Hi <img src=x onerror=document.title=1>.")
    assert await desktop.page.locator("img").count() == 0
    await desktop.photograph("desktop-two-people")
    await desktop.page.reload()
    await desktop.sees("Hi <img")
    await desktop.page.get_by_role("button", name="Sam").click()
    await desktop.sees("Step 1 of 8")
    await expect(desktop.page).to_have_title("Massage coach")


async def test_messages_to_another_person_are_counted_as_unread(
    phone: Screen, playground: Playground
) -> None:
    await phone.begins()
    await phone.clicks("People")
    await phone.clicks("Another person")
    await phone.clicks("Open the chat")
    await phone.clicks("To the next cue")
    await expect(phone.page).to_have_title("(1) Massage coach")
    await phone.clicks("People")
    await expect(phone.page.get_by_role("button", name="Sam")).to_contain_text("Starting in 25 s.")
    await phone.photograph("phone-people")
    await phone.page.get_by_role("button", name="Sam").click()
    await phone.sees("Starting in 25 s.")
    await expect(phone.page).to_have_title("Massage coach")


# Layout, keyboard and menu.


@pytest.mark.parametrize("look", ["light", "dark"])
async def test_the_page_fits_phones_and_desktops_in_light_and_dark(phone: Screen, look: str) -> None:
    await phone.page.emulate_media(color_scheme="dark" if look == "dark" else "light")
    await phone.begins()
    await phone.clicks("To the next cue")
    await phone.clicks("To the next cue")
    await phone.sees("Step 2 of 8")
    await phone.photograph(f"phone-step-{look}")
    await phone.writes("ow that's sharp")
    await phone.sees("Stop there; lift your hands.")
    for width in (320, 390, 1280):
        await phone.page.set_viewport_size({"width": width, "height": 800})
        assert await phone.page.evaluate("document.documentElement.scrollWidth") <= width
        box = await phone.newest.bounding_box()
        assert box
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        await expect(phone.button("Resume lighter")).to_be_in_viewport(ratio=1)
        await phone.photograph(f"{width}-{look}")
    paper = await phone.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert paper == ("rgb(23, 33, 43)" if look == "dark" else "rgb(255, 255, 255)")


async def test_a_massage_can_be_controlled_with_only_the_keyboard(desktop: Screen) -> None:
    keys = desktop.page.keyboard
    await desktop.page.get_by_role("textbox", name="Message").focus()
    await keys.type("/sta")
    await keys.press("ArrowUp")
    await expect(desktop.button("/start Begin a massage, or start again")).to_be_focused()
    await keys.press("Enter")
    await desktop.sees("Hi Sam.")
    for _ in range(1 + await desktop.newest.get_by_role("button").count()):  # Menu comes first
        await keys.press("Shift+Tab")
    await expect(desktop.button("Begin")).to_be_focused()
    await keys.press("Enter")
    await desktop.sees("Does the person lying down")
    await expect(desktop.newest).to_be_focused()
    await keys.press("Tab")
    await expect(desktop.button("None of these")).to_be_focused()
    await keys.press("Enter")
    await desktop.sees("Step 1 of 8")
    await expect(desktop.newest).to_be_focused()
    for _ in range(2):
        await keys.press("Tab")
    await expect(desktop.button("Next")).to_be_focused()
    await keys.press("Enter")
    await desktop.sees("Step 2 of 8")


async def test_the_text_field_has_the_focus_when_the_page_opens(phone: Screen) -> None:
    field = phone.page.get_by_role("textbox", name="Message")
    await expect(field).to_be_focused()
    await phone.page.keyboard.type("/start\n")
    await phone.sees("Hi Sam.")
    await phone.page.reload()
    await expect(field).to_be_focused()


async def test_the_command_menu_is_filtered_while_typing_and_closes(phone: Screen) -> None:
    await phone.clicks("Menu")
    menu = phone.page.get_by_role("group", name="Commands").get_by_role("button")
    await expect(menu.first).to_contain_text("/start")
    await phone.page.keyboard.press("Escape")
    await expect(menu).to_have_count(0)
    await phone.page.get_by_role("textbox", name="Message").fill("/che")
    await expect(menu).to_have_count(1)
    await menu.click()
    await phone.sees("Prep checklist")


# Everything that the Bot API can put into a chat.


async def test_formatting_is_shown_as_html_elements(phone: Screen, puppet: Puppet) -> None:
    text = (
        '<b>bold <i>both 😀</i></b> <a href="https://example.org/">there</a> <u>u</u> <s>s</s>'
        " <code>1 &lt; 2</code> <blockquote>said</blockquote> /next"
    )
    await puppet.call("sendMessage", text=text, parse_mode="HTML")
    await expect(phone.newest.locator("b > i")).to_have_text("both 😀")
    await expect(phone.newest.get_by_role("link", name="there")).to_have_attribute(
        "href", "https://example.org/"
    )
    await expect(phone.newest.locator("code")).to_have_text("1 < 2")
    await phone.newest.get_by_role("button", name="/next").click()
    await expect(phone.newest).not_to_contain_text("bold")
    assert puppet.world.messages(SAM)[-1].text == "/next"


async def test_edits_replace_messages_and_deleted_messages_disappear(phone: Screen, puppet: Puppet) -> None:
    for text in ("one", "two"):
        await puppet.call("sendMessage", text=text)
    first, second = puppet.world.messages(SAM)[-2:]
    await puppet.call("editMessageText", message_id=first.id, text="one, mended")
    await expect(phone.messages.nth(1)).to_contain_text("one, mended")
    await puppet.call("deleteMessage", message_id=second.id)
    await expect(phone.messages).to_have_count(2)
    await phone.page.reload()
    await expect(phone.messages).to_have_count(2)


async def test_a_new_message_does_not_scroll_while_reading_further_up(phone: Screen, puppet: Puppet) -> None:
    for number in range(4):
        await puppet.call("sendMessage", text=f"{number}\n" * 20)
        await phone.sees(f"{number}")
    await phone.messages.last.hover()
    await phone.page.mouse.wheel(0, -1200)
    await expect(phone.button("To the newest message")).to_be_visible()
    await puppet.call("sendMessage", text="something new")
    await expect(phone.button("To the newest message")).to_contain_text("1")
    await expect(phone.newest).not_to_be_in_viewport()
    await phone.clicks("To the newest message")
    await expect(phone.newest).to_be_in_viewport(ratio=1)
    await expect(phone.button("To the newest message")).to_be_hidden()


async def test_a_message_with_a_picture_is_shown_from_its_top(phone: Screen, puppet: Puppet) -> None:
    await puppet.call("sendMessage", text="before\n" * 30)
    await puppet.call("sendPhoto", {"photo": ("a.png", png())}, caption="a picture\n" * 30)
    await phone.sees("a picture")
    await at_its_top(phone)
    await puppet.call("sendMessage", text="something new")
    await phone.sees("something new")
    await expect(phone.newest).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize(("kind", "content"), [("photo", png()), ("animation", film())])
async def test_the_top_of_a_message_stays_in_sight_when_a_picture_is_added(
    phone: Screen, puppet: Puppet, kind: str, content: bytes
) -> None:
    await puppet.call("sendMessage", text="before\n" * 30)
    await puppet.call("sendMessage", text="words that are as wide as the screen\n" * 22)
    await phone.sees("words")
    await add_picture(puppet, kind, content)
    await wait_until(phone.newest.locator("img, video"), "node => node.clientHeight > 300")
    await at_its_top(phone)


async def test_an_added_picture_does_not_scroll_while_reading_further_up(
    phone: Screen, puppet: Puppet
) -> None:
    await puppet.call("sendMessage", text="before\n" * 60)
    await puppet.call("sendMessage", text="words that are as wide as the screen\n" * 22)
    await phone.sees("words")
    await phone.messages.last.hover()
    await phone.page.mouse.wheel(0, -5000)
    log = phone.page.get_by_role("log", name="Messages")
    await wait_until(log, "node => node.scrollTop === 0")
    await expect(phone.button("To the newest message")).to_be_visible()
    await add_picture(puppet, "photo", png())
    await wait_until(phone.newest.locator("img"), "node => node.clientHeight > 300")
    assert await log.evaluate("node => node.scrollTop") == 0


async def test_tapped_buttons_stay_in_sight_after_an_edit(phone: Screen, puppet: Puppet) -> None:
    rows = [[{"text": "More", "callback_data": "more"}]]
    markup = json.dumps({"inline_keyboard": rows})
    photo = {"photo": ("a.png", png())}
    await puppet.call("sendPhoto", photo, caption="a picture\n" * 30, reply_markup=markup)
    await at_its_top(phone)
    more = phone.button("More")
    await more.scroll_into_view_if_needed()
    await phone.page.mouse.wheel(0, 2000)
    await expect(more).to_be_in_viewport(ratio=1)
    shown = puppet.world.messages(SAM)[-1]
    rows.append([{"text": "Stop", "callback_data": "stop"}])
    markup = json.dumps({"inline_keyboard": rows})
    await puppet.call("editMessageReplyMarkup", message_id=shown.id, reply_markup=markup)
    await expect(phone.button("Stop")).to_be_in_viewport(ratio=1)


async def add_picture(puppet: Puppet, kind: str, content: bytes) -> None:
    """Add a picture or animation to the newest message, with its text as the caption."""
    message = puppet.world.messages(SAM)[-1]
    media = {"type": kind, "media": "attach://file", "caption": message.body.text}
    await puppet.call(
        "editMessageMedia", {"file": ("a", content)}, message_id=message.id, media=json.dumps(media)
    )


async def at_its_top(phone: Screen) -> None:
    """Wait until the top of the newest message is in sight; the message must be taller than the chat."""
    await wait_until(
        phone.newest,
        """node => {
          const log = document.querySelector("#log").getBoundingClientRect();
          const {top, bottom} = node.getBoundingClientRect();
          return top >= log.top && top < log.top + 20 && bottom > log.bottom;
        }""",
    )


async def test_new_messages_are_announced_to_screen_readers(phone: Screen, puppet: Puppet) -> None:
    await puppet.call("sendMessage", text="Step 2 of 8")
    await expect(phone.page.locator("[aria-live=polite]")).to_have_text("Step 2 of 8")


async def test_buttons_of_different_styles_have_different_colours(phone: Screen, puppet: Puppet) -> None:
    styles = ["", "primary", "success", "danger"]
    row = [
        {"text": f"a {style}", "callback_data": "x"} | ({"style": style} if style else {}) for style in styles
    ]
    await puppet.call("sendMessage", text="x", reply_markup=json.dumps({"inline_keyboard": [row]}))
    buttons = phone.newest.locator(".keyboard button")
    await expect(buttons).to_have_count(4)
    colours = await buttons.evaluate_all("nodes => nodes.map(node => getComputedStyle(node).backgroundColor)")
    assert len(set(colours)) == 4


@pytest.mark.parametrize("alert", [False, True])
async def test_the_answer_to_a_tap_is_a_toast_or_an_alert(phone: Screen, puppet: Puppet, alert: bool) -> None:
    rows = [[{"text": "Tap me", "callback_data": "x"}]]
    await puppet.call("sendMessage", text="x", reply_markup=json.dumps({"inline_keyboard": rows}))
    async with phone.page.expect_response("**/actions"):
        await phone.taps("Tap me")
    await expect(phone.newest.locator(".busy")).to_be_visible()
    (query,) = puppet.world.queries
    await puppet.call("answerCallbackQuery", callback_query_id=query, text="Well done.", show_alert=alert)
    shown = phone.page.get_by_role("dialog") if alert else phone.page.locator(".toast")
    await expect(shown).to_contain_text("Well done.")
    await expect(phone.newest.locator(".busy")).to_have_count(0)


async def test_typing_is_shown_until_the_message_arrives(phone: Screen, puppet: Puppet) -> None:
    await puppet.call("sendChatAction", action="typing")
    await expect(phone.page.get_by_text("typing…")).to_be_visible()
    await puppet.call("sendMessage", text="there")
    await expect(phone.page.get_by_text("typing…")).to_have_count(0)


async def test_each_message_that_is_not_silent_plays_a_sound_if_sound_is_on(
    phone: Screen, puppet: Puppet
) -> None:
    await phone.page.evaluate(
        "() => { window.rung = 0; const Real = AudioContext;"
        " window.AudioContext = class extends Real { constructor() { super(); window.rung += 1; } }; }"
    )
    await puppet.call("sendMessage", text="no sound yet")
    await phone.sees("no sound yet")
    await phone.clicks("Behind the scenes")
    await phone.switch("Sound").check()
    await puppet.call("sendMessage", text="quiet", disable_notification=True)
    await phone.sees("quiet")
    assert await phone.page.evaluate("window.rung") == 0
    await puppet.call("sendMessage", text="loud")
    await phone.sees("loud")
    assert await phone.page.evaluate("window.rung") == 1


async def test_pictures_and_animations_play_by_themselves_and_audio_after_a_tap(
    phone: Screen, puppet: Puppet
) -> None:
    await puppet.call("sendPhoto", {"photo": ("a.png", png())}, caption="a picture")
    picture = phone.newest.locator("img")
    await expect(picture).to_be_visible()
    await wait_until(picture, "node => node.naturalWidth === 64")
    await puppet.call("sendAnimation", {"animation": ("a.mp4", film())}, caption="a loop")
    await wait_until(
        phone.newest.locator("video"), "node => !node.paused && node.loop && node.currentTime > 0"
    )
    for method, field in (("sendVoice", "voice"), ("sendAudio", "audio")):
        name, content = ("a.ogg", sound("ogg")) if field == "voice" else ("a.m4a", sound("mp4"))
        await puppet.call(method, {field: (name, content)}, title="Track")
        player = phone.newest.locator(".player")
        await wait_until(player, "node => node.audio.readyState > 0 && node.audio.paused")
        await phone.newest.get_by_role("button", name="Play").click()
        await wait_until(player, "node => node.audio.currentTime > 0")
    await phone.photograph("phone-media")


async def test_after_a_voice_note_the_next_one_plays(phone: Screen, puppet: Puppet) -> None:
    for _ in range(2):
        await puppet.call("sendVoice", {"voice": ("a.ogg", sound("ogg"))})
    players = phone.page.locator(".player")
    await expect(players).to_have_count(2)
    await players.first.get_by_role("button", name="Play").click()
    await wait_until(players.last, "node => node.audio.currentTime > 0")
    await wait_until(players.first, "node => node.audio.paused")


async def test_an_edited_caption_does_not_restart_an_animation(phone: Screen, puppet: Puppet) -> None:
    await puppet.call("sendAnimation", {"animation": ("a.mp4", film())}, caption="before")
    await phone.newest.locator("video").evaluate("node => { node.before = true; }")
    message = puppet.world.messages(SAM)[-1]
    await puppet.call("editMessageCaption", message_id=message.id, caption="after")
    await phone.sees("after")
    await wait_until(phone.newest.locator("video"), "node => node.before && !node.paused")


async def wait_until(node: Locator, condition: str) -> None:
    """Wait until a JavaScript function, called with the element, returns true.

    The element is looked up anew in each frame: `Screen.newest` is another one after each message.
    """
    async with asyncio.timeout(PATIENCE):
        while not await node.evaluate(condition):
            await node.page.evaluate("() => new Promise(requestAnimationFrame)")


# The HTTP interface.


async def test_requests_for_another_host_are_refused(playground: Playground) -> None:
    async with httpx.AsyncClient(base_url=playground.address, timeout=PATIENCE) as client:
        for path in ("/", "/changes", f"/bot{playground.world.token}/getMe"):
            assert (await client.get(path, headers={"Host": "evil.example"})).status_code == 400
        port = playground.address.rpartition(":")[2]
        page = await client.get("/", headers={"Host": f"localhost:{port}"})
        assert page.status_code == 200
        assert "default-src 'none'" in page.headers["Content-Security-Policy"]


async def test_only_the_files_of_the_page_are_served(playground: Playground) -> None:
    async with httpx.AsyncClient(base_url=playground.address) as client:
        page = await client.get("/")
        assert "unsafe-inline" not in page.headers["Content-Security-Policy"]
        for name in re.findall('="(/web/[^"]+)"', page.text):
            file = await client.get(name)
            assert file.status_code == 200
            assert file.headers["Cache-Control"] == "no-store"
            assert file.headers["X-Content-Type-Options"] == "nosniff"
        for name in ("none.js", "", "%2e%2e/page.py"):
            assert (await client.get(f"/web/{name}")).status_code == 404


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("nonsense", "That is not a valid action:"),
        ("{}", "That is not a valid action:"),
        ('{"action": "fly"}', "That is not a valid action:"),
        ('{"action": "set speed", "speed": 0}', "That is not a valid action: Input should be greater than 0"),
        ('{"action": "set speed", "speed": "60"}', "That is not a valid action:"),
        ('{"action": "write", "who": 5, "text": "x"}', "There is nobody with the number 5."),
        ('{"action": "write", "who": 700000001, "text": " "}', "Sam can send 1 to 4096 characters"),
        ('{"action": "tap", "who": 700000001, "message": 7, "data": "x"}', "Sam sees no message 7."),
    ],
)
async def test_an_invalid_action_is_answered_with_one_sentence(
    playground: Playground, body: str, said: str
) -> None:
    async with httpx.AsyncClient(base_url=playground.address, timeout=PATIENCE) as client:
        reply = await client.post("/actions", content=body, headers={"Content-Type": "application/json"})
        assert reply.status_code == 400
        assert reply.json()["error"].startswith(said)


async def test_a_form_on_another_website_is_refused(playground: Playground) -> None:
    async with httpx.AsyncClient(base_url=playground.address, timeout=PATIENCE) as client:
        for kind in ("text/plain", "application/x-www-form-urlencoded"):
            body = '{"action": "kill bot", "restart": false}'
            reply = await client.post("/actions", content=body, headers={"Content-Type": kind})
            assert reply.status_code == 415
        assert (await client.options("/actions")).status_code == 405
    assert playground.is_coaching


async def test_a_bot_killed_while_it_starts_can_be_started_again(playground: Playground) -> None:
    await playground.kill_bot()
    playground.start_bot()
    await playground.kill_bot()
    assert not playground.is_coaching
    playground.start_bot()
    assert playground.is_coaching


async def test_a_page_that_reads_too_slowly_is_disconnected(playground: Playground) -> None:
    async with (
        httpx.AsyncClient(base_url=playground.address, timeout=PATIENCE) as client,
        client.stream("GET", "/changes") as stream,
        asyncio.timeout(PATIENCE),
    ):
        lines = stream.aiter_lines()
        assert "everything" in await anext(lines)
        for _ in range(MAX_BACKLOG + 1):
            playground.clock.skip(0)
        with pytest.raises(httpx.RemoteProtocolError):
            await anext(lines), [line async for line in lines]
