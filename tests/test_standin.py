"""The fake Telegram server (stand-in): its rules and refusals, and python-telegram-bot (PTB) as a client."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial

import httpx
import pytest
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, InputMediaAnimation, ReactionTypeEmoji
from telegram.constants import KeyboardButtonStyle, ReactionEmoji
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, NetworkError, RetryAfter
from telegram.request import HTTPXRequest

from bot.playground import html, methods
from bot.playground.api import ConnectionCut, StandIn, serve
from bot.playground.faults import Cut, Delay, Fail
from bot.playground.model import Change
from bot.playground.people import Person, add_person
from bot.playground.world import Limits, Rate, World
from tests.stage import PATIENCE

PHOTO = 10 * 2**20
TOO_BIG = (
    "400 Bad Request: file of size 10485761 bytes is too big for a photo; the maximum size is 10485760 bytes"
)
START = 1_800_000_000.0
ENDLESS = Rate(1e6, 1_000_000)
UNLIMITED = Limits(private=ENDLESS, group=ENDLESS, edits=ENDLESS, total=ENDLESS)
GIF = b"GIF89a\x40\x00\x30\x00;"
MP4 = b"\x00\x00\x00\x18ftypisom...avc1"
OGG = b"OggS" + bytes(24) + b"OpusHead"
MP3 = b"ID3" + bytes(9)


def png(width: int = 64, height: int = 48, size: int = 40) -> bytes:
    head = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + width.to_bytes(4, "big") + height.to_bytes(4, "big")
    return head.ljust(size, b"\0")


def keyboard(*rows: list[dict[str, object]]) -> str:
    return json.dumps({"inline_keyboard": rows})


GO = keyboard([{"text": "Go", "callback_data": "go", "style": "success"}])


Files = Mapping[str, tuple[str, bytes]] | None


class Clock:
    """A clock that moves only when a test moves it. `waiting` is set while a task waits for a later time."""

    def __init__(self) -> None:
        self.seconds = START
        self.waiting = asyncio.Event()
        self._sleepers: list[tuple[float, asyncio.Future[None]]] = []

    def __call__(self) -> float:
        return self.seconds

    async def pause(self, seconds: float) -> None:
        sleeper: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sleepers.append((self.seconds + seconds, sleeper))
        self.waiting.set()
        await sleeper

    def tick(self, seconds: float) -> None:
        self.seconds += seconds
        self.waiting.clear()
        for until, sleeper in self._sleepers:
            if until <= self.seconds and not sleeper.done():
                sleeper.set_result(None)


class Api:
    """A client that makes raw calls of the Bot API."""

    def __init__(self, stand_in: StandIn) -> None:
        self.world = stand_in.world
        transport = httpx.ASGITransport(app=stand_in)
        self.client = httpx.AsyncClient(transport=transport, base_url="http://telegram")
        self.path = f"/bot{self.world.token}"

    async def post(self, method: str, files: Files = None, /, **params: object) -> httpx.Response:
        form = {
            name: value if isinstance(value, str) else json.dumps(value) for name, value in params.items()
        }
        return await self.client.post(f"{self.path}/{method}", data=form, files=files)

    async def __call__(self, method: str, files: Files = None, /, **params: object) -> object:
        reply = (await self.post(method, files, **params)).json()
        assert reply["ok"], reply
        return reply["result"]

    async def refused(self, method: str, files: Files = None, /, **params: object) -> str:
        """Make a call that is refused; return the code and the description."""
        response = await self.post(method, files, **params)
        reply = response.json()
        assert reply["ok"] is False
        assert reply["error_code"] == response.status_code
        assert ("parameters" in reply) == (reply["error_code"] == 429)
        return f"{reply['error_code']} {reply['description']}"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def limits() -> Limits:
    return UNLIMITED


@pytest.fixture
def world(clock: Clock, limits: Limits) -> World:
    return World(clock, limits=limits)


@pytest.fixture
async def api(world: World, clock: Clock) -> AsyncIterator[Api]:
    api = Api(StandIn(world, clock.pause))
    async with api.client:
        yield api


@pytest.fixture
def sam(world: World) -> Person:
    person = add_person(world, "Sam")
    person.writes("/start")
    return person


def strict(test: Callable[..., object]) -> Callable[..., object]:
    """Run the test with Telegram's real rate limits."""
    mark = pytest.mark.parametrize("limits", [Limits()], ids=["real rate limits"])
    marked: Callable[..., object] = mark(test)
    return marked


# Tokens, methods and parameters.


async def test_a_wrong_token_is_refused(api: Api) -> None:
    api.path = "/bot1:wrong"
    assert await api.refused("getMe") == "401 Unauthorized: invalid token specified"
    assert (await api.client.get("/file/bot1:wrong/photos/file_1.png")).status_code == 401


async def test_an_unknown_method_is_refused(api: Api) -> None:
    assert await api.refused("sendTelepathy") == "404 Not Found: method not found"
    assert (await api.client.get("/elsewhere")).json()["description"] == "Not Found"


async def test_parameters_are_accepted_as_a_query_a_form_json_and_multipart(api: Api, sam: Person) -> None:
    url = f"{api.path}/SENDMESSAGE"
    params = {"chat_id": str(sam.chat_id), "text": "by query"}
    await api.client.get(url, params=params)
    await api.client.post(url, data=params | {"text": "by form"})
    await api.client.post(url, json={"chat_id": sam.chat_id, "text": "by JSON", "reply_markup": None})
    await api.client.post(url, data=params | {"text": "in parts"}, files={"unused": ("a.txt", b"a")})
    assert [message.text for message in sam.messages()[1:]] == ["by query", "by form", "by JSON", "in parts"]


async def test_a_body_that_is_not_a_json_object_is_refused(api: Api) -> None:
    for body in ("{", "[]"):
        response = await api.client.post(
            f"{api.path}/getMe", content=body, headers={"Content-Type": "application/json"}
        )
        assert response.json()["description"] == "Bad Request: can't parse request JSON object"


async def test_a_malformed_multipart_body_is_refused(api: Api) -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    response = await api.client.post(f"{api.path}/getMe", content=b"--y", headers=headers)
    assert response.json()["description"] == "Bad Request: can't parse the request's body"


# Texts, captions and keyboards.


