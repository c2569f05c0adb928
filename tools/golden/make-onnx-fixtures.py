"""Writes the small ONNX models that the specs of packages/runtime and packages/server load.

    pip install onnx==1.23.2 numpy
    python tools/golden/make-onnx-fixtures.py

The bytes are the same on every run. Each model is small enough to check its scores by hand; the formula
stands in its docstring.
"""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto as T
from onnx import helper as h
from onnx import numpy_helper

OUT = Path(__file__).resolve().parents[2] / "packages" / "runtime" / "src" / "fixtures"
ORIGINS = {"JFK": 1.0, "LAX": 2.0}


def value(name, kind, *shape):
    return h.make_tensor_value_info(name, kind, list(shape))


def constant(name, array, dtype=np.float32):
    return numpy_helper.from_array(np.array(array, dtype=dtype), name)


def encode_origin(source, target):
    """JFK is 1, LAX is 2, everything else, a missing value too, is 0."""
    return h.make_node(
        "LabelEncoder",
        [source],
        [target],
        domain="ai.onnx.ml",
        keys_strings=list(ORIGINS),
        values_floats=list(ORIGINS.values()),
        default_float=0.0,
    )


def save(name, nodes, inputs, outputs, initializers=()):
    graph = h.make_graph(nodes, name, inputs, outputs, list(initializers))
    model = h.make_model(
        graph,
        opset_imports=[h.make_opsetid("", 21), h.make_opsetid("ai.onnx.ml", 3)],
        ir_version=10,
        producer_name="nx-mlops fixtures",
    )
    onnx.checker.check_model(model)
    (OUT / f"{name}.onnx").write_bytes(model.SerializeToString(deterministic=True))


def columns_binary(name, column_shape, score_shape):
    """P(positive) = sigmoid(amount + code(origin))."""
    nodes = [
        encode_origin("origin", "code"),
        h.make_node("Add", ["amount", "code"], ["logit"]),
        h.make_node("Sigmoid", ["logit"], ["scores"]),
    ]
    save(
        name,
        nodes,
        [value("amount", T.FLOAT, *column_shape), value("origin", T.STRING, *column_shape)],
        [value("scores", T.FLOAT, *score_shape)],
    )


def skl2onnx_binary():
    """As skl2onnx writes a pipeline: columns [None, 1], outputs label [N] and probabilities [N, 2] = [1 - p, p]."""
    nodes = [
        encode_origin("origin", "code"),
        h.make_node("Add", ["amount", "code"], ["logit"]),
        h.make_node("Sigmoid", ["logit"], ["p"]),
        h.make_node("Sub", ["one", "p"], ["q"]),
        h.make_node("Concat", ["q", "p"], ["probabilities"], axis=1),
        h.make_node("ArgMax", ["probabilities"], ["label"], axis=1, keepdims=0),
    ]
    save(
        "skl2onnx-binary",
        nodes,
        [value("amount", T.FLOAT, None, 1), value("origin", T.STRING, None, 1)],
        [value("label", T.INT64, None), value("probabilities", T.FLOAT, None, 2)],
        [constant("one", [1.0])],
    )


def skl2onnx_zipmap():
    """The same with a ZipMap at the end: the probabilities are a sequence of maps, not a tensor."""
    nodes = [
        h.make_node("Sub", ["one", "amount"], ["q"]),
        h.make_node("Concat", ["q", "amount"], ["p"], axis=1),
        h.make_node("ArgMax", ["p"], ["output_label"], axis=1, keepdims=0),
        h.make_node("ZipMap", ["p"], ["output_probability"], domain="ai.onnx.ml", classlabels_int64s=[0, 1]),
    ]
    maps = h.make_sequence_type_proto(h.make_map_type_proto(T.INT64, h.make_tensor_type_proto(T.FLOAT, None)))
    save(
        "skl2onnx-zipmap",
        nodes,
        [value("amount", T.FLOAT, None, 1)],
        [value("output_label", T.INT64, None), h.make_value_info("output_probability", maps)],
        [constant("one", [1.0])],
    )


