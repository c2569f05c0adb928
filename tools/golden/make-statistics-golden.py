"""Writes the values that packages/core's statistics are tested against, as scikit-learn and trec_eval compute them.

    python -m venv venv && venv/bin/pip install -r e2e/scikit-learn/requirements.txt
    venv/bin/python tools/golden/make-statistics-golden.py

The inputs are written beside the values, so that the test needs neither Python nor the data sets. The data sets come
with scikit-learn: breast cancer, wine, iris, diabetes, digits. Everything is seeded: the same versions write the same
bytes. How each metric is computed is in e2e/scikit-learn/reference_metrics.py.
"""

import json
import sys
from pathlib import Path

import numpy as np
import sklearn
from sklearn import datasets, metrics
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "e2e/scikit-learn"))
import reference_metrics as reference  # noqa: E402

EXPECTED_VERSION = "1.9.1"
FOLDER = ROOT / "packages/core/src/statistics/golden"


def weighted(case, weights):
    return case if weights is None else {**case, "weights": np.asarray(weights, dtype=float).tolist()}


def binary_case(name, labels, scores, threshold=0.5, weights=None):
    labels = np.asarray(labels, dtype=int)
    scores = np.asarray(scores, dtype=float)
    both = len(set(labels.tolist())) == 2
    fpr, tpr, thresholds = metrics.roc_curve(labels, scores, drop_intermediate=False) if both else ([], [], [])
    case = {
        "name": name,
        "labels": labels.tolist(),
        "scores": scores.tolist(),
        "threshold": threshold,
        "metrics": reference.binary(labels, scores, threshold, weights),
        "confusion": metrics.confusion_matrix(labels, (scores >= threshold).astype(int), labels=[0, 1]).tolist(),
        # Without scikit-learn's first point, whose threshold is infinite.
        "rocCurve": [[float(a), float(b), float(c)] for a, b, c in list(zip(fpr, tpr, thresholds))[1:]],
    }
    return weighted(case, weights)


def multiclass_case(name, labels, scores, weights=None):
    labels = np.asarray(labels, dtype=int)
    scores = np.asarray(scores, dtype=float)
    classes = scores.shape[1]
    case = {
        "name": name,
        "classCount": classes,
        "labels": labels.tolist(),
        "scores": scores.ravel().tolist(),
        "metrics": reference.multiclass(labels, scores, weights),
        "confusion": metrics.confusion_matrix(labels, scores.argmax(axis=1), labels=list(range(classes))).tolist(),
    }
    return weighted(case, weights)


def regression_case(name, targets, predictions, weights=None):
    targets = np.asarray(targets, dtype=float)
    predictions = np.asarray(predictions, dtype=float)
    case = {
        "name": name,
        "targets": targets.tolist(),
        "predictions": predictions.tolist(),
        "metrics": reference.regression(targets, predictions, weights),
    }
    return weighted(case, weights)


def ranking_case(name, relevance, scores, queries, weights=None):
    case = {
        "name": name,
        "relevance": np.asarray(relevance, dtype=float).tolist(),
        "scores": np.asarray(scores, dtype=float).tolist(),
        "queries": np.asarray(queries, dtype=int).tolist(),
        "metrics": reference.ranking(relevance, scores, queries, weights),
    }
    return weighted(case, weights)


def binary_cases():
    random = np.random.default_rng(20261101)
    cancer = datasets.load_breast_cancer()
    train_x, test_x, train_y, test_y = train_test_split(
        cancer.data, cancer.target, test_size=0.5, random_state=7, stratify=cancer.target
    )
    logistic = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)).fit(train_x, train_y)
    tree = DecisionTreeClassifier(max_depth=3, random_state=7).fit(train_x, train_y)
    prior = DummyClassifier(strategy="prior").fit(test_x, test_y)
    yield binary_case("breast cancer, logistic regression", test_y, logistic.predict_proba(test_x)[:, 1])
    yield binary_case("breast cancer, tree: many ties, scores 0 and 1", test_y, tree.predict_proba(test_x)[:, 1])
    yield binary_case("breast cancer, class prior", test_y, prior.predict_proba(test_x)[:, 1])
    yield binary_case("breast cancer, threshold 0.9", test_y, logistic.predict_proba(test_x)[:, 1], 0.9)

    labels = (random.random(400) < 0.02).astype(int)
    yield binary_case("2 % positive", labels, np.clip(random.normal(0.1 + 0.2 * labels, 0.1), 0, 1), 0.3)
    labels = (random.random(300) < 0.5).astype(int)
    yield binary_case("scores on a grid of 11", labels, np.round(np.clip(random.normal(0.4 + 0.2 * labels, 0.3), 0, 1), 1))
    weights = random.exponential(1, 300)
    scores = np.round(np.clip(random.normal(0.4 + 0.2 * labels, 0.3), 0, 1), 1)
    yield binary_case("weights, scores on a grid of 11", labels, scores, weights=weights)
    yield binary_case("weights, all scores distinct", labels, random.random(300), weights=weights)
    yield binary_case("noise", (random.random(200) < 0.4).astype(int), random.random(200))
    yield binary_case("all scores equal", [0, 1, 1, 0, 1], [0.4] * 5)
    yield binary_case("perfect", [0, 0, 1, 1], [0.1, 0.2, 0.8, 0.9])
    yield binary_case("inverted", [1, 1, 0, 0], [0.1, 0.2, 0.8, 0.9])
    yield binary_case("sure and wrong", [0, 1, 1], [1.0, 0.0, 0.7])
    yield binary_case("no positive row", [0, 0, 0], [0.2, 0.6, 0.1])
    yield binary_case("only positive rows", [1, 1, 1], [0.2, 0.6, 0.1])