@pytest.mark.parametrize(
    ("params", "refusal"),
    [
        ({}, "message text is empty"),
        ({"text": ""}, "message text is empty"),
        ({"text": "  \n "}, "text must be non-empty"),
        ({"text": "<b> </b>", "parse_mode": "HTML"}, "text must be non-empty"),
        ({"text": "x" * 4097}, "message is too long"),
        ({"text": "<b>" + "x" * 4097 + "</b>", "parse_mode": "HTML"}, "message is too long"),
        ({"text": "x" * 32769}, "text is too long"),
        ({"text": "x", "parse_mode": "BBCode"}, "unsupported parse_mode"),
        ({"text": "x", "entities": "[]"}, "the stand-in takes no entities; send HTML with parse_mode"),
        (
            {"text": "<x>", "parse_mode": "HTML"},
            'can\'t parse entities: Unsupported start tag "x" at byte offset 0',
        ),
        ({"text": "x", "link_preview_options": "no"}, "can't parse link preview options JSON object"),
        ({"text": "x", "link_preview_options": "1"}, "object expected as link preview options"),
        ({"text": "x", "chat_id": ""}, "chat_id is empty"),
        ({"text": "x", "chat_id": "12"}, "chat not found"),
        ({"text": "x", "chat_id": "Sam"}, "chat not found"),
        ({"text": "x", "reply_parameters": "{"}, "can't parse reply parameters JSON object"),
        ({"text": "x", "reply_parameters": "7"}, "object expected as reply parameters"),
        ({"text": "x", "reply_parameters": '{"message_id": "1"}'}, 'field "message_id" must be a Number'),
        ({"text": "x", "reply_parameters": '{"message_id": 99}'}, "message to be replied not found"),
        ({"text": "x", "reply_markup": "{"}, "can't parse reply keyboard markup JSON object"),
        ({"text": "x", "reply_markup": "[]"}, "object expected as reply markup"),
        (
            {"text": "x", "reply_markup": '{"inline_keyboard": 1}'},
            'field "inline_keyboard" must be of type Array',
        ),
        (
            {"text": "x", "reply_markup": '{"inline_keyboard": [1]}'},
            'field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays',
        ),
    ],
)
async def test_an_invalid_message_is_refused(
    api: Api, sam: Person, params: dict[str, object], refusal: str
) -> None:
    assert (
        await api.refused("sendMessage", **{"chat_id": sam.chat_id} | params) == f"400 Bad Request: {refusal}"
    )
    assert len(sam.messages()) == 1


@pytest.mark.parametrize(
    ("button", "refusal"),
    [
        (1, "can't parse inline keyboard button: InlineKeyboardButton must be an Object"),
        ({"callback_data": "x"}, "can't parse inline keyboard button: Can't find field \"text\""),
        (
            {"text": True, "callback_data": "x"},
            'can\'t parse inline keyboard button: Field "text" must be of type String',
        ),
        (
            {"text": "x"},
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
        ),
        (
            {"text": "x", "callback_data": "x", "style": "pink"},
            "can't parse inline keyboard button: invalid button style specified",
        ),
        ({"text": " ", "callback_data": "x"}, "inline keyboard button text must be non-empty"),
        ({"text": "x", "callback_data": "é" * 33}, "BUTTON_DATA_INVALID"),
        ({"text": "x", "url": "nowhere"}, "inline keyboard button URL 'nowhere' is invalid: Wrong HTTP URL"),
    ],
)
async def test_an_invalid_button_is_refused(
    api: Api, sam: Person, button: dict[str, object], refusal: str
) -> None:
    said = await api.refused("sendMessage", chat_id=sam.chat_id, text="x", reply_markup=keyboard([button]))
    assert said == f"400 Bad Request: {refusal}"


async def test_a_keyboard_has_at_most_100_buttons_and_8_in_a_row(api: Api, sam: Person) -> None:
    one: dict[str, object] = {"text": "x", "callback_data": "é" * 32}
    send = partial(api.post, "sendMessage", chat_id=sam.chat_id, text="x")
    assert (await send(reply_markup=keyboard([one] * 8, [one] * 8))).status_code == 200
    for rows in ([[one] * 9], [[one]] * 101):
        reply = (await send(reply_markup=keyboard(*rows))).json()
        assert reply["description"] == "Bad Request: reply markup is too long"


async def test_the_longest_texts_are_accepted(api: Api, sam: Person) -> None:
    await api("sendMessage", chat_id=sam.chat_id, text="<i>" + "&lt;" * 4096 + "</i>", parse_mode="html")
    await api("sendPhoto", {"photo": ("a.png", png())}, chat_id=sam.chat_id, caption="😀" * 1024)
    assert [len(message.text) for message in sam.messages()[1:]] == [4096, 1024]
    caption = await api.refused(
        "sendPhoto", {"photo": ("a.png", png())}, chat_id=sam.chat_id, caption="x" * 1025
    )
    assert caption == "400 Bad Request: message caption is too long"


async def test_a_person_sees_a_message_as_it_was_sent(api: Api, sam: Person) -> None:
    first = sam.messages()[0]
    sent = await api(
        "sendMessage",
        chat_id=sam.chat_id,
        text=" Oil is <b>warm</b>, /pause any time\n",
        parse_mode="HTML",
        reply_markup=GO,
        disable_notification=True,
        protect_content=True,
        reply_parameters={"message_id": first.id},
    )
    message = sam.messages()[-1]
    assert message.html == "Oil is <b>warm</b>, /pause any time"
    assert [entity.type for entity in message.body.entities] == ["bold", "bot_command"]
    assert [(button.text, button.value, button.style) for button in message.buttons] == [
        ("Go", "go", "success")
    ]
    assert (message.silent, message.protected, message.date) == (True, True, START)
    assert isinstance(sent, dict)
    assert sent["reply_to_message"]["message_id"] == first.id
    assert sent["reply_markup"] == json.loads(GO)
    assert sent["has_protected_content"] is True


async def test_text_without_a_parse_mode_is_sent_as_it_is(api: Api, sam: Person) -> None:
    await api("sendMessage", chat_id=sam.chat_id, text="1 < 2 & <b>")
    assert sam.messages()[-1].text == "1 < 2 & <b>"
    assert sam.messages()[-1].html == "1 &lt; 2 &amp; &lt;b&gt;"


async def test_a_reply_can_be_sent_even_if_the_message_it_replies_to_is_missing(
    api: Api, sam: Person
) -> None:
    lenient = {"message_id": 99, "allow_sending_without_reply": True}
    sent = await api("sendMessage", chat_id=sam.chat_id, text="x", reply_parameters=lenient)
    assert isinstance(sent, dict)
    assert "reply_to_message" not in sent


# HTML.


