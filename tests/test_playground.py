"""The playground as people use it: in a real browser, with the real coach behind it over real HTTP."""

import asyncio
import json
from collections.abc import AsyncIterator

import httpx
import pytest
from playwright.async_api import Locator, expect

from bot.playground.host import Playground
from bot.playground.page import BACKLOG
from tests.browser import Screen
from tests.media import film, png, sound
from tests.stage import PATIENCE

MASSAGE = [
    "Step 1 of 8 · Lying down",
    "Step 2 of 8 · Long strokes",
    "Step 3 of 8 · Heel circles",
    "Step 4 of 8 · Fingertips",
    "Step 4 of 8 · Fingertips, other side",
    "Step 5 of 8 · Thumbs along the spine",
    "Step 6 of 8 · Forearms",
    "Step 7 of 8 · Knots",
    "Step 8 of 8 · Long strokes again",
    "Step 8 of 8 · Heel circles again",
    "Step 8 of 8 · Fingertips again",
    "Step 8 of 8 · Fingertips again, other side",
    "Step 8 of 8 · Tapping",
]


class Puppet:
    """The Bot API called by hand, for what the coach itself does not do."""

    def __init__(self, playground: Playground, client: httpx.AsyncClient) -> None:
        self.world = playground.world
        self.sam = next(iter(playground.world.people))
        self._client = client

    async def call(
        self, method: str, files: dict[str, tuple[str, bytes]] | None = None, **params: object
    ) -> object:
        path = f"/bot{self.world.token}/{method}"
        reply = await self._client.post(path, data={"chat_id": self.sam, **params}, files=files)
        assert reply.json()["ok"], reply.text
        return reply.json()["result"]


@pytest.fixture
async def puppet(playground: Playground) -> AsyncIterator[Puppet]:
    """In the bot's place, which is dead. Sam has written to it."""
    await playground.kill_bot()
    async with httpx.AsyncClient(base_url=playground.address) as client:
        puppet = Puppet(playground, client)
        playground.world.people[puppet.sam].writes("hello")
        yield puppet


# A massage.


async def test_a_massage_is_begun_by_typing_and_the_checklist_is_ticked_in_place(phone: Screen) -> None:
    await phone.writes("/start")
    await phone.sees("Hi Sam.")
    await phone.photograph("phone-start")
    await phone.taps("Prep checklist")
    await phone.sees("Tap each one when it's ready.")
    shown = await phone.messages.count()
    await phone.taps("☐ Towel")
    await expect(phone.button("☑ Towel")).to_be_visible()
    await expect(phone.button("☐ Shower")).to_be_visible()
    assert await phone.messages.count() == shown
    await phone.photograph("phone-checklist")
    await phone.taps("Begin")
    await phone.sees("Before the first stroke")


async def test_a_whole_massage_at_sixty_times_the_speed_without_a_tap(phone: Screen) -> None:
    await phone.begins()
    await phone.speeds_up("×60")
    await expect(phone.newest).to_contain_text("That's the whole massage.", timeout=90_000)
    assert await phone.titles() == MASSAGE
    await phone.photograph("phone-end")


async def test_to_the_next_cue(phone: Screen) -> None:
    await phone.clicks("To the next cue")
    await expect(phone.page.get_by_text("Nothing is due: no massage is running.")).to_be_visible()
    await phone.begins()
    await phone.clicks("To the next cue")
    await phone.sees("Starting in 10 s.")
    await phone.clicks("To the next cue")
    await phone.sees("Step 2 of 8 · Long strokes")


async def test_a_double_tap_on_next_is_one(phone: Screen) -> None:
    await phone.begins()
    await phone.newest.get_by_role("button", name="Next", exact=True).dblclick()
    await phone.sees("Step 2 of 8")
    await expect(phone.page.locator(".toast")).to_contain_text("That button is from earlier.")
    assert [title[:11] for title in await phone.titles()] == ["Step 1 of 8", "Step 2 of 8"]


