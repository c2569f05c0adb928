"""Writes the values that the sequential tests and planned samples of packages/core are tested against.

    python -m venv venv && venv/bin/pip install -r e2e/scikit-learn/requirements.txt
    venv/bin/python tools/golden/make-sequential-golden.py

statsmodels has the planned sample, and the score test of two proportions against no difference. The rest is in no library
of these; it is computed here from its definition, by finding roots and by numerical integration with SciPy, not by the
closed forms that the code uses.
"""

import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
from scipy import integrate, optimize, special, stats
from statsmodels.stats.power import NormalIndPower
from statsmodels.stats.proportion import score_test_proportions_2indep

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "packages/core/src/statistics/golden/sequential.json"


def likeliest_pair(x1, n1, x2, n2, tested):
    """Of those that differ by `tested`, found as a root of the slope of the likelihood."""

    def slope(p):
        terms = ((x1, n1, p), (x2, n2, p - tested))
        return sum((x / share if x else 0.0) - ((n - x) / (1 - share) if x < n else 0.0) for x, n, share in terms)

    low, high = max(0.0, tested) + 1e-15, min(1.0, 1 + tested) - 1e-15
    p = low if slope(low) <= 0 else high if slope(high) >= 0 else optimize.brentq(slope, low, high, xtol=1e-16, rtol=1e-15)
    if tested == 0 and x1 + x2 > 0:
        # The same pair as in statsmodels. Not checked elsewhere: up to 0.15.0 a term of its cubic equation has a count
        # where the paper of Miettinen and Nurminen has a number of trials (tmp1 in score_test_proportions_2indep).
        q = p - tested
        variance = (p * (1 - p) / n1 + q * (1 - q) / n2) * (n1 + n2) / (n1 + n2 - 1)
        z = score_test_proportions_2indep(x1, n1, x2, n2, value=0, compare="diff").statistic
        assert np.isclose((x1 / n1 - x2 / n2) / np.sqrt(variance), z)
    return p, p - tested


def signed_root(x1, n1, x2, n2, tested):
    def log_likelihood(p, q):
        return special.xlogy(x1, p) + special.xlog1py(n1 - x1, -p) + special.xlogy(x2, q) + special.xlog1py(n2 - x2, -q)

    seen = x1 / n1, x2 / n2
    deviance = 2 * (log_likelihood(*seen) - log_likelihood(*likeliest_pair(x1, n1, x2, n2, tested)))
    return np.sign(seen[0] - seen[1] - tested) * np.sqrt(max(0.0, deviance))


def difference_case(x1, n1, x2, n2, tested):
    quantile = stats.norm.ppf(0.95)
    seen = x1 / n1 - x2 / n2
    ends = [
        optimize.brentq(lambda value: signed_root(x1, n1, x2, n2, value) - z, low, high, xtol=1e-13)
        for low, high, z in ((-0.999999, seen + 1e-9, quantile), (seen - 1e-9, 0.999999, -quantile))
    ]
    return {
        "counts": [x1, n1, x2, n2],
        "tested": tested,
        "root": float(signed_root(x1, n1, x2, n2, tested)),
        "bounds": ends,
    }


def mixture_ratio(difference, variance, effect):
    """The likelihood ratio of each effect against none, averaged over effects N(0, τ²)."""

    def integrand(theta):
        logs = stats.norm.logpdf(difference, theta, np.sqrt(variance)) - stats.norm.logpdf(
            difference, 0, np.sqrt(variance)
        )
        return np.exp(logs) * stats.norm.pdf(theta, 0, effect)

    centre = difference * effect**2 / (effect**2 + variance)
    width = np.sqrt(variance * effect**2 / (variance + effect**2))
    return integrate.quad(integrand, centre - 12 * width, centre + 12 * width, epsabs=0, epsrel=1e-11, limit=500)[0]


def mixture_reach(variance, effect, alpha):
    excess = lambda reach: np.log(mixture_ratio(reach, variance, effect)) + np.log(alpha)
    sd = np.sqrt(variance)
    return optimize.brentq(excess, 0, 40 * sd, xtol=1e-13 * sd, rtol=1e-13)


def one_sided_boundary(information, rho, alpha):
    """Where the martingale ∫ exp(λs - λ²v/2) 2φ(λ√ρ)√ρ dλ over λ > 0 comes to 1/alpha, in standard errors."""

    def excess(z):
        s = z * np.sqrt(information)
        integrand = lambda x: np.exp(x * s - x * x * (information + rho) / 2) * 2 * np.sqrt(rho / (2 * np.pi))
        top = (s / (information + rho)) + 12 / np.sqrt(information + rho)
        return np.log(integrate.quad(integrand, 0, top, epsabs=0, epsrel=1e-11, limit=500)[0]) + np.log(alpha)

    return optimize.brentq(excess, 0, 60)


document = {name: version(name) for name in ("scipy", "statsmodels")}
document["proportionDifference"] = [
    difference_case(*case)
    for case in (
        (12, 300, 20, 5700, 0.01),
        (3, 100, 1, 100, 0.0),
        (0, 300, 0, 300, 0.01),
        (0, 500, 4, 9500, 0.0),
        (5, 50, 0, 950, 0.01),
        (56, 70, 48, 80, 0.05),
        (300, 300, 2, 300, 0.5),
        (40, 2000, 41, 2000, -0.005),
        (1, 25, 9, 4000, 0.02),
    )
]
document["mixture"] = [
    {
        "difference": d,
        "variance": v,
        "effect": tau,
        "alpha": alpha,
        "ratio": mixture_ratio(d, v, tau),
        "reach": mixture_reach(v, tau, alpha),
    }
    for d, v, tau, alpha in (
        (0.02, 4.5e-5, 0.02, 0.05),
        (0.0, 1.8e-3, 0.02, 0.05),
        (-0.015, 1e-5, 0.005, 0.1),
        (1.2, 0.1, 0.5, 0.01),
    )
]
document["oneSidedBoundary"] = [
    {"information": v, "rho": rho, "alpha": alpha, "quantile": one_sided_boundary(v, rho, alpha)}
    for v, rho, alpha in ((285, 45, 0.05), (30, 45, 0.05), (5000, 45, 0.05), (150, 30, 0.01))
]
document["plannedSample"] = [
    {
        "standardDeviation": sd,
        "minimumEffect": effect,
        "alpha": alpha,
        "power": power,
        "subjects": float(NormalIndPower().solve_power(effect / sd, alpha=alpha, power=power, ratio=1)),
    }
    for sd, effect, alpha, power in (
        (0.3, 0.02, 0.05, 0.8),
        (0.3, 0.02, 0.04, 0.8),
        (0.5, 0.01, 0.05, 0.9),
        (12.0, 1.5, 0.01, 0.8),
        (1.0, 0.5, 0.1, 0.95),
    )
]
FILE.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