@pytest.mark.parametrize(
    ("markup", "refusal"),
    [
        ("a <foo>b</foo>", 'Unsupported start tag "foo" at byte offset 2'),
        ("é<foo>", 'Unsupported start tag "foo" at byte offset 2'),
        ("<b>a", 'Can\'t find end tag corresponding to start tag "b"'),
        ("<i><b>a</i></b>", 'Unmatched end tag at byte offset 7, expected "</b>", found "</i>"'),
        ("a</b>", "Unexpected end tag at byte offset 1"),
        ("1 <2", "Unclosed start tag at byte offset 2"),
        ("<a href", 'Unclosed start tag "a" at byte offset 0'),
        ("<a href=", 'Unclosed start tag "a" at byte offset 0'),
        ("<a href='x", "Unclosed start tag at byte offset 0"),
        ("<a href=x", "Unclosed start tag at byte offset 0"),
        ("<a =x>", 'Empty attribute name in the tag "a" at byte offset 0'),
        ("<a href=x/y>", "Unexpected end of name token at byte offset 8"),
        ("<b>a</b", "Unclosed end tag at byte offset 4"),
        ("<span>a</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ("<tg-emoji emoji-id='x'>a</tg-emoji>", "Invalid custom emoji identifier specified"),
        ("<tg-time unix='1' format='q'>a</tg-time>", "Invalid date format used"),
        ("a&#xD800;", html.INVALID_UNICODE),
    ],
)
def test_invalid_html_is_refused(markup: str, refusal: str) -> None:
    with pytest.raises(html.ParseError) as caught:
        html.parse(markup)
    assert str(caught.value) == refusal


@pytest.mark.parametrize(
    ("markup", "text", "entities"),
    [
        ("😀 <b>b</B>", "😀 b", ["bold 3 1"]),
        ("<i>1<b>2</b></i>", "12", ["italic 0 2", "bold 1 1"]),
        ("&lt;&#65;&#x1F600;&amp;&quot;&nbsp;&", '<A😀&"&nbsp;&', []),
        ("  <u> a </u> ", " a", ["underline 0 2"]),
        ("a\r\n\tb", "a\n b", []),
        ("<pre><code class='language-py'>x</code></pre>", "x", ["pre 0 1 py"]),
        ("<code class='language-py'>x</code>", "x", ["code 0 1"]),
        ("<a href='https://e.org/?a=1&amp;b'>x</a>", "x", ["text_link 0 1 https://e.org/?a=1&b"]),
        ("<a href=E.org>x</a>", "x", ["text_link 0 1 e.org"]),
        ("<a  href = 'e.org' >x</a >", "x", ["text_link 0 1 e.org"]),
        ("<a>e.org</a> <a>e</a>", "e.org e", ["text_link 0 5 e.org"]),
        ("<blockquote expandable>x</blockquote>", "x", ["expandable_blockquote 0 1"]),
        ("<blockquote>x</blockquote><b expandable>y</b>", "xy", ["blockquote 0 1", "bold 1 1"]),
        ('<tg-time unix="9" format="r">x</tg-time>', "x", ["date_time 0 1 9 r"]),
        ('<tg-time unix="x">x</tg-time><s></s>', "x", []),
        (
            '<tg-emoji emoji-id="5">x</tg-emoji><span class="tg-spoiler">y</span>',
            "xy",
            ["custom_emoji 0 1 5", "spoiler 1 1"],
        ),
    ],
)
def test_html_becomes_text_and_entities(markup: str, text: str, entities: list[str]) -> None:
    found_text, found = html.parse(markup)
    assert found_text == text
    assert [" ".join(str(value) for value in entity.as_json().values()) for entity in found] == entities


@pytest.mark.parametrize(
    "markup",
    [
        "a <b>😀 <i>b</i></b><u>c</u> &lt;",
        '<a href="https://e.org/?a&amp;b">x</a>',
        "<blockquote expandable>x</blockquote>",
    ],
)
def test_text_and_entities_can_be_written_as_html_again(markup: str) -> None:
    assert html.write(*html.parse(markup)) == markup


# Editing and deleting.


async def test_an_edit_that_changes_nothing_is_refused(api: Api, sam: Person) -> None:
    await api("sendMessage", chat_id=sam.chat_id, text="one", reply_markup=GO)
    one = sam.messages()[-1].id
    same = {"chat_id": sam.chat_id, "message_id": one, "reply_markup": GO}
    refusal = (
        "400 Bad Request: message is not modified: specified new message content and reply markup are exactly"
        " the same as a current content and reply markup of the message"
    )
    assert await api.refused("editMessageText", text="<i></i>one ", parse_mode="HTML", **same) == refusal
    assert await api.refused("editMessageReplyMarkup", **same) == refusal
    await api("editMessageText", chat_id=sam.chat_id, message_id=one, text="one")
    assert sam.messages()[-1].keyboard == ()


async def test_an_edit_of_a_missing_or_somebody_elses_message_is_refused(api: Api, sam: Person) -> None:
    edit = partial(api.refused, "editMessageText", chat_id=sam.chat_id, text="x")
    assert await edit(message_id=99) == "400 Bad Request: message to edit not found"
    assert await edit(message_id="first") == "400 Bad Request: message to edit not found"
    assert await edit(message_id=sam.messages()[0].id) == "400 Bad Request: message can't be edited"
    assert (
        await api.refused("editMessageText", text="x")
        == "400 Bad Request: message identifier is not specified"
    )


async def test_a_deleted_message_is_gone(api: Api, sam: Person) -> None:
    await api("sendMessage", chat_id=sam.chat_id, text="x")
    place = {"chat_id": sam.chat_id, "message_id": sam.messages()[-1].id}
    await api("deleteMessage", **place)
    assert len(sam.messages()) == 1
    assert await api.refused("deleteMessage", **place) == "400 Bad Request: message to delete not found"
    assert (
        await api.refused("editMessageReplyMarkup", **place) == "400 Bad Request: message to edit not found"
    )
    unnamed = await api.refused("deleteMessage", chat_id=sam.chat_id)
    assert unnamed == "400 Bad Request: message identifier is not specified"
    assert await api.refused("deleteMessage") == "400 Bad Request: chat identifier is not specified"


async def test_an_old_or_somebody_elses_message_cannot_be_deleted(
    api: Api, world: World, sam: Person, clock: Clock
) -> None:
    group = world.group("Friends")
    joined = sam.joins(group)
    refusal = await api.refused("deleteMessage", chat_id=group.id, message_id=joined.id)
    assert refusal == "400 Bad Request: message can't be deleted"
    clock.tick(48 * 3600 + 1)
    refusal = await api.refused("deleteMessage", chat_id=sam.chat_id, message_id=sam.messages()[0].id)
    assert refusal == "400 Bad Request: message can't be deleted for everyone"


async def test_text_and_media_are_edited_by_different_methods(api: Api, sam: Person) -> None:
    await api("sendMessage", chat_id=sam.chat_id, text="words")
    place = {"chat_id": sam.chat_id, "message_id": sam.messages()[-1].id}
    refusal = await api.refused("editMessageCaption", caption="x", **place)
    assert refusal == "400 Bad Request: there is no caption in the message to edit"
    media = {"type": "animation", "media": "attach://loop", "caption": "<b>loop</b>", "parse_mode": "HTML"}
    await api("editMessageMedia", {"loop": ("loop.gif", GIF)}, media=media, **place)
    refusal = await api.refused("editMessageText", text="x", **place)
    assert refusal == "400 Bad Request: there is no text in the message to edit"
    await api("editMessageCaption", caption="other words", **place)
    message = sam.messages()[-1]
    assert (message.text, message.media and message.media.kind) == ("other words", "animation")


@pytest.mark.parametrize(
    ("media", "refusal"),
    [
        ("", 'parameter "media" is required'),
        ("{", "can't parse input media JSON object"),
        ("[]", "can't parse InputMedia: expected an Object"),
        ('{"media": "x"}', "can't parse InputMedia: Can't find field \"type\""),
        ('{"type": "story", "media": "x"}', 'can\'t parse InputMedia: type "story" is unsupported'),
        ('{"type": "photo"}', "can't parse InputMedia: media not found"),
        ('{"type": "photo", "media": "attach://none"}', "can't parse InputMedia: media not found"),
        ('{"type": "photo", "media": "none"}', "wrong file identifier/HTTP URL specified"),
    ],
)
async def test_invalid_media_are_refused(api: Api, sam: Person, media: str, refusal: str) -> None:
    said = await api.refused("editMessageMedia", chat_id=sam.chat_id, message_id=1, media=media)
    assert said == f"400 Bad Request: {refusal}"


# Files.


@pytest.mark.parametrize(
    ("method", "field", "content", "kind"),
    [
        ("sendPhoto", "photo", png(), "photo"),
        ("sendPhoto", "photo", b"\xff\xd8\xff\xe0\0\x04\0\0\xff\xc0\0\x11\x08\0\x30\0\x40\x03", "photo"),
        ("sendAnimation", "animation", GIF, "animation"),
        ("sendAnimation", "animation", MP4, "animation"),
        ("sendAnimation", "animation", MP4 + b"hdlrsoun", "video"),
        ("sendAnimation", "animation", b"no film at all", "document"),
        ("sendVoice", "voice", OGG, "voice"),
        ("sendVoice", "voice", MP3, "voice"),
        ("sendVoice", "voice", b"\xff\xfb\x90", "voice"),
        ("sendVoice", "voice", b"RIFF....WAVE", "document"),
        ("sendAudio", "audio", MP3, "audio"),
        ("sendAudio", "audio", b"\0\0\0\x18ftypM4A ", "audio"),
        ("sendAudio", "audio", OGG, "document"),
    ],
)
async def test_an_uploaded_file_can_be_sent_again_and_downloaded(
    api: Api, sam: Person, method: str, field: str, content: bytes, kind: str
) -> None:
    await api(method, {field: ("a.bin", content)}, chat_id=sam.chat_id, duration=3)
    file = sam.messages()[-1].media
    assert file is not None
    assert file.kind == kind
    stored = await api("getFile", file_id=file.file_id)
    assert isinstance(stored, dict)
    served = await api.client.get(f"/file{api.path}/{stored['file_path']}")
    assert served.content == content
    if kind == field:
        await api(method, chat_id=sam.chat_id, **{field: file.file_id})
        assert sam.messages()[-1].media == file


async def test_a_picture_is_sent_in_its_own_size(api: Api, sam: Person) -> None:
    sent = await api("sendPhoto", {"photo": ("a.png", png(64, 48))}, chat_id=sam.chat_id)
    assert isinstance(sent, dict)
    assert [(size["width"], size["height"], size["file_size"]) for size in sent["photo"]] == [(64, 48, 40)]


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"", "400 Bad Request: file must be non-empty"),
        (b"no picture", "400 Bad Request: IMAGE_PROCESS_FAILED"),
        (png(21, 1), "400 Bad Request: PHOTO_INVALID_DIMENSIONS"),
        (png(9000, 1001), "400 Bad Request: PHOTO_INVALID_DIMENSIONS"),
        (
            png(size=PHOTO + 1),
            TOO_BIG,
        ),
        (bytes(50 * 2**20 + 1), "413 Request Entity Too Large"),
    ],
    ids=["empty", "no picture", "too narrow", "too wide", "10 MB", "50 MB"],
)
async def test_an_invalid_photo_is_refused(api: Api, sam: Person, content: bytes, refusal: str) -> None:
    assert await api.refused("sendPhoto", {"photo": ("a.png", content)}, chat_id=sam.chat_id) == refusal


