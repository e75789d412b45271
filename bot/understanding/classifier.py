"""Two opinions of a message made one: the network's, and that of its runs of letters and words. Pure.

They go wrong in different places, so together they are right more often than either alone.
"""

from collections.abc import Mapping
from functools import cache
from math import exp, log

from bot.understanding.network import Reader, Reading, plain
from bot.understanding.ngrams import Grams

TRUST = 4.0
"""How much a score of the grams weighs beside the network's likelihood."""
DOUBT = 0.001
"""However sure the network is, it may be wrong."""


class Readers:
    """Both, with what they have learnt. Raises OSError or ValueError where a file is none of ours."""

    def __init__(self) -> None:
        self._network, self._grams = Reader(), Grams()

    def read(self, where: str, text: str) -> Reading:
        """What a message may mean, written in a place that `where` tells in a few words."""
        first, (means, about) = self._network.read(where, text), self._grams.read(where, plain(text))
        return Reading(_together(first.means, means), _together(first.about, about))


@cache
def readers() -> Readers:
    """The ones there are, loaded once: they take some 60 MB."""
    return Readers()


def _together(likely: Mapping[str, float], scores: Mapping[str, float]) -> dict[str, float]:
    sums = {name: log(share + DOUBT) + TRUST * scores.get(name, -1.0) for name, share in likely.items()}
    most = max(sums.values())
    grown = {name: exp(value - most) for name, value in sums.items()}
    whole = sum(grown.values())
    return {name: value / whole for name, value in grown.items()}
