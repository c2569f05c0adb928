"""The checks of figures/validate.mjs in Great Expectations on pandas: validate-great-expectations.py <train> <test>"""

import json
import sys

import great_expectations as gx
import great_expectations.expectations as gxe
import pandas as pd

NUMBERS = ["month", "distance"]
CATEGORIES = ["hour", "weekday", "origin", "destination"]
COLUMNS = NUMBERS + CATEGORIES + ["late"]

train, test = (pd.read_parquet(file) for file in sys.argv[1:3])
context = gx.get_context(mode="ephemeral")
context.variables.progress_bars = {"globally": False}
source = context.data_sources.add_pandas("flights")


def expectations(frame, reference):
    yield gxe.ExpectTableColumnsToMatchSet(column_set=COLUMNS)
    yield gxe.ExpectTableRowCountToBeBetween(min_value=1000)
    yield gxe.ExpectCompoundColumnsToBeUnique(column_list=COLUMNS)
    for name in COLUMNS:
        kind = "int64" if name in NUMBERS else "bool" if name == "late" else "str"
        yield gxe.ExpectColumnValuesToBeOfType(column=name, type_=kind)
        yield gxe.ExpectColumnValuesToNotBeNull(column=name)
        yield gxe.ExpectColumnUniqueValueCountToBeBetween(column=name, min_value=2)
    yield gxe.ExpectColumnValuesToBeBetween(column="distance", min_value=1, max_value=10_000)
    for name in ("origin", "destination"):
        yield gxe.ExpectColumnValuesToMatchRegex(column=name, regex=r"^[A-Z]{3}$")
    if reference is None:
        return
    known = reference["distance"]
    yield gxe.ExpectColumnMinToBeBetween(column="distance", min_value=int(known.min()))
    yield gxe.ExpectColumnMaxToBeBetween(column="distance", max_value=int(known.max()))
    for name in CATEGORIES:
        values = sorted(reference[name].unique())
        yield gxe.ExpectColumnValuesToBeInSet(column=name, value_set=values)
        shares = reference[name].value_counts(normalize=True)
        yield gxe.ExpectColumnKLDivergenceToBeLessThan(
            column=name,
            partition_object={"values": list(shares.index), "weights": [float(share) for share in shares]},
            threshold=0.1,
            tail_weight_holdout=0.001,
        )


failures = []
ran = 0
for name, frame, reference in (("train", train, None), ("test", test, train)):
    batch = source.add_dataframe_asset(name).add_batch_definition_whole_dataframe("all").get_batch({"dataframe": frame})
    suite = gx.ExpectationSuite(name=name, expectations=list(expectations(frame, reference)))
    result = batch.validate(suite, result_format="BASIC")
    ran += len(result.results)
    raised = [one for one in result.results if one.exception_info and one.exception_info.get("raised_exception")]
    if raised:
        raise RuntimeError(str(raised[0].exception_info)[:2000])
    failures += [one.expectation_config.type for one in result.results if not one.success]
print(json.dumps({"rows": len(train) + len(test), "checks": ran, "failures": sorted(set(failures))}))