async def test_a_file_must_be_named_and_of_the_right_kind(api: Api, sam: Person) -> None:
    photo = await api("sendPhoto", {"photo": ("a.png", png())}, chat_id=sam.chat_id)
    assert isinstance(photo, dict)
    file_id = photo["photo"][-1]["file_id"]
    send = partial(api.refused, chat_id=sam.chat_id)
    assert await send("sendVoice") == "400 Bad Request: there is no voice in the request"
    assert (
        await send("sendPhoto", photo="none") == "400 Bad Request: wrong file identifier/HTTP URL specified"
    )
    wrong = await send("sendAnimation", animation=file_id)
    assert wrong == "400 Bad Request: can't use file of type Photo as Animation"
    assert await api.refused("getFile") == "400 Bad Request: file_id not specified"
    assert await api.refused("getFile", file_id="none") == "400 Bad Request: invalid file_id"
    large = sam.sends_photo(content=bytes(20 * 2**20 + 1)).media
    assert large is not None
    assert await api.refused("getFile", file_id=large.file_id) == "400 Bad Request: file is too big"
    assert (await api.client.get(f"/file{api.path}/photos/none.png")).status_code == 404


# Taps and their answers.


STALE = "400 Bad Request: query is too old and response timeout expired or query ID is invalid"


async def test_a_tap_can_be_answered_once_and_only_for_a_while(api: Api, sam: Person, clock: Clock) -> None:
    await api("sendMessage", chat_id=sam.chat_id, text="Ready?", reply_markup=GO)
    ready = sam.messages()[-1].id
    first, second = sam.taps(ready, "Go"), sam.taps(ready, "go")
    clock.tick(15)
    await api("answerCallbackQuery", callback_query_id=first.id, text="Off we go", show_alert=True)
    assert [(answer.text, answer.alert) for answer in sam.answers] == [("Off we go", True)]
    assert await api.refused("answerCallbackQuery", callback_query_id=first.id) == STALE
    clock.tick(0.1)
    assert await api.refused("answerCallbackQuery", callback_query_id=second.id) == STALE
    assert await api.refused("answerCallbackQuery", callback_query_id="none") == STALE


async def test_an_invalid_answer_is_refused(api: Api) -> None:
    refused = partial(api.refused, "answerCallbackQuery", callback_query_id="1")
    assert await refused(text="x" * 201) == "400 Bad Request: MESSAGE_TOO_LONG"
    assert await refused(url="https://elsewhere.org") == "400 Bad Request: URL_INVALID"


async def test_a_person_can_tap_only_buttons_that_they_see(api: Api, sam: Person) -> None:
    await api("sendMessage", chat_id=sam.chat_id, text="Ready?", reply_markup=GO)
    ready = sam.messages()[-1].id
    with pytest.raises(LookupError, match="No button 'Stop' on message 2; it has 'Go'"):
        sam.taps(ready, "Stop")
    await api("editMessageReplyMarkup", chat_id=sam.chat_id, message_id=ready)
    with pytest.raises(LookupError, match="it has none"):
        sam.taps(ready, "Go")
    await api("deleteMessage", chat_id=sam.chat_id, message_id=ready)
    with pytest.raises(LookupError, match="Sam sees no message 2"):
        sam.taps(ready, "Go")
    assert sam.taps(ready, "Go", stale=True).as_json()["message"] == {
        "message_id": ready,
        "chat": {"id": sam.chat_id, "type": "private", "first_name": "Sam"},
        "date": 0,
    }


# Updates.


