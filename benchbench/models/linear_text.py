"""The cheapest text model that could work: TF-IDF of words and characters, then logistic or ridge regression.

All by scikit-learn. Settings are the same for every task: they were chosen once, on MRPC, CoLA and STS-B, where
others between a third and three times as strong differ by about a point.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy

from benchbench.errors import InputError

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

FILE = "linear.joblib"

Answer = Literal["classification", "multi-label", "regression"]

_INVERSE_PENALTY = 3.0  # of logistic regression (scikit-learn's C)
_RIDGE_PENALTY = 3.0
_MOST_ITERATIONS = 1000


def check(model: str, task: str, kind: str, *, trained: bool) -> None:
    """Raise `InputError` where a linear `model` cannot be fitted to a `task` of this `kind`."""
    if kind not in get_args(Answer):
        raise InputError(f"{model} gives a text one label or score, and {task} is {kind.replace('-', ' ')}")
    if not trained:
        raise InputError(f"training is none, and {model} has no weights before it is fitted; leave it out there")


@dataclass(frozen=True)
class LinearText:
    """A fitted model. `vectoriser`: of one text; `estimator`: on the features of a text or a pair."""

    vectoriser: Any
    estimator: Any
    answer: Answer

    def logits(self, texts: Sequence[Sequence[str]]) -> numpy.ndarray:
        """For each text or pair: float32 of shape (texts, labels); (texts, 1) for a regression."""
        features = _features(self.vectoriser, texts)
        if self.answer == "regression":
            return numpy.asarray(self.estimator.predict(features), dtype=numpy.float32).reshape(-1, 1)
        decided = numpy.asarray(self.estimator.decision_function(features), dtype=numpy.float32)
        if decided.ndim == 1 and self.answer == "classification":  # of two classes: that of the second
            return numpy.stack([-decided, decided], axis=1)
        return decided.reshape(len(decided), -1)

    def save(self, folder: Path) -> None:
        import joblib

        folder.mkdir(parents=True, exist_ok=True)
        joblib.dump(self, folder / FILE)


def load(folder: Path) -> LinearText:
    """What `LinearText.save` left; only ever of a folder of this suite's own, since unpickling runs what it reads."""
    import joblib

    loaded = joblib.load(folder / FILE)
    assert isinstance(loaded, LinearText)
    return loaded


def fit(texts: Sequence[Sequence[str]], labels: Sequence[Any], answer: Answer) -> LinearText:
    """A model of `texts`, each of one part or two, all alike.

    `labels`: class numbers; a 0 or 1 for each label of several; floats for a regression. Raises `ValueError` where
    there is nothing to learn: one class alone, or no word.
    """
    vectoriser = _vectoriser()
    vectoriser.fit([part for text in texts for part in text])
    estimator = _estimator(answer)
    estimator.fit(_features(vectoriser, texts), numpy.asarray(labels))
    return LinearText(vectoriser, estimator, answer)


def _vectoriser() -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import FeatureUnion

    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=r"(?u)\b\w+\b", dtype=numpy.float32)
    characters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True, dtype=numpy.float32)
    return FeatureUnion([("words", words), ("characters", characters)])


def _estimator(answer: Answer) -> Any:
    from sklearn.linear_model import LogisticRegression, Ridge
    from sklearn.multiclass import OneVsRestClassifier

    if answer == "regression":
        return Ridge(alpha=_RIDGE_PENALTY)
    logistic = LogisticRegression(C=_INVERSE_PENALTY, max_iter=_MOST_ITERATIONS)
    return OneVsRestClassifier(logistic) if answer == "multi-label" else logistic


def _features(vectoriser: Any, texts: Sequence[Sequence[str]]) -> csr_matrix:
    """Of a text its TF-IDF. Of a pair both, what differs, what both have, and the cosines of words and characters."""
    from scipy import sparse

    firsts = vectoriser.transform([text[0] for text in texts])
    if len(texts[0]) == 1:
        return firsts
    seconds = vectoriser.transform([text[1] for text in texts])
    shared = firsts.multiply(seconds).tocsr()
    words = len(vectoriser.transformer_list[0][1].vocabulary_)
    cosines = numpy.hstack([shared[:, :words].sum(axis=1), shared[:, words:].sum(axis=1)])
    return sparse.hstack([firsts, seconds, abs(firsts - seconds), shared, sparse.csr_matrix(cosines)]).tocsr()
