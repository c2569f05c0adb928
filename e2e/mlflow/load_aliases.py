"""Loads what aliases of a registered model name, with nothing but MLflow's own client.

Input: {"server", "model", "aliases", "columns": {name: numbers}, "matrix": whether the model takes all of them as one
input}. Output: by alias the version, the digest of model.onnx and the predictions of both flavours, of arrays and of a
table.
"""

import hashlib
import json
import os
import sys
import tempfile

import mlflow
import numpy as np
import onnxruntime
import pandas as pd

asked = json.load(sys.stdin)
mlflow.set_tracking_uri(asked["server"])
client = mlflow.MlflowClient()
columns = {name: np.array(values, dtype=np.float32) for name, values in asked["columns"].items()}
table = pd.DataFrame(columns)


def numbers(value):
    if isinstance(value, dict):
        value = next(iter(value.values()))
    return np.asarray(value, dtype=float).reshape(-1).tolist()


def loaded(alias):
    uri = f"models:/{asked['model']}@{alias}"
    version = client.get_model_version_by_alias(asked["model"], alias)
    with tempfile.TemporaryDirectory() as folder:
        path = mlflow.artifacts.download_artifacts(uri, dst_path=folder)
        # MLflow's client adds a note of where it was loaded from.
        files = sorted(set(os.listdir(path)) - {"registered_model_meta"})
        with open(os.path.join(path, "model.onnx"), "rb") as file:
            digest = hashlib.sha256(file.read()).hexdigest()
    session = onnxruntime.InferenceSession(mlflow.onnx.load_model(uri).SerializeToString())
    arrays = {session.get_inputs()[0].name: table.to_numpy()} if asked["matrix"] else columns
    pyfunc = mlflow.pyfunc.load_model(uri)
    return {
        "version": int(version.version),
        "files": files,
        "sha256": digest,
        "onnx": numbers(session.run(None, arrays)[0]),
        "arrays": numbers(pyfunc.predict(table.to_numpy() if asked["matrix"] else columns)),
        "table": numbers(pyfunc.predict(table)),
        "metrics": client.get_run(version.run_id).data.metrics,
    }


registered = client.get_registered_model(asked["model"])
stages = [v.current_stage for v in client.search_model_versions(f"name='{asked['model']}'")]
print(
    json.dumps(
        {
            "aliases": {alias: int(version) for alias, version in registered.aliases.items()},
            "stages": sorted(set(stages)),
            "loaded": {alias: loaded(alias) for alias in asked["aliases"]},
        }
    )
)
