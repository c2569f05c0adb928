"""The checks of figures/validate.mjs in pandera, on pandas or polars frames: validate-pandera.py <engine> <train> <test>"""

import json
import sys

engine, train_file, test_file = sys.argv[1:4]
NUMBERS = ["month", "distance"]
CATEGORIES = ["hour", "weekday", "origin", "destination"]
COLUMNS = NUMBERS + CATEGORIES + ["late"]


def with_pandas():
    import pandas as pd
    import pandera.pandas as pa

    train, test = pd.read_parquet(train_file), pd.read_parquet(test_file)
    kinds = {**{name: "int64" for name in NUMBERS}, **{name: str for name in CATEGORIES}, "late": "bool"}

    def schema(reference):
        columns = {}
        for name in COLUMNS:
            checks = [pa.Check(lambda values: values.nunique() > 1, name="constant")]
            if name == "distance":
                checks.append(pa.Check.in_range(1, 10_000))
            if name in ("origin", "destination"):
                checks.append(pa.Check.str_matches(r"^[A-Z]{3}$"))
            if reference is not None:
                known = reference[name]
                if name == "distance":
                    checks.append(pa.Check.in_range(known.min(), known.max()))
                if name in CATEGORIES:
                    checks.append(pa.Check.isin(known.unique().tolist()))
            columns[name] = pa.Column(kinds[name], checks, nullable=False)
        whole = [
            pa.Check(lambda frame: len(frame) >= 1000, name="rows"),
            pa.Check(lambda frame: ~frame.duplicated(), name="duplicate rows"),
        ]
        if reference is not None:
            hashes = set(pd.util.hash_pandas_object(reference.drop(columns="month"), index=False))
            whole.append(
                pa.Check(
                    lambda frame: ~pd.util.hash_pandas_object(frame.drop(columns="month"), index=False).isin(hashes),
                    name="overlap",
                )
            )
        return pa.DataFrameSchema(columns, checks=whole, strict=True)

    return [(schema(None), train), (schema(train), test)], pa.errors.SchemaErrors


def with_polars():
    import pandera.polars as pa
    import polars as pl

    train, test = pl.read_parquet(train_file), pl.read_parquet(test_file)
    kinds = {**{name: pl.Int64 for name in NUMBERS}, **{name: pl.String for name in CATEGORIES}, "late": pl.Boolean}

    def schema(reference):
        columns = {}
        for name in COLUMNS:
            checks = [pa.Check(lambda data: data.lazyframe.select(pl.col(data.key).n_unique() > 1), name="constant")]
            if name == "distance":
                checks.append(pa.Check.in_range(1, 10_000))
            if name in ("origin", "destination"):
                checks.append(pa.Check.str_matches(r"^[A-Z]{3}$"))
            if reference is not None:
                known = reference[name]
                if name == "distance":
                    checks.append(pa.Check.in_range(known.min(), known.max()))
                if name in CATEGORIES:
                    checks.append(pa.Check.isin(known.unique().to_list()))
            columns[name] = pa.Column(kinds[name], checks, nullable=False)
        compared = [name for name in COLUMNS if name != "month"]
        whole = [
            pa.Check(lambda data: data.lazyframe.select(pl.len() >= 1000), name="rows"),
            pa.Check(lambda data: data.lazyframe.select(~pl.struct(COLUMNS).is_duplicated()), name="duplicate rows"),
        ]
        if reference is not None:
            hashes = reference.select(pl.struct(compared).hash().unique()).to_series().implode()
            whole.append(
                pa.Check(
                    lambda data: data.lazyframe.select(~pl.struct(compared).hash().is_in(hashes)), name="overlap"
                )
            )
        return pa.DataFrameSchema(columns, checks=whole, strict=True)

    return [(schema(None), train), (schema(train), test)], pa.errors.SchemaErrors


pairs, broken = with_pandas() if engine == "pandas" else with_polars()
failures = {}
for schema, frame in pairs:
    try:
        schema.validate(frame, lazy=True)
    except broken as error:
        for name in error.failure_cases["check"].unique():
            failures[str(name)] = failures.get(str(name), 0) + 1
print(json.dumps({"rows": sum(len(frame) for _, frame in pairs), "failures": [name[:60] for name in sorted(failures)]}))
