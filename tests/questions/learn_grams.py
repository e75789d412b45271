"""Train the n-gram model: labelled messages -> bot/understanding/ngrams.npz, in half a minute.

    python -m tests.questions.learn_grams

Only the messages in learn/ are used, never the files beside this script. The result is the same each time.
"""

import sys

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.svm import LinearSVC

from bot.routine.loading import SHIPPED, load
from bot.understanding.network import plain
from bot.understanding.ngrams import LEARNT, grams_of
from tests.questions.evaluate import LEARN, here, label, messages, note_learnt

PARTS = ("means", "about")
TWICE, FIT = 2, 1.5
"""An n-gram is used if it occurs in at least `TWICE` messages. `FIT` is the SVM's parameter C: a higher value
makes the model fit the messages more closely.
"""


def main() -> int:
    library = load(SHIPPED)
    learnt = list(messages(LEARN, library))
    counter = TfidfVectorizer(analyzer=lambda pair: list(grams_of(*pair)), sublinear_tf=True, min_df=TWICE)
    counts = counter.fit_transform([(here(each, library).told, plain(each.text)) for each in learnt])
    kept = {"grams": np.array("\n".join(counter.get_feature_names_out()))}
    kept["rare"] = counter.idf_.astype(np.float32)
    for number, part in enumerate(PARTS):
        model = LinearSVC(C=FIT, tol=0.01, random_state=0)
        model.fit(counts, [label(message.means[0])[number] for message in learnt])
        kept |= _quantised(part, model.coef_.T, model.intercept_, list(model.classes_))
    np.savez_compressed(LEARNT, allow_pickle=False, **kept)
    note_learnt(LEARNT)
    return 0


def _quantised(
    part: str, weights: NDArray[np.float64], start: NDArray[np.float64], names: list[str]
) -> dict[str, NDArray[np.generic]]:
    """Return the weights as 8-bit integers with a scale for each name, together with the intercepts and the
    names.
    """
    scale = np.abs(weights).max(axis=0) / 127
    return {
        f"{part}.weights": np.round(weights / scale).astype(np.int8),
        f"{part}.scale": scale.astype(np.float32),
        f"{part}.start": start.astype(np.float32),
        f"{part}.names": np.array("\n".join(names)),
    }


if __name__ == "__main__":
    sys.exit(main())