async def test_the_bot_is_killed_and_the_page_reloaded_in_mid_massage(phone: Screen) -> None:
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
    await phone.clicks("Behind the scenes")
    await phone.clicks("Start")
    await phone.clicks("Close")
    await phone.sees("Step 2 of 8")
    await phone.clicks("Behind the scenes")
    await phone.clicks("Kill and restart")
    await phone.clicks("Close")
    await phone.clicks("To the next cue")
    await phone.sees("Next:")


# What can go wrong.


async def test_each_fault_can_be_switched_on_and_off(desktop: Screen, playground: Playground) -> None:
    await desktop.clicks("Behind the scenes")
    await desktop.switch("getUpdates too").check()
    calls = desktop.page.get_by_label("Calls, newest first")
    for name, seen in [
        ("Answered 500", "500"),
        ("Answered 429, wait (s)", "429"),
        ("Connections break", "cut"),
    ]:
        await desktop.page.get_by_label("Seconds to wait").fill("1")
        await desktop.switch(name).check()
        await expect(desktop.switch(name)).to_be_checked()
        await desktop.writes("hello")
        await expect(calls.get_by_text(seen, exact=True).first).to_be_visible()
        await desktop.switch(name).uncheck()
    await expect(desktop.switch("Connections break")).not_to_be_checked()
    assert playground.world.faults.active == []
    await desktop.writes("/start")
    await desktop.sees("Hi Sam.")


async def test_late_replies_and_half_of_the_calls(desktop: Screen, playground: Playground) -> None:
    await desktop.clicks("Behind the scenes")
    await desktop.page.get_by_label("Milliseconds late").fill("20")
    await desktop.page.get_by_label("These befall").select_option("half")
    await desktop.switch("Replies late by (ms)").check()
    await expect(desktop.switch("Replies late by (ms)")).to_be_checked()
    (fault,) = playground.world.faults.active
    assert (vars(fault.effect), fault.share) == ({"seconds": 0.02}, 0.5)
    await desktop.clicks("All well again")
    await expect(desktop.switch("Replies late by (ms)")).not_to_be_checked()


async def test_darkness_falls_and_lifts_by_the_one_clock(desktop: Screen, playground: Playground) -> None:
    await desktop.begins()
    await desktop.clicks("Behind the scenes")
    await desktop.page.get_by_label("Dark for (s)").fill("30")
    await desktop.clicks("Go dark")
    await expect(desktop.page.get_by_text("Dark for 30 s more")).to_be_visible()
    await desktop.taps("Next")
    await expect(desktop.page.locator("#calls .bad").first).to_contain_text("cut")
    await desktop.photograph("desktop-behind-the-scenes")
    playground.clock.move_on(30)
    await desktop.sees("Step 2 of 8")


async def test_who_blocks_the_bot_hears_no_more_until_they_unblock_it(desktop: Screen) -> None:
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


async def test_another_person_has_a_chat_of_their_own_and_a_name_is_never_markup(desktop: Screen) -> None:
    await desktop.begins()
    await desktop.clicks("Another person")
    await desktop.page.get_by_label("First name").fill("<img src=x onerror=document.title=1>")
    await desktop.clicks("Open the chat")
    await desktop.clicks("START")
    await desktop.sees("Hi <img src=x onerror=document.title=1>.")
    assert await desktop.page.locator("img").count() == 0
    await desktop.photograph("desktop-two-people")
    await desktop.page.get_by_role("button", name="Sam").click()
    await desktop.sees("Step 1 of 8")
    await expect(desktop.page).to_have_title("Massage coach")


async def test_what_comes_for_somebody_else_is_counted(phone: Screen, playground: Playground) -> None:
    await phone.begins()
    await phone.clicks("People")
    await phone.clicks("Another person")
    await phone.clicks("Open the chat")
    await phone.clicks("To the next cue")
    await expect(phone.page).to_have_title("(1) Massage coach")
    await phone.clicks("People")
    await expect(phone.page.get_by_role("button", name="Sam")).to_contain_text("Starting in 10 s.")
    await phone.photograph("phone-people")
    await phone.page.get_by_role("button", name="Sam").click()
    await phone.sees("Starting in 10 s.")
    await expect(phone.page).to_have_title("Massage coach")