def kinds(updates: object) -> list[str]:
    assert isinstance(updates, list)
    return [next(kind for kind in update if kind != "update_id") for update in updates]


def last_id(updates: object) -> int:
    assert isinstance(updates, list)
    return int(updates[-1]["update_id"])


async def test_updates_stay_queued_until_they_are_confirmed(api: Api, sam: Person, world: World) -> None:
    sam.writes("two")
    sam.writes("three")
    assert len(kinds(await api("getUpdates"))) == 3
    first = await api("getUpdates", limit=1)
    assert len(kinds(await api("getUpdates", offset=last_id(first) + 1))) == 2
    assert world.pending == 2
    newest = await api("getUpdates", offset=-1)
    assert world.pending == 1
    assert await api("getUpdates", offset=last_id(newest) + 1) == []
    assert world.pending == 0


async def test_taps_expire_before_messages(api: Api, sam: Person, clock: Clock) -> None:
    await api("sendMessage", chat_id=sam.chat_id, text="Ready?", reply_markup=GO)
    sam.taps(sam.messages()[-1].id, "Go")
    clock.tick(149)
    assert kinds(await api("getUpdates")) == ["message", "callback_query"]
    clock.tick(2)
    assert kinds(await api("getUpdates")) == ["message"]
    clock.tick(24 * 3600)
    assert await api("getUpdates") == []


async def test_only_allowed_updates_are_queued(api: Api, sam: Person) -> None:
    await api("getUpdates", allowed_updates=["edited_message"])
    sam.edits(sam.writes("tow").id, "two")
    assert kinds(await api("getUpdates")) == ["message", "edited_message"]
    await api("getUpdates", allowed_updates=[])
    sam.blocks()
    sam.blocks()
    sam.unblocks()
    assert kinds(await api("getUpdates"))[2:] == ["my_chat_member", "my_chat_member"]


async def test_a_long_poll_waits_for_a_message(api: Api, sam: Person, clock: Clock, world: World) -> None:
    world.drop_updates()
    poll = asyncio.create_task(api("getUpdates", timeout=50))
    await clock.waiting.wait()
    world.faults.clear()
    sam.writes("hello")
    assert kinds(await poll) == ["message"]


async def test_a_long_poll_ends_after_its_timeout_and_never_later_than_50_s(api: Api, clock: Clock) -> None:
    poll = asyncio.create_task(api("getUpdates", timeout=1000))
    await clock.waiting.wait()
    clock.tick(50)
    assert await poll == []


async def test_a_second_poll_ends_the_first(api: Api, world: World, clock: Clock) -> None:
    older = asyncio.create_task(api.refused("getUpdates", timeout=50))
    await clock.waiting.wait()
    clock.waiting.clear()
    newer = asyncio.create_task(api("getUpdates", timeout=50))
    assert await older == (
        "409 Conflict: terminated by other getUpdates request;"
        " make sure that only one bot instance is running"
    )
    await clock.waiting.wait()
    add_person(world, "Ann").writes("/start")
    assert kinds(await newer) == ["message"]


async def test_polling_and_a_webhook_exclude_each_other(
    api: Api, sam: Person, clock: Clock, world: World
) -> None:
    world.drop_updates()
    poll = asyncio.create_task(api.refused("getUpdates", timeout=50))
    await clock.waiting.wait()
    await api("setWebhook", url="https://coach.example/hook")
    assert await poll == "409 Conflict: terminated by setWebhook request"
    assert await api.refused("getUpdates") == (
        "409 Conflict: can't use getUpdates method while webhook is active;"
        " use deleteWebhook to delete the webhook first"
    )
    sam.writes("dropped")
    info = await api("getWebhookInfo")
    assert isinstance(info, dict)
    assert (info["url"], info["pending_update_count"]) == ("https://coach.example/hook", 1)
    await api("deleteWebhook", drop_pending_updates=True)
    assert await api("getUpdates") == []


@pytest.mark.parametrize(
    ("params", "refusal"),
    [
        ({"url": "http://e.org"}, "bad webhook: An HTTPS URL must be provided for webhook"),
        ({"url": "https://e.org", "secret_token": "x" * 257}, "secret token is too long"),
        ({"url": "https://e.org", "secret_token": "a b"}, "secret token contains unallowed characters"),
    ],
)
async def test_an_invalid_webhook_is_refused(api: Api, params: dict[str, object], refusal: str) -> None:
    assert await api.refused("setWebhook", **params) == f"400 Bad Request: {refusal}"


# Rate limits.


async def floods(api: Api, method: str, *params: dict[str, object]) -> tuple[int, httpx.Response]:
    """Make the calls until one is refused; return how many succeeded, and the response to the refused one."""
    for passed, each in enumerate(params):
        response = await api.post(method, **each)
        if response.status_code != 200:
            return passed, response
    raise AssertionError("Nothing was refused.")


@strict
async def test_one_chat_accepts_a_message_per_second_and_a_short_burst(
    api: Api, sam: Person, clock: Clock
) -> None:
    text: dict[str, object] = {"chat_id": sam.chat_id, "text": "x"}
    passed, refusal = await floods(api, "sendMessage", *[text] * 20)
    assert passed == 5
    assert refusal.status_code == 429
    assert refusal.headers["Retry-After"] == "1"
    assert refusal.json() == {
        "ok": False,
        "error_code": 429,
        "description": "Too Many Requests: retry after 1",
        "parameters": {"retry_after": 1},
    }
    clock.tick(1)
    assert (await floods(api, "sendMessage", *[text] * 20))[0] == 1


@strict
async def test_edits_share_the_rate_of_messages(api: Api, sam: Person) -> None:
    await api("sendMessage", chat_id=sam.chat_id, text="x")
    place: dict[str, object] = {"chat_id": sam.chat_id, "message_id": sam.messages()[-1].id}
    passed, refusal = await floods(api, "editMessageText", *[place | {"text": f"{n}"} for n in range(20)])
    assert (passed, refusal.json()["parameters"]["retry_after"]) == (4, 1)


@pytest.mark.parametrize("limits", [Limits(private=ENDLESS, total=ENDLESS)])
async def test_one_chat_accepts_20_edits_per_minute(api: Api, sam: Person) -> None:
    await api("sendMessage", chat_id=sam.chat_id, text="x")
    place: dict[str, object] = {"chat_id": sam.chat_id, "message_id": sam.messages()[-1].id}
    passed, refusal = await floods(api, "editMessageText", *[place | {"text": f"{n}"} for n in range(30)])
    assert (passed, refusal.json()["parameters"]["retry_after"]) == (20, 3)
    await api("sendMessage", chat_id=sam.chat_id, text="a message still passes")


@strict
async def test_a_group_accepts_20_messages_per_minute(api: Api, world: World, sam: Person) -> None:
    group = world.group("Friends")
    passed, refusal = await floods(api, "sendMessage", *[{"chat_id": group.id, "text": "x"}] * 30)
    assert (passed, refusal.json()["parameters"]["retry_after"]) == (20, 3)


