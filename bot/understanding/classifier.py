"""The message classifier: combines the results of the neural network and of the n-gram model.

The two models make different mistakes, so together they are right more often than either model alone. This
module must not depend on sessions or events.
"""

from collections.abc import Mapping
from functools import cache, lru_cache
from math import exp, log

from bot.understanding.network import Network, Reading, plain
from bot.understanding.ngrams import NGramModel

NGRAM_WEIGHT = 4.0
"""The weight of an n-gram score. The logarithm of the network's probability has a weight of 1."""
SMOOTHING = 0.001
"""The number that is added to each of the network's probabilities before the logarithm is taken. Without it,
a probability near zero would rule out a meaning, whatever the n-gram model says.
"""


class Classifier:
    """The neural network and the n-gram model, with their weights. Creating a classifier raises OSError or
    ValueError if a file of weights cannot be read.
    """

    def __init__(self) -> None:
        self._network, self._grams = Network(), NGramModel()

    def read(self, where: str, text: str) -> Reading:
        """Return the probability of each meaning of a message, and of each thing that the message may be
        about.

        `where` describes the state of the session in a few words (see `utterance.Situation.told`).
        """
        reading, (means, about) = self._network.read(where, text), self._grams.read(where, plain(text))
        return Reading(_combined(reading.means, means), _combined(reading.about, about))


@cache
def classifier() -> Classifier:
    """Return the classifier that all callers share. The first call loads the models, which take about 60 MB
    of memory.
    """
    return Classifier()


@lru_cache(maxsize=1)
def read(where: str, text: str) -> Reading:
    """Return the result of `Classifier.read` of the shared classifier.

    The latest result is kept, because a message may be read twice: first in a flood, to see whether it
    reports pain, and again if its commit conflicts with another one.
    """
    return classifier().read(where, text)


def _combined(probabilities: Mapping[str, float], scores: Mapping[str, float]) -> dict[str, float]:
    """Return the combined probability of each name.

    `probabilities` comes from the network, `scores` from the n-gram model. Both are turned into logarithmic
    scores, added for each name, and turned into probabilities by a softmax.
    """
    sums = {
        name: log(probability + SMOOTHING) + NGRAM_WEIGHT * scores.get(name, -1.0)
        for name, probability in probabilities.items()
    }
    highest = max(sums.values())
    exponentials = {name: exp(value - highest) for name, value in sums.items()}
    total = sum(exponentials.values())
    return {name: value / total for name, value in exponentials.items()}