# Looks.


@pytest.mark.parametrize("look", ["light", "dark"])
async def test_it_fits_both_widths_by_day_and_night(phone: Screen, look: str) -> None:
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


async def test_a_massage_by_keyboard_alone(desktop: Screen) -> None:
    keys = desktop.page.keyboard
    await desktop.page.get_by_role("textbox", name="Message").focus()
    await keys.type("/sta")
    await keys.press("ArrowUp")
    await expect(desktop.button("/start Begin a massage, or begin again")).to_be_focused()
    await keys.press("Enter")
    await desktop.sees("Hi Sam.")
    for _ in range(6):
        await keys.press("Shift+Tab")
    await expect(desktop.button("Begin")).to_be_focused()
    await keys.press("Enter")
    await desktop.sees("Before the first stroke")
    await expect(desktop.newest).to_be_focused()
    await keys.press("Tab")
    await expect(desktop.button("None of these")).to_be_focused()


async def test_the_command_menu_narrows_as_one_types_and_closes(phone: Screen) -> None:
    await phone.clicks("Menu")
    menu = phone.page.get_by_role("group", name="Commands").get_by_role("button")
    await expect(menu.first).to_contain_text("/start")
    await phone.page.keyboard.press("Escape")
    await expect(menu).to_have_count(0)
    await phone.page.get_by_role("textbox", name="Message").fill("/che")
    await expect(menu).to_have_count(1)
    await menu.click()
    await phone.sees("Prep checklist")


# What the Bot API can put into a chat.


async def test_formatting_becomes_elements(phone: Screen, puppet: Puppet) -> None:
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
    await phone.sees("/next")
    assert puppet.world.messages(puppet.sam)[-1].text == "/next"


async def test_edits_in_place_and_deleted_messages_gone(phone: Screen, puppet: Puppet) -> None:
    for text in ("one", "two"):
        await puppet.call("sendMessage", text=text)
    first, second = puppet.world.messages(puppet.sam)[-2:]
    await puppet.call("editMessageText", message_id=first.id, text="one, mended")
    await expect(phone.messages.nth(1)).to_contain_text("one, mended")
    await puppet.call("deleteMessage", message_id=second.id)
    await expect(phone.messages).to_have_count(2)


async def test_the_three_styles_of_button_can_be_told_apart(phone: Screen, puppet: Puppet) -> None:
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
    await phone.taps("Tap me")
    await expect(phone.newest.locator(".busy")).to_be_visible()
    (query,) = puppet.world.queries
    await puppet.call("answerCallbackQuery", callback_query_id=query, text="Well done.", show_alert=alert)
    shown = phone.page.get_by_role("dialog") if alert else phone.page.locator(".toast")
    await expect(shown).to_contain_text("Well done.")
    await expect(phone.newest.locator(".busy")).to_have_count(0)


async def test_typing_is_shown_until_the_message_comes(phone: Screen, puppet: Puppet) -> None:
    await puppet.call("sendChatAction", action="typing")
    await expect(phone.page.get_by_text("typing…")).to_be_visible()
    await puppet.call("sendMessage", text="there")
    await expect(phone.page.get_by_text("typing…")).to_have_count(0)


async def test_a_sound_for_what_is_not_silent_if_one_wants_it(phone: Screen, puppet: Puppet) -> None:
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