@strict
async def test_all_chats_together_accept_30_messages_per_second(api: Api, world: World) -> None:
    everyone = [add_person(world, f"Person {number}") for number in range(40)]
    for person in everyone:
        person.writes("/start")
    texts: list[dict[str, object]] = [{"chat_id": person.chat_id, "text": "x"} for person in everyone]
    assert (await floods(api, "sendMessage", *texts))[0] == 30


@strict
async def test_answers_to_taps_do_not_count_against_the_rate_limits(api: Api, sam: Person) -> None:
    await api("sendMessage", chat_id=sam.chat_id, text="x", reply_markup=GO)
    for _ in range(50):
        query = sam.taps(sam.messages()[-1].id, "Go")
        await api("answerCallbackQuery", callback_query_id=query.id)
    assert len(sam.answers) == 50


# People.


async def test_the_bot_cannot_write_to_unknown_people(api: Api, world: World) -> None:
    stranger = add_person(world, "Ann")
    send = partial(api.refused, "sendMessage", chat_id=stranger.chat_id, text="x")
    assert await send() == "400 Bad Request: chat not found"
    stranger.writes("/start")
    stranger.blocks()
    assert await send() == "403 Forbidden: bot was blocked by the user"
    action = await api.refused("sendChatAction", chat_id=stranger.chat_id, action="typing")
    assert action == "403 Forbidden: bot was blocked by the user"
    with pytest.raises(LookupError, match="Ann has blocked the bot"):
        stranger.writes("hello")
    stranger.unblocks()
    await api("sendMessage", chat_id=stranger.chat_id, text="welcome back")
    stranger.deactivates()
    assert await send() == "403 Forbidden: user is deactivated"


def test_people_send_what_telegrams_clients_send(world: World, sam: Person) -> None:
    sam.sends_sticker()
    sam.sends_photo("my back")
    sam.sends_voice()
    sam.writes("/next@back_massage_bot now")
    updates = [json.loads(json.dumps(update))["message"] for update in world.updates(0, 100)][1:]
    assert [
        next(key for key in ("sticker", "photo", "voice", "text") if key in each) for each in updates
    ] == [
        "sticker",
        "photo",
        "voice",
        "text",
    ]
    assert updates[3]["entities"] == [{"type": "bot_command", "offset": 0, "length": 22}]
    for text in ("", "x" * 4097):
        with pytest.raises(ValueError, match="Sam can send 1 to 4096 characters"):
            sam.writes(text)


def test_people_can_edit_only_their_own_messages(world: World, sam: Person) -> None:
    mine = sam.writes("owww")
    assert sam.edits(mine.id, "ow").text == "ow"
    message = world.post(world.chats[sam.chat_id], world.bot, mine.body)
    with pytest.raises(LookupError, match="is not Sam's to edit"):
        sam.edits(message.id, "x")


async def test_in_a_group_the_bot_sees_what_privacy_mode_allows(api: Api, world: World, sam: Person) -> None:
    group = world.group("Friends")
    with pytest.raises(LookupError, match=r"Sam is not in that group; joins\(\) comes first"):
        sam.writes("/start", group.id)
    sam.joins(group)
    await api("sendMessage", chat_id=group.id, text="hello all")
    hello = sam.messages(group.id)[-1]
    world.drop_updates()
    for text in ("hm", "/help@other_bot", "/help", "/help@back_massage_bot", "hi @back_massage_bot"):
        sam.writes(text, group.id)
    sam.writes("hello to you", group.id, reply_to=hello.id)
    heard = [json.loads(json.dumps(update))["message"]["text"] for update in world.updates(0, 100)]
    assert heard == ["/help", "/help@back_massage_bot", "hi @back_massage_bot", "hello to you"]


# Commands, descriptions, reactions and chat actions.


async def test_commands_are_kept_for_each_scope(api: Api) -> None:
    commands = [{"command": "/start", "description": "Begin"}]
    await api("setMyCommands", commands=commands * 100)
    await api("setMyCommands", commands=commands)
    await api("setMyCommands", commands=[], scope={"type": "all_group_chats"})
    assert await api("getMyCommands") == [{"command": "start", "description": "Begin"}]
    await api("deleteMyCommands")
    assert await api("getMyCommands") == []


@pytest.mark.parametrize(
    ("commands", "refusal"),
    [
        ("{", "can't parse commands JSON object"),
        ({"a": 1}, "expected an Array of BotCommand"),
        ([1], "can't parse BotCommand: expected an Object"),
        ([{"command": "a"}], "can't parse BotCommand: Can't find field \"description\""),
        ([{"command": "/", "description": "x"}], "command must be non-empty"),
        ([{"command": "a" * 33, "description": "x"}], "command length must not exceed 32"),
        ([{"command": "a", "description": " "}], "command description must be non-empty"),
        ([{"command": "a", "description": "x" * 257}], "command description length must not exceed 256"),
        ([{"command": "Go-on", "description": "x"}], "BOT_COMMAND_INVALID"),
        ([{"command": "a", "description": "x"}] * 101, "BOT_COMMANDS_TOO_MUCH"),
    ],
)
async def test_invalid_commands_are_refused(api: Api, commands: object, refusal: str) -> None:
    assert await api.refused("setMyCommands", commands=commands) == f"400 Bad Request: {refusal}"


async def test_descriptions_have_a_maximum_length(api: Api, world: World) -> None:
    await api("setMyDescription", description="x" * 512)
    await api("setMyShortDescription", short_description="y" * 120)
    assert world.descriptions == {("description", ""): "x" * 512, ("short_description", ""): "y" * 120}
    assert (await api.post("setMyDescription", description="x" * 513)).status_code == 400
    assert (await api.post("setMyShortDescription", short_description="x" * 121)).status_code == 400


@pytest.mark.parametrize(
    ("reaction", "refusal"),
    [
        ("[", "can't parse reaction types JSON object"),
        ({"a": 1}, "expected an Array of ReactionType"),
        ([1], "can't parse ReactionType: expected an Object"),
        ([{"type": "paid"}], "can't parse ReactionType: invalid reaction type specified"),
        ([{"type": "emoji"}], "can't parse ReactionType: Can't find field \"emoji\""),
        ([{"type": "emoji", "emoji": "x"}], "REACTION_INVALID"),
        ([{"type": "emoji", "emoji": "👍"}, {"type": "emoji", "emoji": "👎"}], "REACTIONS_TOO_MANY"),
    ],
)
async def test_an_invalid_reaction_is_refused(api: Api, sam: Person, reaction: object, refusal: str) -> None:
    place = {"chat_id": sam.chat_id, "message_id": sam.messages()[0].id}
    assert (
        await api.refused("setMessageReaction", reaction=reaction, **place) == f"400 Bad Request: {refusal}"
    )
    gone = await api.refused("setMessageReaction", chat_id=sam.chat_id, message_id=99)
    assert gone == "400 Bad Request: message to react not found"


def test_the_reactions_are_telegrams() -> None:
    assert set(methods.REACTIONS) == {emoji.value.replace("\ufe0f", "") for emoji in ReactionEmoji}


