"""The metrics of nx-mlops as scikit-learn and trec_eval compute them, by the names that nx-mlops gives them.

Where a metric is not defined, scikit-learn warns and gives 0 or a share; nx-mlops says null, so these say None.
Imported by the scripts here and by tools/golden/make-statistics-golden.py.
"""

import itertools
import math
import warnings

import numpy as np
import pytrec_eval
from sklearn import metrics
from sklearn.calibration import calibration_curve

# What is undefined is decided here.
warnings.filterwarnings("ignore", category=UserWarning, module="sklearn")
warnings.filterwarnings("ignore", category=metrics._classification.UndefinedMetricWarning)

BINS = 10


def plain(value):
    """A number as JSON holds it; None where scikit-learn has none."""
    return None if value is None or math.isnan(value) else float(value)


def binary(labels, scores, threshold=0.5, weights=None):
    labels, scores = np.asarray(labels, dtype=int), np.asarray(scores, dtype=float)
    predicted = (scores >= threshold).astype(int)
    both = len(set(labels.tolist())) == 2
    positives, negatives = labels.sum() > 0, (1 - labels).sum() > 0
    found = predicted.sum() > 0
    w = {"sample_weight": weights}
    values = {
        "roc-auc": metrics.roc_auc_score(labels, scores, **w) if both else None,
        "pr-auc": metrics.average_precision_score(labels, scores, **w) if positives else None,
        "log-loss": metrics.log_loss(labels, scores, labels=[0, 1], **w),
        "brier": metrics.brier_score_loss(labels, scores, pos_label=1, **w),
        "ece": expected_calibration_error(labels, scores, weights),
        "accuracy": metrics.accuracy_score(labels, predicted, **w),
        "balanced-accuracy": metrics.balanced_accuracy_score(labels, predicted, **w) if both else None,
        "precision": metrics.precision_score(labels, predicted, **w) if found else None,
        "recall": metrics.recall_score(labels, predicted, **w) if positives else None,
        "specificity": metrics.recall_score(labels, predicted, pos_label=0, **w) if negatives else None,
        "f1": metrics.f1_score(labels, predicted, **w) if positives or found else None,
        "mcc": metrics.matthews_corrcoef(labels, predicted, **w) if both else None,
        "kappa": metrics.cohen_kappa_score(labels, predicted, **w) if both else None,
    }
    return {name: plain(value) for name, value in values.items()}


def multiclass(labels, scores, weights=None):
    labels, scores = np.asarray(labels, dtype=int), np.asarray(scores, dtype=float)
    classes = list(range(scores.shape[1]))
    predicted = scores.argmax(axis=1)
    several = len(set(labels.tolist())) > 1
    w = {"sample_weight": weights}
    macro = {"average": "macro", "zero_division": 0, **w}
    values = {
        "log-loss": metrics.log_loss(labels, scores, labels=classes, **w),
        "brier": metrics.brier_score_loss(labels, scores, labels=classes, **w),
        "ece": expected_calibration_error(labels == predicted, scores.max(axis=1), weights),
        "accuracy": metrics.accuracy_score(labels, predicted, **w),
        "balanced-accuracy": metrics.balanced_accuracy_score(labels, predicted, **w) if several else None,
        "mcc": metrics.matthews_corrcoef(labels, predicted, **w) if several else None,
        "kappa": metrics.cohen_kappa_score(labels, predicted, **w) if several else None,
        "macro-f1": metrics.f1_score(labels, predicted, **macro),
        "macro-precision": metrics.precision_score(labels, predicted, **macro),
        "macro-recall": metrics.recall_score(labels, predicted, **macro),
    }
    for k in [1, 2, 3]:
        values[f"top-k-accuracy@{k}"] = metrics.top_k_accuracy_score(labels, scores, k=k, labels=classes, **w)
    return {name: plain(value) for name, value in values.items()}


def per_class(labels, scores, weights=None):
    """Precision, recall and F1 of each class; None where a class is never predicted or does not occur."""
    labels = np.asarray(labels, dtype=int)
    predicted = scores.argmax(axis=1)
    classes = list(range(scores.shape[1]))
    arrays = metrics.precision_recall_fscore_support(
        labels, predicted, labels=classes, zero_division=np.nan, sample_weight=weights
    )[:3]
    return [
        {"precision": plain(precision), "recall": plain(recall), "f1": plain(f1)}
        for precision, recall, f1 in zip(*arrays)
    ]