def matrix_regression():
    """prediction = 2 * first + 3 * second + 1."""
    nodes = [
        h.make_node("MatMul", ["features", "weights"], ["sum"]),
        h.make_node("Add", ["sum", "bias"], ["scores"]),
    ]
    save(
        "matrix-regression",
        nodes,
        [value("features", T.FLOAT, "N", 2)],
        [value("scores", T.FLOAT, "N", 1)],
        [constant("weights", [[2.0], [3.0]]), constant("bias", [1.0])],
    )


def matrix_multiclass():
    """softmax of [first, second, first + second]."""
    nodes = [
        h.make_node("MatMul", ["features", "weights"], ["logits"]),
        h.make_node("Softmax", ["logits"], ["scores"], axis=1),
    ]
    save(
        "matrix-multiclass",
        nodes,
        [value("features", T.FLOAT, "N", 2)],
        [value("scores", T.FLOAT, "N", 3)],
        [constant("weights", [[1.0, 0.0, 1.0], [0.0, 1.0, 1.0]])],
    )


def columns_mixed():
    """prediction = count + 10 * flag + 100 * level + price: int64, bool, int8 and float64 columns of shape [N]."""
    nodes = [
        h.make_node("Cast", ["count"], ["c"], to=T.DOUBLE),
        h.make_node("Cast", ["flag"], ["f"], to=T.DOUBLE),
        h.make_node("Cast", ["level"], ["l"], to=T.DOUBLE),
        h.make_node("Mul", ["f", "ten"], ["f10"]),
        h.make_node("Mul", ["l", "hundred"], ["l100"]),
        h.make_node("Sum", ["c", "f10", "l100", "price"], ["scores"]),
    ]
    save(
        "columns-mixed",
        nodes,
        [
            value("count", T.INT64, "N"),
            value("flag", T.BOOL, "N"),
            value("level", T.INT8, "N"),
            value("price", T.DOUBLE, "N"),
        ],
        [value("scores", T.DOUBLE, "N")],
        [constant("ten", 10.0, np.float64), constant("hundred", 100.0, np.float64)],
    )


def echo():
    """Every output is its input: one of each type of the protocol, to see that values cross unchanged."""
    kinds = {
        "f32": T.FLOAT,
        "f64": T.DOUBLE,
        "i8": T.INT8,
        "i16": T.INT16,
        "i32": T.INT32,
        "i64": T.INT64,
        "u8": T.UINT8,
        "u16": T.UINT16,
        "u32": T.UINT32,
        "u64": T.UINT64,
        "flag": T.BOOL,
        "text": T.STRING,
    }
    save(
        "echo",
        [h.make_node("Identity", [name], [f"{name}_out"]) for name in kinds],
        [value(name, kind, "N", 2) for name, kind in kinds.items()],
        [value(f"{name}_out", kind, "N", 2) for name, kind in kinds.items()],
    )


def table_lookup():
    """score = [10, 20, 30][row]: an index outside the table fails inside ONNX Runtime, after every check of ours."""
    save(
        "table-lookup",
        [h.make_node("Gather", ["table", "row"], ["scores"])],
        [value("row", T.INT64, "N")],
        [value("scores", T.FLOAT, "N")],
        [constant("table", [10.0, 20.0, 30.0])],
    )


def plus(amount):
    """prediction = x + amount: versions that tell themselves apart by their answer."""
    save(
        f"plus-{amount}",
        [h.make_node("Add", ["x", "amount"], ["scores"])],
        [value("x", T.FLOAT, "N")],
        [value("scores", T.FLOAT, "N")],
        [constant("amount", [float(amount)])],
    )


OUT.mkdir(parents=True, exist_ok=True)
columns_binary("columns-binary-n", ["N"], ["N"])
columns_binary("columns-binary-n1", ["N", 1], ["N", 1])
skl2onnx_binary()
skl2onnx_zipmap()
matrix_regression()
matrix_multiclass()
columns_mixed()
echo()
table_lookup()
plus(1)
plus(2)
for path in sorted(OUT.glob("*.onnx")):
    print(f"{path.stat().st_size:6d}  {path.name}")