async def test_an_unknown_chat_action_is_refused(api: Api, sam: Person) -> None:
    refusal = await api.refused("sendChatAction", chat_id=sam.chat_id, action="dancing")
    assert refusal == "400 Bad Request: wrong parameter action in request"


# Faults.


async def test_a_connection_is_cut_before_or_after_the_effect(api: Api, sam: Person, world: World) -> None:
    send = partial(api, "sendMessage", chat_id=sam.chat_id)
    told: list[Change] = []
    world.subscribe(told.append)
    world.faults.on(Cut(), count=2)
    world.faults.on(Cut(acted=True), count=3)
    for text in ("one", "two", "three"):
        with pytest.raises(ConnectionCut):
            await send(text=text)
    await send(text="four")
    assert [message.text for message in sam.messages()[1:]] == ["three", "four"]
    assert [call.code for call in world.calls] == [0, 0, 0, 200]
    world.faults.clear()
    switched, struck = 3, 3
    assert sum(change.what == "faults" for change in told) == switched + struck


async def test_faults_can_be_limited_to_a_chat_a_method_or_a_share(
    api: Api, sam: Person, world: World
) -> None:
    ann = add_person(world, "Ann")
    ann.writes("/start")
    world.faults.on(Fail(429, retry_after=7), chat_id=sam.chat_id)
    world.faults.on(Fail(502), method="getMe", share=0.5)
    refusal = await api.refused("sendMessage", chat_id=sam.chat_id, text="x")
    assert refusal == "429 Too Many Requests: retry after 7"
    await api("sendMessage", chat_id=ann.chat_id, text="x")
    codes = [(await api.post("getMe")).status_code for _ in range(100)]
    assert {200, 502} == set(codes)
    assert 30 < codes.count(502) < 70
    world.faults.clear()
    await api("sendMessage", chat_id=sam.chat_id, text="x", reply_markup=GO)
    query = sam.taps(sam.messages()[-1].id, "Go")
    world.faults.on(Fail(), chat_id=sam.chat_id)
    assert await api.refused("answerCallbackQuery", callback_query_id=query.id) == "500 Internal Server Error"


async def test_a_failure_has_no_effect(api: Api, sam: Person, world: World) -> None:
    world.faults.on(Fail(), count=1)
    assert await api.refused("sendMessage", chat_id=sam.chat_id, text="x") == "500 Internal Server Error"
    assert len(sam.messages()) == 1


async def test_an_outage_cuts_every_connection_even_that_of_a_waiting_poll(
    api: Api, world: World, clock: Clock
) -> None:
    poll = asyncio.create_task(api("getUpdates", timeout=50))
    await clock.waiting.wait()
    world.faults.dark(30)
    with pytest.raises(ConnectionCut):
        await poll
    clock.tick(29.9)
    with pytest.raises(ConnectionCut):
        await api("getMe")
    with pytest.raises(ConnectionCut):
        await api.client.get(f"/file{api.path}/photos/file_1.png")
    clock.tick(0.2)
    await api("getMe")


async def test_a_delayed_reply_arrives_after_the_effect(
    api: Api, sam: Person, world: World, clock: Clock
) -> None:
    world.faults.on(Delay(3), method="sendmessage")
    sending = asyncio.create_task(api("sendMessage", chat_id=sam.chat_id, text="slow"))
    await clock.waiting.wait()
    assert sam.messages()[-1].text == "slow"
    assert not sending.done()
    clock.tick(3)
    await sending


# Changes, recorded calls, and limits to what is kept.


async def test_subscribers_are_notified_of_each_change(api: Api, sam: Person, world: World) -> None:
    told: list[Change] = []
    end = world.subscribe(told.append)
    await api("sendMessage", chat_id=sam.chat_id, text="one", reply_markup=GO)
    message = sam.messages()[-1]
    place = {"chat_id": sam.chat_id, "message_id": message.id}
    query = sam.taps(message.id, "Go")
    await api("answerCallbackQuery", callback_query_id=query.id)
    await api("editMessageText", text="two", **place)
    await api("sendChatAction", chat_id=sam.chat_id, action="typing")
    await api("deleteMessage", **place)
    await api("getUpdates", offset=-1)
    end()
    sam.writes("unheard")
    happened = [change.what for change in told if change.what != "called"]
    assert happened == ["posted", "queued", "tapped", "answered", "edited", "acting", "deleted", "confirmed"]
    assert told[0].subject == message
    assert [change.subject for change in told if change.what == "called"] == list(world.calls)
    assert {change.chat_id for change in told} == {0, sam.chat_id}


async def test_calls_are_recorded_with_their_outcome(api: Api, world: World, sam: Person) -> None:
    await api("getMe")
    await api.refused("sendMessage", chat_id=sam.chat_id)
    assert [(call.method, call.code, call.description) for call in world.calls] == [
        ("getMe", 200, ""),
        ("sendMessage", 400, "Bad Request: message text is empty"),
    ]
    assert world.calls[1].params == {"chat_id": str(sam.chat_id)}


async def test_old_messages_and_taps_are_forgotten(clock: Clock) -> None:
    world = World(clock, limits=Limits(messages_kept=3))
    sam = add_person(world, "Sam")
    for text in "abcde":
        sam.writes(text)
    await Api(StandIn(world))("sendMessage", chat_id=sam.chat_id, text="f", reply_markup=GO)
    taps = [sam.taps(sam.messages()[-1].id, "Go").id for _ in range(5)]
    assert [message.text for message in sam.messages()] == ["d", "e", "f"]
    assert list(world.queries) == taps[2:]


# python-telegram-bot, in process and over HTTP.


@asynccontextmanager
async def in_process(stand_in: StandIn) -> AsyncIterator[Bot]:
    requests = [HTTPXRequest(httpx_kwargs={"transport": httpx.ASGITransport(app=stand_in)}) for _ in range(2)]
    async with Bot(stand_in.world.token, request=requests[0], get_updates_request=requests[1]) as bot:
        yield bot


@asynccontextmanager
async def over_http(stand_in: StandIn) -> AsyncIterator[Bot]:
    async with serve(stand_in) as url:
        token = stand_in.world.token
        async with Bot(token, base_url=f"{url}/bot", base_file_url=f"{url}/file/bot") as bot:
            yield bot


@pytest.fixture(params=[in_process, over_http], ids=["in process", "over HTTP"])
async def coach(
    request: pytest.FixtureRequest, world: World, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Bot]:
    # Without this variable, RetryAfter gives a deprecation warning at every 429.
    monkeypatch.setenv("PTB_TIMEDELTA", "true")
    async with request.param(StandIn(world, clock.pause)) as bot:
        yield bot


async def test_ptb_can_look_up_the_bot_a_chat_and_the_commands(coach: Bot, sam: Person) -> None:
    me = await coach.get_me()
    assert (me.username, me.is_bot, me.can_join_groups) == ("back_massage_bot", True, True)
    assert (await coach.get_chat(sam.chat_id)).first_name == "Sam"
    assert await coach.set_my_commands([("start", "Begin")])
    assert [command.command for command in await coach.get_my_commands()] == ["start"]
    assert await coach.delete_webhook()
    assert (await coach.get_webhook_info()).pending_update_count == 1


