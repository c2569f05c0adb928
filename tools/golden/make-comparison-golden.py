"""Writes the values that packages/core's tests and intervals are tested against: SciPy, statsmodels and MLstatkit.

    python -m venv venv && venv/bin/pip install -r e2e/scikit-learn/requirements.txt
    venv/bin/python tools/golden/make-comparison-golden.py

The inputs are written beside the values, so that the test needs no Python. Seeded: the same versions write the same
bytes. How each value is computed is in e2e/scikit-learn/reference_comparison.py.
"""

import json
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "e2e/scikit-learn"))
import reference_comparison as reference  # noqa: E402

FILE = ROOT / "packages/core/src/statistics/golden/comparison.json"
random = np.random.default_rng(20261124)


def delong_case(rows, decimals, share=0.4):
    labels = (random.random(rows) < share).astype(int)
    common = random.normal(size=rows) + 1.2 * labels
    # Rounded, so that there are ties.
    challenger = np.round(common + 0.5 * random.normal(size=rows), decimals)
    champion = np.round(common + 0.8 * random.normal(size=rows), decimals)
    return {"labels": labels.tolist(), "challenger": challenger.tolist(), "champion": champion.tolist()}


def distribution_cases():
    points = {
        "normalCdf": [(z,) for z in (-37, -8, -3.5, -1.96, -1, -0.1, 0, 0.3, 1.6448536269514722, 5, 9)],
        "normalQuantile": [(p,) for p in (1e-300, 1e-12, 0.001, 0.02425, 0.025, 0.3, 0.5, 0.8, 0.975, 0.999999)],
        "logGamma": [(x,) for x in (1e-5, 0.1, 0.5, 1, 1.5, 2, 3.3, 10, 100.5, 1e6)],
        "incompleteGammaLower": [(a, x) for a in (0.5, 1, 3.7, 40, 500) for x in (0, 0.01, 1, 4.5, 38, 520)],
        "incompleteGammaUpper": [(a, x) for a in (0.5, 1, 3.7, 40, 500) for x in (0, 0.01, 1, 4.5, 38, 520)],
        "incompleteBeta": [(x, a, b) for a in (0.5, 2, 30) for b in (0.5, 3, 400) for x in (0.001, 0.07, 0.5, 0.95)],
        "chiSquareTail": [(x, df) for df in (1, 2, 9, 60) for x in (0.1, 3.841458820694124, 25, 120)],
        "binomialCdf": [(k, n, p) for n in (1, 12, 300) for k in (0, 1, 7, 150, 300) for p in (0.1, 0.5)],
        "exactSignTest": [(k, n) for n in (1, 5, 24) for k in range(0, n + 1, 4)],
        "studentTCdf": [(t, df) for df in (1, 2, 4.5, 30, 1000) for t in (-40, -2, 0, 0.5, 3)],
        "studentTQuantile": [(p, df) for df in (1, 2, 9, 200) for p in (0.0005, 0.025, 0.5, 0.95, 0.999)],
    }
    return [{"name": name, "arguments": list(each)} for name, of_name in points.items() for each in of_name]


cases = {
    "delong": [delong_case(60, 1), delong_case(200, 0), delong_case(300, 4), delong_case(150, 1, 0.1)],
    "mcnemar": [
        {"gained": gained, "lost": lost}
        for gained, lost in ((0, 1), (3, 9), (12, 12), (24, 0), (25, 0), (13, 12), (40, 60), (59, 121), (500, 400))
    ],
    "holm": [],
    "wilson": [
        {"successes": successes, "trials": trials, "confidence": confidence}
        for successes, trials in ((0, 10), (10, 10), (1, 3), (81, 263), (15, 148), (1, 29), (99_900, 100_000))
        for confidence in (0.9, 0.95, 0.99)
    ],
    "distributions": distribution_cases(),
}
families = [[0.04], [0.01, 0.02, 0.03, 0.04], [0.5, 0.001, 0.5, 0.001, 1.0], np.round(random.random(12) ** 3, 5).tolist()]
cases["holm"] = cases["benjaminiHochberg"] = [{"ps": ps} for ps in families]

answers = reference.answers(cases)
document = {name: version(name) for name in ("scipy", "statsmodels", "MLstatkit")}
for kind, of_kind in cases.items():
    document[kind] = [{**case, "expected": answer} for case, answer in zip(of_kind, answers[kind])]
FILE.write_text(json.dumps(document, separators=(",", ":")) + "\n", encoding="utf-8")
