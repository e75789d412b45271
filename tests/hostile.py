"""Updates such as nobody's client sends: forged, cut short, of wrong types, huge; some of them nearly right.

Used by `tests/test_hostile.py` for a few hundred, by the soak for ten thousand. Every name and text in them
bears a mark, by which it would be found in the log.
"""

import io
import json
import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from bot.logs import Formatter
from bot.playground.model import Json
from bot.wording.messages import VERBS
from tests.stage import Theatre, stage
from tests.test_webhook import SHOWN, Pages, opened

VICTIM, ATTACKER = 700_000_001, 700_000_002
MARK = "Qzxqz"
JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.text(max_size=50).map(MARK.__add__),
    st.sampled_from([MARK * 40_000, f"{MARK}\x00", f"{MARK}\ud83d", f"<b>{MARK}"]),
    st.sampled_from(["/start", "ow", VICTIM, ATTACKER]),
    st.sampled_from(["[]", "{}", "[[]]", '{"id": 1}', '[{"type": "bold", "offset": -9, "length": 99}]']).map(
        json.loads
    ),
)
FIELDS = st.lists(st.one_of(st.integers().map(str), st.text(max_size=9)), max_size=4)
FORGED = st.one_of(
    st.sampled_from(sorted(VERBS)),
    st.builds(lambda verb, fields: ":".join([verb, *fields]), st.sampled_from(sorted(VERBS)), FIELDS),
    st.text(max_size=80),
)
WORDS = st.one_of(
    st.sampled_from(["/start", "/next", "/forget", "/stop", "ow", "next", "/start@somebody", "/"]),
    st.sampled_from([f"ow {MARK}", f"/next {MARK}", MARK * 20_000]),
    st.text(max_size=200).map(MARK.__add__),
)


def user(number: int) -> Json:
    return {"id": number, "is_bot": False, "first_name": f"Mallory {MARK}"}


def private(number: int) -> Json:
    return {"id": number, "type": "private", "first_name": f"Mallory {MARK}"}


def message(chat: int, text: str) -> Json:
    return {"message_id": 7, "date": 1, "from": user(ATTACKER), "chat": private(chat), "text": text}


def query(chat: int, data: str) -> Json:
    return {
        "id": "1",
        "from": user(ATTACKER),
        "message": message(chat, "x"),
        "chat_instance": "1",
        "data": data,
    }


def change(status: str) -> Json:
    member = {"user": user(1), "status": status, "until_date": 0}
    return {
        "chat": private(ATTACKER),
        "from": user(ATTACKER),
        "date": 1,
        "old_chat_member": member,
        "new_chat_member": member,
    }


CHATS = st.sampled_from([ATTACKER, ATTACKER, VICTIM])
SHAPES = st.one_of(
    st.builds(lambda chat, text: {"message": message(chat, text)}, CHATS, WORDS),
    st.builds(lambda chat, data: {"callback_query": query(chat, data)}, CHATS, FORGED),
    st.builds(
        lambda status: {"my_chat_member": change(status)}, st.sampled_from(["kicked", "member", "emperor"])
    ),
    st.builds(lambda text: {"edited_message": message(ATTACKER, text)}, WORDS),
)


@st.composite
def updates(draw: st.DrawFn) -> Json:
    """Right in shape, or with something in it replaced or left out."""
    update: Json = {**draw(SHAPES)}
    for _ in range(draw(st.integers(0, 2))):
        _spoil(draw, update)
    return update


def _spoil(draw: st.DrawFn, inside: Json) -> None:
    if not inside:
        return
    key = draw(st.sampled_from(sorted(inside)))
    value = inside[key]
    if isinstance(value, dict) and draw(st.booleans()):
        _spoil(draw, value)
    elif draw(st.booleans()):
        inside[key] = draw(JUNK)
    else:
        del inside[key]


def _is_from_the_victim(inside: object) -> bool:
    """Whether Telegram itself would be saying that Sam did it."""
    if not isinstance(inside, dict):
        return False
    sender = inside.get("from")
    said = isinstance(sender, dict) and sender.get("id") == VICTIM
    return said or any(_is_from_the_victim(value) for value in inside.values())


def many(number: int) -> list[Json]:
    """So many of them, drawn by hypothesis."""
    found: list[Json] = []

    @settings(max_examples=number, database=None, phases=[Phase.generate], deadline=None,
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(updates())
    def collect(update: Json) -> None:
        assume(not _is_from_the_victim(update))
        found.append(update)

    collect()
    return found


class Log(logging.Handler):
    """What a coach would have written to its log, and how often it says what."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.setFormatter(Formatter("no token"))
        self.counts: Counter[str] = Counter()
        self._lines = io.StringIO()

    def emit(self, record: logging.LogRecord) -> None:
        record.exc_text = None  # as another handler may have formatted it
        self._lines.write(self.format(record) + "\n")
        if "cannot be read" in record.msg:
            self.counts["unreadable"] += 1
        elif record.levelno >= logging.ERROR:
            self.counts["unhandled"] += 1

    @property
    def text(self) -> str:
        return self._lines.getvalue()


@contextmanager
def logged() -> Iterator[Log]:
    """What is logged meanwhile, from INFO on."""
    root, log = logging.getLogger(), Log()
    level = root.level
    root.addHandler(log)
    root.setLevel(logging.INFO)
    try:
        yield log
    finally:
        root.setLevel(level)
        root.removeHandler(log)


async def storm(database_url: str, number: int, *, webhook: bool) -> dict[str, int]:
    """Send so many to a coach that polls or has a webhook, while Sam's massage runs; what came of them."""
    async with stage(database_url) as theatre:
        sam, _ = theatre.person("Sam"), theatre.person("Mallory")
        assert sam.person.chat_id == VICTIM
        await sam.begins()
        before, told = await theatre.store.load(VICTIM), len(sam.screen)
        with logged() as log:
            send = _posted if webhook else _polled
            codes = await send(theatre, many(number))
        assert set(codes) <= {200, 400}, codes
        assert not log.counts["unhandled"], log.text
        assert MARK not in log.text, "somebody's words or name are in the log"
        assert await theatre.store.load(VICTIM) == before, "somebody else's session was touched"
        assert len(sam.screen) == told
        assert await theatre.store.load(ATTACKER), "some were right, and were taken"
        return {
            "updates": codes.total(),
            "taken_or_given_up": codes[200],
            "turned_away": codes[400],
            "unreadable": log.counts["unreadable"],
            "unhandled": 0,
            "sessions_of_others_touched": 0,
            "words_and_names_in_the_log": 0,
        }


async def _posted(theatre: Theatre, updates: list[Json]) -> Counter[int]:
    """By webhook; how often it answered what."""
    async with opened(theatre) as pages:
        return Counter([await _post(pages, index, update) for index, update in enumerate(updates)])


async def _post(pages: Pages, index: int, update: Json) -> int:
    body = json.dumps({"update_id": 5000 + index} | update)
    response = await pages.client.post("/telegram", content=body, headers=SHOWN)
    return response.status_code


async def _polled(theatre: Theatre, updates: list[Json]) -> Counter[int]:
    """As Telegram hands them out; all count as taken once they are confirmed."""
    await theatre.stop()
    theatre.world.allowed_updates = frozenset()
    for update in updates:
        for kind, payload in (update or {"nothing": None}).items():
            theatre.world.inject(kind, payload)
    theatre.start()
    await theatre.until(lambda: theatre.world.pending == 0)
    return Counter({200: len(updates)})
