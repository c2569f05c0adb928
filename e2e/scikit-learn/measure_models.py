"""Trains small models on the data sets that come with scikit-learn and prints, as JSON, their answers beside the truth
with every metric as scikit-learn (rankings but NDCG: trec_eval) computes it: without weights, with random ones, and
with rounded scores, so that many tie.
"""

import json
import sys

import numpy as np
from sklearn import datasets
from sklearn.ensemble import GradientBoostingRegressor, RandomForestClassifier, RandomForestRegressor
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

import reference_metrics as reference

random = np.random.default_rng(7)


def fitted(model, data, target, stratify=None):
    """The model trained on half of the rows, and the other half."""
    train_x, test_x, train_y, test_y = train_test_split(data, target, test_size=0.5, random_state=7, stratify=stratify)
    return model.fit(train_x, train_y), test_x, test_y


def variants(name, scores, weighed=None):
    """A name, scores and weights for each way that a model is measured.

    weighed: number of the query of each row, of a ranking; each row its own else
    """
    rows = len(scores)
    own = np.arange(rows) if weighed is None else weighed
    weights = random.exponential(1, own.max() + 1)[own]
    rounded = np.round(scores, 1)
    yield name, scores, None
    yield f"{name}, weights", scores, weights
    yield f"{name}, ties", rounded, None
    yield f"{name}, ties and weights", rounded, weights


def case(task, name, metrics, weights, **arrays):
    found = {"task": task, "name": name, "metrics": metrics, **{key: np.asarray(each).ravel().tolist() for key, each in arrays.items()}}
    return found if weights is None else {**found, "weights": weights.tolist()}


def binary_cases():
    cancer, wine, digits = datasets.load_breast_cancer(), datasets.load_wine(), datasets.load_digits()
    questions = {
        "breast cancer, logistic regression": (
            make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)),
            cancer.data,
            cancer.target,
        ),
        "breast cancer, first column, decision tree": (DecisionTreeClassifier(max_depth=4, random_state=7), cancer.data[:, :1], cancer.target),
        "wine of the second kind, naive Bayes on two columns": (GaussianNB(), wine.data[:, 1:3], wine.target == 1),
        "the digit 8, random forest on ten pixels": (
            RandomForestClassifier(n_estimators=30, random_state=7),
            digits.data[:, 20:30],
            digits.target == 8,
        ),
    }
    for name, (model, data, target) in questions.items():
        model, test_x, test_y = fitted(model, data, target, stratify=target)
        labels = test_y.astype(int)
        for label, scores, weights in variants(name, model.predict_proba(test_x)[:, 1]):
            for threshold in [0.5, 0.2]:
                yield case(
                    "binary-classification",
                    f"{label}, threshold {threshold}",
                    reference.binary(labels, scores, threshold, weights),
                    weights,
                    labels=labels,
                    scores=scores,
                ) | {"threshold": threshold}


def multiclass_cases():
    iris, wine, digits = datasets.load_iris(), datasets.load_wine(), datasets.load_digits()
    questions = {
        "iris, logistic regression on two columns": (LogisticRegression(max_iter=1000), iris.data[:, :2], iris.target),
        "wine, nearest neighbours on two columns": (KNeighborsClassifier(5), wine.data[:, :2], wine.target),
        "digits, random forest on ten pixels": (
            RandomForestClassifier(n_estimators=20, random_state=7),
            digits.data[:, 20:30],
            digits.target,
        ),
    }
    for name, (model, data, target) in questions.items():
        model, test_x, test_y = fitted(model, data, target, stratify=target)
        for label, scores, weights in variants(name, model.predict_proba(test_x)):
            # What was rounded no longer sums to 1.
            scores = scores / scores.sum(axis=1, keepdims=True)
            yield case(
                "multiclass-classification",
                label,
                reference.multiclass(test_y, scores, weights),
                weights,
                labels=test_y,
                scores=scores,
            ) | {"classCount": scores.shape[1], "perClass": reference.per_class(test_y, scores, weights)}


def regression_cases():
    diabetes, linnerud, iris, cancer = (
        datasets.load_diabetes(),
        datasets.load_linnerud(),
        datasets.load_iris(),
        datasets.load_breast_cancer(),
    )
    questions = {
        "diabetes, linear": (LinearRegression(), diabetes.data, diabetes.target),
        "diabetes, gradient boosting": (GradientBoostingRegressor(random_state=7), diabetes.data, diabetes.target),
        "linnerud, weight by exercise, nearest neighbours": (KNeighborsRegressor(3), linnerud.data, linnerud.target[:, 0]),
        "iris, petal width, random forest": (RandomForestRegressor(n_estimators=10, random_state=7), iris.data[:, :3], iris.data[:, 3]),
        "breast cancer, concavity, whose target is sometimes 0": (LinearRegression(), cancer.data[:, :6], cancer.data[:, 6]),
    }
    for name, (model, data, target) in questions.items():
        model, test_x, test_y = fitted(model, data, target)
        for label, predictions, weights in variants(name, model.predict(test_x)):
            yield case(
                "regression",
                label,
                reference.regression(test_y, predictions, weights),
                weights,
                targets=test_y,
                scores=predictions,
            )


def ranking_cases():
    digits, diabetes, wine = datasets.load_digits(), datasets.load_diabetes(), datasets.load_wine()
    # Images of the same digit are relevant to an image, the nearest come first.
    queries, relevance, scores = [], [], []
    for query in range(40):
        image, *others = random.choice(len(digits.data), 16, replace=False)
        queries += [query] * 15
        relevance += (digits.target[others] == digits.target[image]).tolist()
        scores += (-np.linalg.norm(digits.data[others] - digits.data[image], axis=1) / 8).tolist()
    yield from ranking_variants("digits, nearest images", relevance, scores, queries)
    # Patients of a random ward are ranked by the predicted progression of their illness; its quartile is the relevance.
    model, test_x, test_y = fitted(LinearRegression(), diabetes.data, diabetes.target)
    grades = np.searchsorted(np.quantile(test_y, [0.25, 0.5, 0.75]), test_y)
    yield from ranking_variants("diabetes, graded relevance", grades, model.predict(test_x) / 60, random.integers(0, 25, len(test_y)))
    # Bottles of a random shelf are ranked by how likely they are of the first kind; some shelves hold none.
    model, test_x, test_y = fitted(GaussianNB(), wine.data[:, 1:4], wine.target)
    likely = model.predict_proba(test_x)[:, 0]
    yield from ranking_variants("wine, some queries without a relevant row", test_y == 0, likely * 2, random.integers(0, 20, len(test_y)))


def ranking_variants(name, relevance, scores, queries):
    queries = np.asarray(queries)
    for label, values, weights in variants(name, np.asarray(scores), queries):
        yield case(
            "ranking",
            label,
            reference.ranking(relevance, values, queries, weights),
            weights,
            relevance=np.asarray(relevance, dtype=float),
            scores=values,
            queries=queries,
        )


if __name__ == "__main__":
    cases = [*binary_cases(), *multiclass_cases(), *regression_cases(), *ranking_cases()]
    json.dump(cases, sys.stdout)
