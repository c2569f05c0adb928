"""Tests and intervals as SciPy, statsmodels and MLstatkit compute them.

As a script it reads cases from its standard input, a JSON object with a list by kind, and prints their answers.
"""

import json
import math
import sys

import numpy as np
from MLstatkit import Delong_test
from scipy import special, stats
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint


def delong(labels, challenger, champion):
    """Areas, standard errors of both areas and of the difference (challenger minus champion), two-sided p."""
    # The confidence of one standard error, so that the interval of an area gives its standard error.
    one_error = 2 * stats.norm.cdf(1) - 1
    # It subtracts its first model from the second.
    z, p, champion_interval, challenger_interval, champion_area, challenger_area, info = Delong_test(
        labels, champion, challenger, alpha=one_error
    )
    assert info["method"] == "delong", info
    return {
        "challenger": challenger_area,
        "champion": champion_area,
        # The upper end may be cut at 1.
        "challengerError": challenger_area - challenger_interval[0],
        "championError": champion_area - champion_interval[0],
        "differenceError": math.sqrt(info["var_diff"]),
        "p": p,
    }


def mcnemar_p(gained, lost):
    exact = gained + lost < 25
    return mcnemar([[0, gained], [lost, 0]], exact=exact, correction=not exact).pvalue


def adjusted(ps, method):
    return multipletests(ps, method=method)[1].tolist()


def wilson(successes, trials, confidence):
    return list(map(float, proportion_confint(successes, trials, alpha=1 - confidence, method="wilson")))


DISTRIBUTIONS = {
    "normalCdf": stats.norm.cdf,
    "normalQuantile": stats.norm.ppf,
    "logGamma": special.gammaln,
    "incompleteGammaLower": special.gammainc,
    "incompleteGammaUpper": special.gammaincc,
    "incompleteBeta": lambda x, a, b: special.betainc(a, b, x),
    "chiSquareTail": stats.chi2.sf,
    "binomialCdf": stats.binom.cdf,
    "exactSignTest": lambda k, n: stats.binomtest(k, n).pvalue,
    "studentTCdf": stats.t.cdf,
    "studentTQuantile": stats.t.ppf,
}

KINDS = {
    "delong": lambda case: delong(np.array(case["labels"]), case["challenger"], case["champion"]),
    "mcnemar": lambda case: mcnemar_p(case["gained"], case["lost"]),
    "holm": lambda case: adjusted(case["ps"], "holm"),
    "benjaminiHochberg": lambda case: adjusted(case["ps"], "fdr_bh"),
    "wilson": lambda case: wilson(case["successes"], case["trials"], case["confidence"]),
    "distributions": lambda case: float(DISTRIBUTIONS[case["name"]](*case["arguments"])),
}


def answers(cases):
    return {kind: [KINDS[kind](case) for case in of_kind] for kind, of_kind in cases.items()}


if __name__ == "__main__":
    json.dump(answers(json.load(sys.stdin)), sys.stdout)