def regression(targets, predictions, weights=None):
    targets, predictions = np.asarray(targets, dtype=float), np.asarray(predictions, dtype=float)
    constant = bool(np.all(targets == targets[0]))
    w = {"sample_weight": weights}
    sizes = np.average(np.abs(targets), weights=weights)
    values = {
        "mae": metrics.mean_absolute_error(targets, predictions, **w),
        "rmse": metrics.root_mean_squared_error(targets, predictions, **w),
        "r2": None if constant else metrics.r2_score(targets, predictions, **w),
        "mean-error": np.average(predictions - targets, weights=weights),
        "median-absolute-error": metrics.median_absolute_error(targets, predictions, **w),
        "max-error": metrics.max_error(targets, predictions),
        "mape": metrics.mean_absolute_percentage_error(targets, predictions, **w),
        "wape": np.average(np.abs(predictions - targets), weights=weights) / sizes if sizes > 0 else None,
    }
    return {name: plain(value) for name, value in values.items()}


def ranking(relevance, scores, queries, weights=None):
    """NDCG by scikit-learn, the others by trec_eval, of ties by their mean over all orders. Of the weights, each
    query's first."""
    relevance, scores, queries = np.asarray(relevance, dtype=float), np.asarray(scores), np.asarray(queries)
    names = ["ndcg@10", "map@10", "mrr", "recall@10", "hit-rate@10", "ndcg@3", "map@3", "recall@3", "hit-rate@3"]
    values = {name: [] for name in names}
    query_weights = []
    for query in np.unique(queries):
        rows = queries == query
        query_weights.append(1.0 if weights is None else np.asarray(weights)[rows][0])
        own = trec_eval(relevance[rows], scores[rows], [3, 10])
        for k in [3, 10]:
            own[f"ndcg@{k}"] = ndcg(relevance[rows], scores[rows], k)
        for name in names:
            values[name].append(own[name])
    return {name: plain(np.average(values[name], weights=query_weights)) for name in names}


def ndcg(relevance, scores, k):
    # scikit-learn refuses a query of one row.
    if len(relevance) == 1:
        return float(relevance[0] > 0)
    return metrics.ndcg_score([relevance], [scores], k=k)


def trec_eval(relevance, scores, cutoffs):
    """trec_eval breaks ties by the name of the row, so it is asked for every order of them."""
    orders = list(orders_of_ties(scores))
    truth = {str(row): int(value > 0) for row, value in enumerate(relevance)}
    # It holds scores in 32 bits, so it is given ranks.
    runs = {
        str(index): {str(row): float(len(order) - rank) for rank, row in enumerate(order)}
        for index, order in enumerate(orders)
    }
    measures = {"recip_rank"} | {f"{name}.{k}" for name in ["map_cut", "recall", "success"] for k in cutoffs}
    results = pytrec_eval.RelevanceEvaluator({run: truth for run in runs}, measures).evaluate(runs).values()
    mean = lambda name: float(np.mean([result[name] for result in results]))
    values = {"mrr": mean("recip_rank")}
    for k in cutoffs:
        values[f"map@{k}"] = mean(f"map_cut_{k}")
        values[f"recall@{k}"] = mean(f"recall_{k}")
        values[f"hit-rate@{k}"] = mean(f"success_{k}")
    return values


def orders_of_ties(scores):
    """Every order of the rows by falling score, where equal scores may stand in any order."""
    groups = [np.flatnonzero(scores == score).tolist() for score in sorted(set(scores.tolist()), reverse=True)]
    count = math.prod(math.factorial(len(group)) for group in groups)
    if count > 50_000:
        raise ValueError(f"{count} orders of ties are too many to ask trec_eval for each")
    for parts in itertools.product(*(itertools.permutations(group) for group in groups)):
        yield [row for part in parts for row in part]


def expected_calibration_error(labels, scores, weights=None):
    """Over bins of equal weight by rising score; equal scores go where their middle is. Of distinct scores without
    weights, whose number the bins divide, these are the quantile bins of scikit-learn's calibration_curve."""
    scores = np.asarray(scores, dtype=float)
    labels = np.asarray(labels, dtype=float)
    w = np.ones(len(scores)) if weights is None else np.asarray(weights, dtype=float)
    distinct, place = np.unique(scores, return_inverse=True)
    mass = np.bincount(place, weights=w)
    positives = np.bincount(place, weights=w * labels)
    middle = np.cumsum(mass) - mass / 2
    index = np.minimum((middle * BINS / mass.sum()).astype(int), BINS - 1)
    gaps = np.bincount(index, weights=positives) - np.bincount(index, weights=mass * distinct)
    error = np.abs(gaps).sum() / mass.sum()
    if weights is None and len(distinct) == len(scores) and len(scores) % BINS == 0 and len(set(labels)) == 2:
        shares, means = calibration_curve(labels, scores, n_bins=BINS, strategy="quantile")
        assert math.isclose(error, np.mean(np.abs(shares - means)), rel_tol=1e-12), "not scikit-learn's bins"
    return error
