"""Evidently's data summary of test beside train, with the tests it makes of it: validate-evidently.py <train> <test> <drift>"""

import json
import sys

import pandas as pd
from evidently import DataDefinition, Dataset, Report
from evidently.presets import DataDriftPreset, DataSummaryPreset

train, test = (pd.read_parquet(file) for file in sys.argv[1:3])
definition = DataDefinition(
    numerical_columns=["month", "distance"],
    categorical_columns=["hour", "weekday", "origin", "destination", "late"],
)
presets = [DataSummaryPreset()]
if sys.argv[3:] == ["drift"]:
    presets.append(DataDriftPreset(cat_method="jensenshannon", num_method="jensenshannon"))
report = Report(presets, include_tests=True)
result = report.run(
    Dataset.from_pandas(test, data_definition=definition), Dataset.from_pandas(train, data_definition=definition)
)
answer = result.dict()
print(json.dumps({"rows": len(train) + len(test), "metrics": len(answer["metrics"]), "tests": len(answer["tests"])}))