def multiclass_cases():
    random = np.random.default_rng(20261102)
    wine = datasets.load_wine()
    train_x, test_x, train_y, test_y = train_test_split(
        wine.data, wine.target, test_size=0.5, random_state=7, stratify=wine.target
    )
    yield multiclass_case("wine, naive Bayes", test_y, GaussianNB().fit(train_x, train_y).predict_proba(test_x))
    iris = datasets.load_iris()
    train_x, test_x, train_y, test_y = train_test_split(
        iris.data, iris.target, test_size=0.5, random_state=7, stratify=iris.target
    )
    tree = DecisionTreeClassifier(max_depth=2, random_state=7).fit(train_x, train_y)
    logistic = LogisticRegression(max_iter=1000).fit(train_x[:, :2], train_y)
    yield multiclass_case("iris, tree: ties", test_y, tree.predict_proba(test_x))
    yield multiclass_case("iris, logistic regression on two columns", test_y, logistic.predict_proba(test_x[:, :2]))
    scores = random.dirichlet([0.5] * 6, 200)
    labels = random.choice(6, 200, p=[0.7, 0.2, 0.05, 0.03, 0.02, 0.0])
    yield multiclass_case("six classes, one never occurs, imbalanced", labels, scores)
    yield multiclass_case("six classes, weights", labels, scores, random.exponential(1, 200))
    scores[:, 4] = 0
    scores /= scores.sum(axis=1, keepdims=True)
    yield multiclass_case("a class that occurs and is never predicted", labels, scores)
    yield multiclass_case("one class only", [1, 1, 1], [[0.2, 0.5, 0.3], [0.6, 0.3, 0.1], [0.1, 0.8, 0.1]])


def regression_cases():
    random = np.random.default_rng(20261103)
    diabetes = datasets.load_diabetes()
    train_x, test_x, train_y, test_y = train_test_split(
        diabetes.data, diabetes.target, test_size=0.5, random_state=7
    )
    linear = LinearRegression().fit(train_x, train_y)
    tree = DecisionTreeRegressor(max_depth=3, random_state=7).fit(train_x, train_y)
    yield regression_case("diabetes, linear", test_y, linear.predict(test_x))
    yield regression_case("diabetes, tree", test_y, tree.predict(test_x))
    for strategy in ["mean", "median"]:
        dummy = DummyRegressor(strategy=strategy).fit(test_x, test_y)
        yield regression_case(f"diabetes, {strategy} baseline", test_y, dummy.predict(test_x))
    targets = 1e9 + random.normal(0, 1, 200)
    yield regression_case("large offset", targets, targets + random.normal(0.1, 0.5, 200))
    yield regression_case("heavy tails", random.standard_cauchy(151), random.standard_cauchy(151))
    weights = random.exponential(1, len(test_y))
    yield regression_case("diabetes, linear, weights", test_y, linear.predict(test_x), weights)
    yield regression_case("whole weights, half of which ends at a value", [0, 0, 0, 0], [1, 2, 3, 4], [1, 2, 2, 1])
    yield regression_case("constant target", [3, 3, 3], [2.5, 3, 4])
    yield regression_case("exact", [1, 2, 4], [1, 2, 4])
    yield regression_case("one row", [2], [5])


def ranking_cases():
    random = np.random.default_rng(20261104)
    digits = datasets.load_digits()
    # Each query is an image; the rows are others, the nearer the higher, relevant when of the same digit.
    queries, relevance, scores = [], [], []
    for query in range(30):
        image, *others = random.choice(len(digits.data), 26, replace=False)
        queries += [query] * 25
        relevance += [2.0 * (digits.target[other] == digits.target[image]) for other in others]
        scores += [-float(np.linalg.norm(digits.data[other] - digits.data[image])) for other in others]
    yield ranking_case("digits, nearest images", relevance, scores, queries)
    yield ranking_case("digits, weights", relevance, scores, queries, np.repeat(random.exponential(1, 30), 25))
    graded = random.integers(0, 4, 240)
    yield ranking_case("graded relevance", graded, random.random(240), np.repeat(np.arange(20), 12))
    tied = random.permuted(np.tile([1, 1, 1, 2, 3, 3, 4, 5, 6, 7, 8, 8], (20, 1)), axis=1).ravel()
    yield ranking_case("ties", graded, tied, np.repeat(np.arange(20), 12))
    few = random.integers(0, 4, 30)
    queries = np.repeat(np.arange(8), [1, 2, 3, 4, 5, 6, 5, 4])
    yield ranking_case("queries of one row to six", few, random.integers(0, 3, 30), queries)
    yield ranking_case("all rows tie", [1, 0, 0, 2, 0, 0], [0.5] * 6, [4] * 6)
    yield ranking_case("queries without a relevant row", [0, 0, 1, 0], [1, 2, 3, 4], [0, 0, 1, 1])


def write(name, cases):
    document = {
        "madeBy": "tools/golden/make-statistics-golden.py",
        "scikitLearn": sklearn.__version__,
        "cases": list(cases),
    }
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / name).write_text(json.dumps(document, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    if sklearn.__version__ != EXPECTED_VERSION:
        raise SystemExit(f"needs scikit-learn {EXPECTED_VERSION}, found {sklearn.__version__}")
    write("binary.json", binary_cases())
    write("multiclass.json", multiclass_cases())
    write("regression.json", regression_cases())
    write("ranking.json", ranking_cases())
