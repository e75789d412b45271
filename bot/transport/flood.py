"""Limits on what people send, so that a flood from some never slows down the others.

Pure: the caller passes `now`, in seconds on any clock that never goes backwards. Must never read a message.
"""

from bot.transport.pacing import Buckets, Rate

PERSON_BURST_SECONDS = 10.0
"""Seconds' worth of messages and taps that one person may send at once: 10 at 1/s."""
CROWD_BURST_SECONDS = 10.0
"""Messages of all people together that are handled at once, and in each second, at 1/s a person.

The first message of each person is not counted. Answers to more would delay everybody's.
"""
PAIN_RATE = Rate(0.2, 1)
"""Messages of pain handled from one person even during a flood. The first of them pauses the massage."""
READING_RATE = Rate(5.0, 10)
"""Messages from all floods together that are read to find pain. Everybody waits while one is read."""
TAP_ANSWER_RATE = Rate(10.0, 20)
"""Taps from all floods together that are answered, so that a hasty person's buttons do not spin."""


class FloodGuard:
    """Decides which updates are handled, at `per_second` for each person.

    Who sends more gets nothing through until they pause for as long as one message takes. Dropping what is
    too much costs next to nothing, however many people send it.
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
        """Count a message of pain that `admits` turned away, and return whether to handle it after all."""
        return self._pain.try_take(person, now)

    def may_read(self, now: float) -> bool:
        """Count a message that `admits` turned away, and return whether to read it to find pain."""
        return self._readings.try_take(0, now)

    def may_answer(self, now: float) -> bool:
        """Count a tap that `admits` turned away, and return whether to answer it."""
        return self._tap_answers.try_take(0, now)
