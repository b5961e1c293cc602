"""Tails of the studentised range to 20 digits: `python tests/oracles/range_mpmath.py range_mpmath.csv`.

R's ptukey is good to about 1e-9 absolute and wrong below some 10 degrees of freedom, so that it says nothing of
small tails. Here the density of the smallest of k values is integrated (larstudy integrates that of the largest),
over the standard deviation itself (larstudy: its logarithm), by mpmath's tanh-sinh rule.
It takes about a minute a line.
"""

import sys
from pathlib import Path

from mpmath import erfc, exp, gamma, inf, mp, mpf, quad, sqrt

mp.dps = 22
POINTS = [
    (3, 1, 20), (3, 1.5, 6), (3, 2, 40), (3, 5, 12), (3, 30, 9), (3, inf, 12), (4, 1.2, 3),
    (4, inf, 3.63), (10, inf, 20), (4, 12, 15), (10, 2, 30), (6, 6.9, 8), (6, 7.1, 8), (10, 1000, 10),
]  # fmt: skip


def upper(z):
    return erfc(z / sqrt(2)) / 2


def density(z):
    return exp(-z * z / 2) / sqrt(2 * mp.pi)


def tail_of_range(w, k):
    """All k lie above the smallest, x; some of the others above x + w."""

    def integrand(x):
        above, far = upper(x), upper(x + w)
        # above^m - (above - far)^m as a sum, which loses no digit
        return k * density(x) * far * sum(above ** (k - 2 - j) * (above - far) ** j for j in range(k - 1))

    middle = -w / 2
    return quad(integrand, [middle - 12, middle - 3, middle, middle + 3, middle + 12])


def tail(q, k, df):
    if df == inf:
        return tail_of_range(mpf(q), k)
    v, q = mpf(df), mpf(q)
    constant = 2 * (v / 2) ** (v / 2) / gamma(v / 2)
    peak = sqrt(v / (v + q * q / 2))
    ends = (
        [0, peak / 4, peak, *([1] if peak < 0.9 else []), 2, 4]
        if v < 100
        else [0, 0.7, 0.85, peak, 1.15, 1.4]
    )
    ends = sorted({mpf(e) for e in ends})
    return quad(
        lambda s: constant * s ** (v - 1) * exp(-v * s * s / 2) * tail_of_range(q * s, k),
        [*ends, *([8, 40] if v < 5 else [])],
    )


def main(path: Path) -> None:
    lines = ["q,k,df,tail"]
    for k, df, q in POINTS:
        lines.append(f"{q},{k},{'Inf' if df == inf else df},{mp.nstr(tail(q, k, df), 17)}")
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
