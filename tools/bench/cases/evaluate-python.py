"""What `evaluate` measures, in Python: evaluate-python.py <model.onnx> <split.parquet> <features, JSON> <slices, comma-separated> <threads>

Polars reads the split, ONNX Runtime predicts on so many threads (0: its default), scikit-learn measures: the default metrics over all rows and
for each value of the slices, those of a class prior beside them, the confusion matrix, results by class, the reliability
diagram and the curves. Intervals of shares by Wilson; the others are left out, since scikit-learn has none.
"""

import json
import sys

import numpy as np
import onnxruntime as ort
import polars as pl
from sklearn import metrics

model_file, split_file, features_text, slices_text, threads = sys.argv[1:6]
features = json.loads(features_text)
slices = [name for name in slices_text.split(",") if name]
BATCH = 8192
TARGET = "late"
Z = 1.959963984540054

names = dict.fromkeys([feature["name"] for feature in features] + [TARGET] + slices)
frame = pl.read_parquet(split_file, columns=list(names))
labels = frame[TARGET].to_numpy().astype(np.uint8)
rows = len(labels)

options = ort.SessionOptions()
options.intra_op_num_threads = int(threads)
options.inter_op_num_threads = 1
session = ort.InferenceSession(model_file, options, providers=["CPUExecutionProvider"])
shapes = {value.name: (-1,) if len(value.shape) == 1 else (-1, 1) for value in session.get_inputs()}
columns = {}
for feature in features:
    name = feature["name"]
    if feature["type"] == "string":
        columns[name] = frame[name].fill_null("").to_numpy().astype(object).reshape(shapes[name])
    else:
        columns[name] = frame[name].cast(pl.Float32).to_numpy().reshape(shapes[name])
scores = np.empty(rows, dtype=np.float32)
for start in range(0, rows, BATCH):
    feeds = {name: values[start : start + BATCH] for name, values in columns.items()}
    scores[start : start + BATCH] = session.run(["scores"], feeds)[0].ravel()


def measure(truth, answers):
    predicted = (answers >= 0.5).astype(np.uint8)
    both = 0 < truth.sum() < len(truth)
    return {
        "roc-auc": metrics.roc_auc_score(truth, answers) if both else None,
        "pr-auc": metrics.average_precision_score(truth, answers) if both else None,
        "log-loss": metrics.log_loss(truth, answers, labels=[0, 1]),
        "accuracy": metrics.accuracy_score(truth, predicted),
        "precision": metrics.precision_score(truth, predicted, zero_division=0),
        "recall": metrics.recall_score(truth, predicted, zero_division=0),
        "f1": metrics.f1_score(truth, predicted, zero_division=0),
    }


def wilson(share, trials):
    scale = 1 + Z * Z / trials
    centre = (share + Z * Z / (2 * trials)) / scale
    reach = Z / scale * np.sqrt(share * (1 - share) / trials + Z * Z / (4 * trials * trials))
    return centre - reach, centre + reach


predicted = (scores >= 0.5).astype(np.uint8)
whole = measure(labels, scores)
answer = {
    "metrics": whole,
    "intervals": {"accuracy": wilson(whole["accuracy"], rows)},
    "baseline": measure(labels, np.full(rows, labels.mean(), dtype=np.float32)),
    "confusion": metrics.confusion_matrix(labels, predicted).tolist(),
    "perClass": [part.tolist() for part in metrics.precision_recall_fscore_support(labels, predicted, zero_division=0)],
    "roc": len(metrics.roc_curve(labels, scores)[0]),
    "precisionRecall": len(metrics.precision_recall_curve(labels, scores)[0]),
    "slices": [],
}
order = np.argsort(scores, kind="stable")
answer["calibration"] = [
    (float(scores[bin_rows].mean()), float(labels[bin_rows].mean())) for bin_rows in np.array_split(order, 10)
]
for name in slices:
    counts = frame[name].value_counts(sort=True).head(100)
    values = frame[name].to_numpy()
    for value in counts[name].to_list():
        chosen = values == value
        part = measure(labels[chosen], scores[chosen])
        answer["slices"].append((name, value, int(chosen.sum()), part, wilson(part["accuracy"], int(chosen.sum()))))
print(json.dumps({"rows": rows, "roc-auc": whole["roc-auc"], "slices": len(answer["slices"])}))
