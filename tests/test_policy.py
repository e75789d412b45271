"""The policy of sending, tested with tables and properties, without a database, a clock or Telegram."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.routine.model import Side, Tone
from bot.session import events as ev
from bot.session.state import (
    Choices,
    Finished,
    Idle,
    Listening,
    Massage,
    Paused,
    Preparing,
    Reason,
    Running,
    Session,
    State,
    Ticking,
)
from bot.storage.policy import (
    Priority,
    Rank,
    Superseded,
    commit_rank,
    hand_over_buttons,
    is_useless,
    low_rank,
    overdue_part,
    picture_to_add,
    priority,
    raised,
    strip_late_buttons,
    superseded,
)
from bot.wording.attachments import KnotMap
from bot.wording.messages import Button, Message

NOW = 1_800_000_000.0
KEYBOARD = ((Button("Next", "next:1"),),)
PICTURE = KnotMap((("centre", False),), Tone.DEEP)

WORDS = Message("Take your time.")
PART = Message("Step 3 of 8", KEYBOARD, use_by=NOW + 120, part=(3, 0), attachment=PICTURE)
CUE = Message("Next: forearms", use_by=NOW + 5)
REMARK = Message("Lean from your feet.", KEYBOARD, use_by=NOW + 30, silent=True, remark=True)
TEXT_EDIT = Message("The card, changed", KEYBOARD, edits=10)
BUTTONS_EDIT = Message(None, KEYBOARD, edits=10)
REMOVE_BUTTONS = Message(None, edits=10, silent=True)
ADD_PICTURE = replace(PART, edits=10, part=None, silent=True, adds=True)
TRACK = Message("Your track", awaited=True)

MASSAGE = Massage(1, Side.LEFT)
RUNNING = Running(MASSAGE, Ticking(NOW, NOW + 100))
PAUSED = Paused(MASSAGE, left=60.0, since=NOW, reason=Reason.ASKED)
LISTENING = Listening(since=NOW)
FINISHED = Finished(worked=900.0, steps=8, knots=(), stopped=False)
IN_A_MASSAGE: list[State] = [RUNNING, PAUSED, LISTENING]
OUTSIDE: list[State] = [Idle(), Preparing(), FINISHED]

ALARMS = ev.Alarm.__subclasses__()

ids = st.integers(1001, 1009)
message_lists = st.lists(
    st.builds(
        Message,
        text=st.sampled_from([None, "words"]),
        keyboard=st.sampled_from([(), KEYBOARD]),
        edits=st.none() | ids,
        replaces=st.booleans(),
        use_by=st.none() | st.floats(NOW - 999, NOW + 999),
        part=st.sampled_from([None, (3, 0)]),
        adds=st.booleans(),
        awaited=st.booleans(),
    ),
    max_size=4,
)
messages = message_lists.filter(bool).map(lambda some: some[0])
normal_ranks = st.sampled_from([Rank.URGENT, Rank.PART, Rank.ANSWER, Rank.IDLE])
priorities = st.builds(Priority, st.sampled_from(Rank), st.floats(NOW, NOW + 999))
live_ids = st.lists(ids, max_size=5, unique=True)


def session(state: State, revision: int = 0) -> Session:
    return Session(1, Choices("back", 1500.0), revision, state)


# Ranks


def test_ranks_are_numbered_in_sending_order() -> None:
    assert [rank.name for rank in sorted(Rank)] == [
        "URGENT",
        "PART",
        "ANSWER",
        "IDLE",
        "REMOVE_BUTTONS",
        "WAITING_FOR_AUDIO",
        "ADD_PICTURE",
    ]
    assert [rank.value for rank in Rank] == list(range(7)), "these numbers are stored in databases"


@pytest.mark.parametrize(
    ("event", "sent", "rank"),
    [
        *[(alarm(), [WORDS], Rank.URGENT) for alarm in ALARMS],
        (ev.PressureRated(score=9), [WORDS], Rank.URGENT),
        (ev.PressureRated(score=8), [WORDS], Rank.ANSWER),
        (ev.StopAsked(), [WORDS], Rank.URGENT),
        (ev.StopConfirmed(), [WORDS], Rank.URGENT),
        (ev.StopConfirmed(), [PART], Rank.URGENT),
        (ev.CueDue(), [CUE], Rank.PART),
        (ev.CueDue(), [], Rank.PART),
        (ev.Undelivered(), [WORDS], Rank.PART),
        (ev.NextAsked(), [PART], Rank.PART),
        (ev.NextAsked(), [WORDS, PART], Rank.PART),
        (ev.NextAsked(), [WORDS], Rank.ANSWER),
        (ev.Unclear(), [], Rank.ANSWER),
    ],
)
def test_the_rank_of_a_commit_depends_on_its_event_and_on_whether_a_massage_runs(
    event: ev.Event, sent: list[Message], rank: Rank
) -> None:
    for state in IN_A_MASSAGE:
        for other in (*IN_A_MASSAGE, *OUTSIDE):
            assert commit_rank(event, session(state), session(other), sent) is rank, (
                "the massage begins or goes on"
            )
            assert commit_rank(event, session(other), session(state), sent) is rank, (
                "the massage goes on or ends"
            )
    for before in OUTSIDE:
        for after in OUTSIDE:
            assert commit_rank(event, session(before), session(after), sent) is Rank.IDLE


@pytest.mark.parametrize(
    ("message", "rank"),
    [
        (WORDS, None),
        (PART, None),
        (CUE, None),
        (TEXT_EDIT, None),
        (BUTTONS_EDIT, None),
        (Message("The card without its buttons", edits=10), None),
        (REMOVE_BUTTONS, Rank.REMOVE_BUTTONS),
        (ADD_PICTURE, Rank.ADD_PICTURE),
        (TRACK, Rank.WAITING_FOR_AUDIO),
        (replace(TRACK, text=None), Rank.WAITING_FOR_AUDIO),
        (replace(TRACK, adds=True), Rank.WAITING_FOR_AUDIO),
    ],
)
def test_removed_buttons_added_pictures_and_tracks_have_low_priority(
    message: Message, rank: Rank | None
) -> None:
    assert low_rank(message) is rank


@pytest.mark.parametrize(
    ("message", "is_reply", "seconds"),
    [
        (WORDS, False, 10),
        (WORDS, True, 10),
        (PART, False, 120),
        (PART, True, 10),
        (CUE, False, 5),
        (CUE, True, 5),
        (REMOVE_BUTTONS, False, 60),
        (REMOVE_BUTTONS, True, 60),
        (TRACK, True, 60),
        (ADD_PICTURE, False, 120),
        (ADD_PICTURE, True, 120),
    ],
)
def test_how_soon_a_message_should_be_sent_depends_on_its_kind_and_on_whether_it_is_a_reply(
    message: Message, is_reply: bool, seconds: float
) -> None:
    assert priority(message, Rank.PART, NOW, is_reply=is_reply).urgent_by == NOW + seconds


def test_a_message_is_not_a_reply_by_default() -> None:
    assert priority(PART, Rank.PART, NOW) == Priority(Rank.PART, NOW + 120)


@given(messages, normal_ranks, st.booleans())
def test_a_message_has_its_commits_rank_unless_it_has_low_priority(
    message: Message, rank: Rank, is_reply: bool
) -> None:
    assert priority(message, rank, NOW, is_reply=is_reply).rank is (low_rank(message) or rank)


@given(messages, normal_ranks)
def test_a_reply_is_never_less_urgent_than_another_message(message: Message, rank: Rank) -> None:
    reply = priority(message, rank, NOW, is_reply=True)
    assert reply.urgent_by <= priority(message, rank, NOW, is_reply=False).urgent_by
    if low_rank(message) is None:
        assert reply.urgent_by <= NOW + 10


def test_waiting_messages_become_as_urgent_as_the_most_urgent_new_one() -> None:
    added = [
        Priority(Rank.PART, NOW + 9),
        Priority(Rank.PART, NOW + 5),
        Priority(Rank.REMOVE_BUTTONS, NOW + 1),
    ]
    assert raised(added) == Priority(Rank.PART, NOW + 5)
    assert raised([Priority(Rank.IDLE, NOW)]) == Priority(Rank.IDLE, NOW)


@given(st.lists(priorities, max_size=5))
def test_only_new_messages_of_normal_priority_make_waiting_ones_more_urgent(
    added: list[Priority],
) -> None:
    normal = [each for each in added if each.rank in (Rank.URGENT, Rank.PART, Rank.ANSWER, Rank.IDLE)]
    waiting = raised(added)
    assert (waiting is None) == (not normal)
    if waiting:
        assert all(waiting.rank <= each.rank and waiting.urgent_by <= each.urgent_by for each in normal)
        assert any(waiting.rank == each.rank for each in normal)
        assert any(waiting.urgent_by == each.urgent_by for each in normal)


# Messages that become useless


@pytest.mark.parametrize(
    ("event", "before", "after", "expected"),
    [
        (ev.Undelivered(), session(RUNNING), session(PAUSED, 1), Superseded.ALL),
        (ev.Undelivered(), session(RUNNING), session(RUNNING), Superseded.NOTHING),
        (ev.Undelivered(), session(LISTENING), session(Idle()), Superseded.ALL),
        *[(alarm(), session(RUNNING), session(PAUSED, 1), Superseded.ALL) for alarm in ALARMS],
        (ev.PressureRated(score=9), session(RUNNING), session(PAUSED, 1), Superseded.ALL),
        (ev.PressureRated(score=8), session(RUNNING), session(RUNNING), Superseded.NOTHING),
        (ev.PainReported(), session(PAUSED), session(PAUSED), Superseded.ALL),
        (ev.PainReported(), session(Preparing()), session(Preparing()), Superseded.NOTHING),
        (ev.PainReported(), session(Preparing()), session(Idle(), 1), Superseded.CUES),
        (ev.PainReported(), session(LISTENING), session(LISTENING), Superseded.NOTHING),
        (ev.PainReported(), session(LISTENING), session(FINISHED, 1), Superseded.ALL),
        (ev.StopConfirmed(), session(LISTENING), session(FINISHED), Superseded.ALL),
        (ev.Unclear(), session(LISTENING), session(LISTENING, 1), Superseded.CUES),
        (ev.Unclear(), session(LISTENING), session(LISTENING), Superseded.NOTHING),
        (ev.NextAsked(), session(RUNNING), session(RUNNING, 1), Superseded.CUES),
        (ev.PauseAsked(), session(RUNNING), session(PAUSED, 1), Superseded.CUES),
        (ev.CueDue(), session(RUNNING), session(RUNNING), Superseded.NOTHING),
    ],
)
def test_an_event_makes_all_waiting_messages_useless_or_only_cues_or_none(
    event: ev.Event, before: Session, after: Session, expected: Superseded
) -> None:
    assert superseded(event, before, after) is expected


@pytest.mark.parametrize(
    ("waiting", "useless_by"),
    [
        (WORDS, {Superseded.ALL}),
        (PART, {Superseded.ALL}),
        (TEXT_EDIT, {Superseded.ALL}),
        (TRACK, {Superseded.ALL}),
        (CUE, {Superseded.ALL, Superseded.CUES}),
        (REMOVE_BUTTONS, set()),
        (ADD_PICTURE, set()),
    ],
)
def test_the_rules_make_all_normal_waiting_messages_useless_or_only_cues(
    waiting: Message, useless_by: set[Superseded]
) -> None:
    assert {each for each in Superseded if is_useless(waiting, [], each)} == useless_by


@pytest.mark.parametrize(
    ("waiting", "added", "useless"),
    [
        (TEXT_EDIT, [TEXT_EDIT], True),
        (TEXT_EDIT, [WORDS, TEXT_EDIT], True),
        (TEXT_EDIT, [replace(TEXT_EDIT, edits=11)], False),
        (TEXT_EDIT, [WORDS], False),
        (TEXT_EDIT, [BUTTONS_EDIT], False),
        (BUTTONS_EDIT, [BUTTONS_EDIT], True),
        (BUTTONS_EDIT, [TEXT_EDIT], True),
        (BUTTONS_EDIT, [replace(BUTTONS_EDIT, edits=11)], False),
        (WORDS, [WORDS], False),
        (PART, [PART], False),
        (REMOVE_BUTTONS, [REMOVE_BUTTONS, TEXT_EDIT], False),
        (ADD_PICTURE, [WORDS], True),
    ],
)
def test_a_new_edit_replaces_a_waiting_edit_and_any_new_message_replaces_an_added_picture(
    waiting: Message, added: list[Message], useless: bool
) -> None:
    assert is_useless(waiting, added, Superseded.NOTHING) is useless


@given(messages, message_lists, st.sampled_from(Superseded))
def test_further_new_messages_or_a_wider_rule_make_no_fewer_messages_useless(
    waiting: Message, added: list[Message], rule: Superseded
) -> None:
    if is_useless(waiting, added[:1], rule):
        assert is_useless(waiting, added, rule)
        assert is_useless(waiting, added, Superseded.ALL)


@pytest.mark.parametrize(
    ("waiting", "part"),
    [
        ([], None),
        ([WORDS, CUE], None),
        ([PART], (3, 0)),
        ([CUE, PART, replace(PART, part=(4, 1))], (3, 0)),
        ([replace(PART, use_by=None)], None),
        ([replace(PART, use_by=NOW + 121)], None),
        ([replace(PART, use_by=NOW + 120.5)], None),
        ([replace(PART, use_by=NOW + 500), replace(PART, part=(4, 1))], (4, 1)),
    ],
)
def test_the_first_part_that_was_not_sent_in_time_is_overdue(
    waiting: list[Message], part: tuple[int, int] | None
) -> None:
    assert overdue_part(waiting, NOW + 120.5) == part


# After a message was sent


def strips(*message_ids: int) -> list[Message]:
    return [Message(None, edits=message_id, silent=True) for message_id in message_ids]


BESIDE = replace(PART, replaces=False)


@pytest.mark.parametrize(
    ("live", "message", "message_id", "then_live", "stripped"),
    [
        ([], PART, 20, [20], []),
        ([10], PART, 20, [20], [10]),
        ([10, 11], PART, 20, [20], [10, 11]),
        ([10], BESIDE, 20, [10, 20], []),
        ([10, 11, 12, 13, 14], BESIDE, 20, [11, 12, 13, 14, 20], []),
        ([10], WORDS, 20, [10], []),
        ([10], PART, None, [10], []),
        ([10, 11], TEXT_EDIT, 10, [11, 10], []),
        ([11], TEXT_EDIT, None, [11, 10], []),
        ([10, 11], REMOVE_BUTTONS, None, [11], []),
        ([10, 11], replace(TEXT_EDIT, keyboard=()), 10, [11], []),
    ],
)
def test_each_message_that_is_sent_decides_which_messages_have_buttons(
    live: list[int], message: Message, message_id: int | None, then_live: list[int], stripped: list[int]
) -> None:
    assert hand_over_buttons(live, message, message_id) == (then_live, strips(*stripped))


@given(live_ids, messages, st.none() | st.integers(1010, 1019))
def test_no_message_is_both_live_and_stripped(
    live: list[int], message: Message, message_id: int | None
) -> None:
    then_live, edits = hand_over_buttons(live, message, message_id)
    assert len(set(then_live)) == len(then_live)
    assert not set(then_live) & {edit.edits for edit in edits}
    assert all(low_rank(edit) is Rank.REMOVE_BUTTONS for edit in edits)
    shown = message.edits or message_id
    if shown:
        assert (shown in then_live) == bool(message.keyboard)
    if message.edits:
        assert {*live, shown} == {*then_live, shown}, "an edit does not change the buttons of other messages"


@pytest.mark.parametrize(
    ("live", "message", "message_id", "stripped"),
    [
        ([], PART, 20, [20]),
        ([10], PART, 20, [20]),
        ([20], PART, 20, []),
        ([], WORDS, 20, []),
        ([], PART, None, []),
        ([], TEXT_EDIT, None, [10]),
        ([], TEXT_EDIT, 20, [10]),
        ([10], TEXT_EDIT, None, []),
        ([], replace(TEXT_EDIT, keyboard=()), None, []),
    ],
)
def test_a_message_that_was_sent_too_late_loses_its_buttons(
    live: list[int], message: Message, message_id: int | None, stripped: list[int]
) -> None:
    assert strip_late_buttons(live, message, message_id) == strips(*stripped)


def test_a_picture_is_added_to_the_message_it_belongs_to() -> None:
    addition = picture_to_add(PART, 20, NOW, still=False)
    assert addition == replace(PART, edits=20, use_by=NOW + 600, part=None, silent=True, adds=True)
    assert picture_to_add(addition, None, NOW, still=True) == replace(addition, still=True)
    assert picture_to_add(TEXT_EDIT, 20, NOW, still=False).edits == 10


@given(messages, ids, st.booleans())
def test_adding_a_picture_has_low_priority_and_does_not_begin_a_part(
    message: Message, message_id: int, still: bool
) -> None:
    addition = picture_to_add(message, message_id, NOW, still=still)
    assert low_rank(addition) in (Rank.ADD_PICTURE, Rank.WAITING_FOR_AUDIO)
    assert overdue_part([addition], NOW + 1e6) is None
    assert addition.still is still
