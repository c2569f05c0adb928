"""Writes the values that packages/core's statistics are tested against, as scikit-learn computes them.

    python -m venv venv && venv/bin/pip install scikit-learn==1.9.1
    venv/bin/python tools/golden/make-statistics-golden.py

The inputs are written beside the values, so that the test needs neither Python nor the data sets. The data sets come
with scikit-learn: breast cancer, wine, iris, diabetes. Everything is seeded: the same versions write the same bytes.
"""

import json
import math
import warnings
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

EXPECTED_VERSION = "1.9.1"
FOLDER = Path(__file__).resolve().parents[2] / "packages/core/src/statistics/golden"


def plain(value):
    """A number as JSON holds it; None where scikit-learn has none."""
    if value is None or math.isnan(value):
        return None
    return float(value)


def binary_case(name, labels, scores, threshold=0.5):
    labels = np.asarray(labels, dtype=int)
    scores = np.asarray(scores, dtype=float)
    predicted = (scores >= threshold).astype(int)
    both = len(set(labels.tolist())) == 2
    found = int(predicted.sum()) > 0
    fpr, tpr, thresholds = metrics.roc_curve(labels, scores, drop_intermediate=False) if both else ([], [], [])
    return {
        "name": name,
        "labels": labels.tolist(),
        "scores": scores.tolist(),
        "threshold": threshold,
        # Where a metric is not defined, scikit-learn warns and gives 0 or a share; nx-mlops says null.
        "metrics": {
            "roc-auc": plain(metrics.roc_auc_score(labels, scores)) if both else None,
            "pr-auc": plain(metrics.average_precision_score(labels, scores)) if labels.sum() > 0 else None,
            "log-loss": plain(metrics.log_loss(labels, scores, labels=[0, 1])),
            "brier": plain(metrics.brier_score_loss(labels, scores, pos_label=1)),
            "accuracy": plain(metrics.accuracy_score(labels, predicted)),
            "balanced-accuracy": plain(metrics.balanced_accuracy_score(labels, predicted)) if both else None,
            "precision": plain(metrics.precision_score(labels, predicted)) if found else None,
            "recall": plain(metrics.recall_score(labels, predicted)) if labels.sum() > 0 else None,
            "f1": plain(metrics.f1_score(labels, predicted)) if labels.sum() + predicted.sum() > 0 else None,
            "mcc": plain(metrics.matthews_corrcoef(labels, predicted)) if both else None,
        },
        "confusion": metrics.confusion_matrix(labels, predicted, labels=[0, 1]).tolist(),
        # Without scikit-learn's first point, whose threshold is infinite.
        "rocCurve": [[float(a), float(b), float(c)] for a, b, c in list(zip(fpr, tpr, thresholds))[1:]],
    }


def multiclass_case(name, labels, scores):
    labels = np.asarray(labels, dtype=int)
    scores = np.asarray(scores, dtype=float)
    classes = scores.shape[1]
    predicted = scores.argmax(axis=1)
    return {
        "name": name,
        "classCount": classes,
        "labels": labels.tolist(),
        "scores": scores.ravel().tolist(),
        "metrics": {
            "log-loss": plain(metrics.log_loss(labels, scores, labels=list(range(classes)))),
            "accuracy": plain(metrics.accuracy_score(labels, predicted)),
            "balanced-accuracy": plain(metrics.balanced_accuracy_score(labels, predicted))
            if len(set(labels.tolist())) > 1
            else None,
            "macro-f1": plain(metrics.f1_score(labels, predicted, average="macro", zero_division=0)),
        },
        "confusion": metrics.confusion_matrix(labels, predicted, labels=list(range(classes))).tolist(),
    }


def regression_case(name, targets, predictions):
    targets = np.asarray(targets, dtype=float)
    predictions = np.asarray(predictions, dtype=float)
    constant = bool(np.all(targets == targets[0]))
    return {
        "name": name,
        "targets": targets.tolist(),
        "predictions": predictions.tolist(),
        "metrics": {
            "mae": plain(metrics.mean_absolute_error(targets, predictions)),
            "rmse": plain(metrics.root_mean_squared_error(targets, predictions)),
            "r2": None if constant else plain(metrics.r2_score(targets, predictions)),
            "mean-error": plain(np.mean(predictions - targets)),
            "median-absolute-error": plain(metrics.median_absolute_error(targets, predictions)),
            "max-error": plain(metrics.max_error(targets, predictions)),
        },
    }


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
    yield regression_case("constant target", [3, 3, 3], [2.5, 3, 4])
    yield regression_case("exact", [1, 2, 4], [1, 2, 4])
    yield regression_case("one row", [2], [5])


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
    # Undefined metrics warn; what they become is decided above.
    warnings.filterwarnings("ignore")
    write("binary.json", binary_cases())
    write("multiclass.json", multiclass_cases())
    write("regression.json", regression_cases())
