"""Limits how much people may send, so that people who send too much (a flood) never delay the others.

No function here reads a clock: the caller passes `now`, in seconds on any clock that never goes backwards.
This module must not read the text of a message.
"""

from bot.transport.pacing import Buckets, Rate

PERSON_BURST_SECONDS = 10.0
"""The largest burst of messages and taps from one person, given as the seconds it takes at the normal rate.
At one message per second, 10 s allow 10 messages at once."""
CROWD_BURST_SECONDS = 10.0
"""The rate limit for all people together, as a multiple of the rate for one person.

If one person may send one message or tap per second, then 10 of all people together are handled per second,
and at most 10 at once. A person's first message after a pause does not count. Handling more would delay the
answers to everybody.
"""
PAIN_RATE = Rate(0.2, 1)
"""How many reports of pain are handled from a person who sends too much: one, and then one more every 5 s.
The first report already pauses the massage."""
READING_RATE = Rate(5.0, 10)
"""How many messages, from all people together who send too much, are searched for reports of pain: 5 per
second, and at most 10 at once. Everybody else has to wait while a message is searched."""
TAP_ANSWER_RATE = Rate(10.0, 20)
"""How many taps, from all people together who send too much, are answered: 10 per second, and at most 20 at
once. Without an answer, the button that a person has tapped would keep spinning."""


class FloodGuard:
    """Decides which updates are handled. On average, each person may send `per_second` updates per second.

    If a person sends more, none of that person's updates are handled until the person has sent nothing for 1
    / `per_second` seconds. Dropping an update costs almost nothing, however many people send too much.
    """

    def __init__(self, per_second: float) -> None:
        crowd = per_second * CROWD_BURST_SECONDS
        self._rate = Rate(per_second, max(1.0, per_second * PERSON_BURST_SECONDS))
        self._people = Buckets(self._rate)
        self._crowd = Buckets(Rate(crowd, max(1.0, crowd)))
        self._pain = Buckets(PAIN_RATE)
        self._readings = Buckets(READING_RATE)
        self._tap_answers = Buckets(TAP_ANSWER_RATE)

    def admits(self, person: int, now: float) -> bool:
        """Count an update from the person, and return whether to handle it."""
        is_first = self._people.tokens(person, now) >= self._rate.burst
        if not self._people.wait(person, now) and (is_first or self._crowd.try_take(0, now)):
            self._people.take(person, now)
            return True
        self._people.drain(person, now)
        return False

    def admits_pain(self, person: int, now: float) -> bool:
        """Count a report of pain that `admits` has rejected. Return whether to handle it nevertheless."""
        return self._pain.try_take(person, now)

    def may_read(self, now: float) -> bool:
        """Count a message that `admits` has rejected. Return whether to search it for a report of pain."""
        return self._readings.try_take(0, now)

    def may_answer(self, now: float) -> bool:
        """Count a tap that `admits` has rejected. Return whether to answer it."""
        return self._tap_answers.try_take(0, now)
