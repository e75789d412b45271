"""Limits on what people send, so that a flood from some people never delays the others.

No function here reads a clock: the caller passes `now`, in seconds on any clock that never goes backwards.
This module must not read the text of a message.
"""

from bot.transport.pacing import Buckets, Rate

PERSON_BURST_SECONDS = 10.0
"""How many seconds' worth of messages and taps one person may send at once: 10 messages at 1/s."""
CROWD_BURST_SECONDS = 10.0
"""The limit for all people together, as a multiple of the rate for one person.

At 1/s for one person, 10 messages and taps of all people together are handled per second, and at most 10 at
once. The first message of each person does not count. Handling more would delay the answers to everybody.
"""
PAIN_RATE = Rate(0.2, 1)
"""How many reports of pain by one person are handled even during a flood. The first one pauses the
massage."""
READING_RATE = Rate(5.0, 10)
"""How many messages from all floods together are searched for reports of pain. Everybody else has to wait
while a message is searched."""
TAP_ANSWER_RATE = Rate(10.0, 20)
"""How many taps from all floods together are answered. Without an answer, the buttons of a person who taps
too fast would keep spinning."""


class FloodGuard:
    """Decides which updates are handled. Each person may send `per_second` updates in the long run.

    If a person sends more, none of that person's updates are handled until the person has sent nothing for 1
    / `per_second` seconds. Dropping an update costs almost nothing, however many people flood the coach.
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