async def test_ptb_sends_edits_and_answers(coach: Bot, sam: Person) -> None:
    go = InlineKeyboardButton("Go", callback_data="go", style=KeyboardButtonStyle.SUCCESS)
    sent = await coach.send_message(
        sam.chat_id, "Ready, <b>Sam</b> 😀?", parse_mode="HTML", reply_markup=InlineKeyboardMarkup([[go]])
    )
    assert sent.text_html == "Ready, <b>Sam</b> 😀?"
    assert sent.reply_markup == InlineKeyboardMarkup([[go]])
    query = sam.taps(sent.message_id, "Go")
    update = (await coach.get_updates(offset=-1))[0]
    assert update.callback_query is not None
    assert (update.callback_query.id, update.callback_query.data) == (query.id, "go")
    assert await update.callback_query.answer("Off we go")
    assert [answer.text for answer in sam.answers] == ["Off we go"]
    await coach.edit_message_text("Step 1", sam.chat_id, sent.message_id)
    with pytest.raises(BadRequest, match="Message is not modified"):
        await coach.edit_message_text("Step 1", sam.chat_id, sent.message_id)
    assert await coach.set_message_reaction(sam.chat_id, sam.messages()[0].id, ReactionTypeEmoji("👍"))
    assert await coach.send_chat_action(sam.chat_id, "typing")
    assert (sam.messages()[0].reaction, sam.messages()[1].text) == ("👍", "Step 1")
    assert await coach.delete_message(sam.chat_id, sent.message_id)
    assert len(sam.messages()) == 1


async def test_ptb_uploads_once_and_sends_again_by_file_id(coach: Bot, sam: Person) -> None:
    first = await coach.send_photo(sam.chat_id, png(), caption="the back")
    again = await coach.send_photo(sam.chat_id, first.photo[-1].file_id)
    assert again.photo == first.photo
    assert await (await again.photo[-1].get_file()).download_as_bytearray() == png()
    words = await coach.send_message(sam.chat_id, "Step 2")
    loop = await coach.edit_message_media(
        InputMediaAnimation(GIF, caption="Step 2"), sam.chat_id, words.message_id
    )
    assert not isinstance(loop, bool)
    assert (loop.animation and loop.animation.width, loop.caption) == (64, "Step 2")
    assert (await coach.send_voice(sam.chat_id, OGG, duration=4)).voice
    assert (await coach.send_audio(sam.chat_id, MP3, title="Guided track")).audio
    assert (await coach.send_animation(sam.chat_id, MP4)).animation


async def test_a_message_ends_ptbs_long_poll(coach: Bot, world: World, sam: Person, clock: Clock) -> None:
    world.drop_updates()
    poll = asyncio.create_task(coach.get_updates(timeout=30))
    await clock.waiting.wait()
    sam.writes("/next")
    (update,) = await poll
    assert update.message is not None
    assert update.message.parse_entities(["bot_command"]).values()
    assert update.effective_user is not None
    assert update.effective_user.first_name == "Sam"


async def test_ptb_gets_every_update_a_person_can_cause(coach: Bot, world: World, sam: Person) -> None:
    sam.joins(world.group("Friends"))
    sam.sends_sticker()
    sam.sends_photo()
    sam.sends_voice()
    sam.edits(sam.messages()[0].id, "/help")
    sam.blocks()
    sam.unblocks()
    updates = await coach.get_updates()
    messages = [update.message for update in updates if update.message]
    assert [bool(m.new_chat_members or m.sticker or m.photo or m.voice) for m in messages[1:]] == [True] * 4
    assert updates[5].edited_message
    changes = [update.my_chat_member for update in updates if update.my_chat_member]
    assert [change.new_chat_member.status for change in changes] == ["kicked", "member"]


@strict
async def test_ptb_raises_the_same_errors_as_with_telegram(coach: Bot, world: World, sam: Person) -> None:
    for _ in range(5):
        await coach.send_message(sam.chat_id, "x")
    with pytest.raises(RetryAfter) as caught:
        await coach.send_message(sam.chat_id, "x")
    assert getattr(caught.value.retry_after, "seconds", caught.value.retry_after) == 1
    ann = add_person(world, "Ann")
    ann.writes("/start")
    ann.blocks()
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await coach.send_message(ann.chat_id, "x")
    await coach.set_webhook("https://coach.example/hook")
    with pytest.raises(Conflict, match="can't use getUpdates method while webhook is active"):
        await coach.get_updates()


async def test_ptb_sees_a_cut_connection_as_a_network_error(
    coach: Bot, world: World, sam: Person, clock: Clock
) -> None:
    world.drop_updates()
    for fault in (Cut(), Cut(acted=True)):
        world.faults.on(fault, count=1)
        with pytest.raises(NetworkError, match=r"ConnectionCut|Server disconnected"):
            await coach.send_message(sam.chat_id, "x")
    poll = asyncio.create_task(coach.get_updates(timeout=30))
    await clock.waiting.wait()
    world.faults.dark(5)
    with pytest.raises(NetworkError, match=r"ConnectionCut|Server disconnected"):
        await poll
    clock.tick(5)
    assert (await coach.send_message(sam.chat_id, "y")).text == "y"


async def test_ptb_reports_a_wrong_token(world: World) -> None:
    request = HTTPXRequest(httpx_kwargs={"transport": httpx.ASGITransport(app=StandIn(world))})
    with pytest.raises(InvalidToken):
        await Bot("1:wrong", request=request).get_me()


async def test_a_client_that_disconnects_during_a_request_does_no_harm(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    async with serve(StandIn(world)) as url, httpx.AsyncClient(base_url=url, timeout=PATIENCE) as client:
        host, port = url.removeprefix("http://").split(":")
        _, writer = await asyncio.open_connection(host, int(port))
        writer.write(f"POST /bot{world.token}/getMe HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n".encode())
        writer.write(b"Content-Type: application/json\r\n\r\n{")
        await writer.drain()
        await client.get("/nothing")
        writer.close()
        await writer.wait_closed()
        assert (await client.get(f"/bot{world.token}/getMe")).json()["ok"]
    assert [call.code for call in world.calls] == [200]
    assert not caplog.records


async def test_a_port_in_use_is_an_error_and_a_waiting_poll_does_not_block_the_shutdown(
    world: World, clock: Clock
) -> None:
    stand_in = StandIn(world, clock.pause)
    async with httpx.AsyncClient() as client:
        async with serve(stand_in) as url:
            poll = asyncio.create_task(
                client.get(f"{url}/bot{world.token}/getUpdates?timeout=50", timeout=PATIENCE)
            )
            await clock.waiting.wait()
            with pytest.raises(OSError, match="in use"):
                async with serve(StandIn(world), int(url.rpartition(":")[2])):
                    pass
        with pytest.raises(httpx.RemoteProtocolError):
            await poll