async def test_pictures_and_loops_show_by_themselves_and_sound_waits_for_a_tap(
    phone: Screen, puppet: Puppet
) -> None:
    await puppet.call("sendPhoto", {"photo": ("a.png", png())}, caption="a picture")
    picture = phone.newest.locator("img")
    await expect(picture).to_be_visible()
    await holds(picture, "node => node.naturalWidth === 64")
    await puppet.call("sendAnimation", {"animation": ("a.mp4", film())}, caption="a loop")
    await holds(phone.newest.locator("video"), "node => !node.paused && node.loop && node.currentTime > 0")
    for method, field in (("sendVoice", "voice"), ("sendAudio", "audio")):
        name, content = ("a.ogg", sound("ogg")) if field == "voice" else ("a.m4a", sound("mp4"))
        await puppet.call(method, {field: (name, content)}, title="Track")
        player = phone.newest.locator(".player")
        await holds(player, "node => node.audio.readyState > 0 && node.audio.paused")
        await phone.newest.get_by_role("button", name="Play").click()
        await holds(player, "node => node.audio.currentTime > 0")
    await phone.photograph("phone-media")


async def test_an_edited_caption_does_not_start_a_loop_anew(phone: Screen, puppet: Puppet) -> None:
    await puppet.call("sendAnimation", {"animation": ("a.mp4", film())}, caption="before")
    await phone.newest.locator("video").evaluate("node => { node.before = true; }")
    message = puppet.world.messages(puppet.sam)[-1]
    await puppet.call("editMessageCaption", message_id=message.id, caption="after")
    await phone.sees("after")
    await holds(phone.newest.locator("video"), "node => node.before && !node.paused")


async def holds(node: Locator, condition: str) -> None:
    """Until a JavaScript function of the element says so."""
    handle = await node.element_handle()
    await node.page.wait_for_function(condition, arg=handle)


# Who it answers to.


async def test_only_its_own_name_is_answered_to(playground: Playground) -> None:
    async with httpx.AsyncClient(base_url=playground.address) as client:
        for path in ("/", "/changes", f"/bot{playground.world.token}/getMe"):
            assert (await client.get(path, headers={"Host": "evil.example"})).status_code == 400
        port = playground.address.rpartition(":")[2]
        assert (await client.get("/", headers={"Host": f"localhost:{port}"})).status_code == 200


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("nonsense", "That is no deed:"),
        ("{}", "That is no deed:"),
        ('{"deed": "fly"}', "That is no deed:"),
        ('{"deed": "speed", "speed": 0}', "That is no deed: Input should be greater than 0"),
        ('{"deed": "speed", "speed": "60"}', "That is no deed:"),
        ('{"deed": "write", "who": 5, "text": "x"}', "There is nobody with the number 5."),
        ('{"deed": "write", "who": 700000001, "text": " "}', "Sam can send 1 to 4096 characters"),
        ('{"deed": "tap", "who": 700000001, "message": 7, "data": "x"}', "Sam sees no message 7."),
    ],
)
async def test_a_deed_that_is_none_gets_one_sentence(playground: Playground, body: str, said: str) -> None:
    async with httpx.AsyncClient(base_url=playground.address) as client:
        reply = await client.post("/deeds", content=body, headers={"Content-Type": "application/json"})
        assert reply.status_code == 400
        assert reply.json()["error"].startswith(said)


async def test_another_sites_form_does_nothing(playground: Playground) -> None:
    async with httpx.AsyncClient(base_url=playground.address) as client:
        for kind in ("text/plain", "application/x-www-form-urlencoded"):
            body = '{"deed": "kill", "restart": false}'
            reply = await client.post("/deeds", content=body, headers={"Content-Type": kind})
            assert reply.status_code == 415
        assert (await client.options("/deeds")).status_code == 405
    assert playground.is_coaching


async def test_a_page_that_does_not_keep_up_is_cut_off(playground: Playground) -> None:
    async with (
        httpx.AsyncClient(base_url=playground.address) as client,
        client.stream("GET", "/changes") as stream,
        asyncio.timeout(PATIENCE),
    ):
        lines = stream.aiter_lines()
        assert "everything" in await anext(lines)
        for _ in range(BACKLOG + 1):
            playground.clock.move_on(0)
        assert sum([1 async for line in lines if line]) < BACKLOG
