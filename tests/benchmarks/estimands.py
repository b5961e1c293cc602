"""Four analyses with their span against change score and ANCOVA alone by statsmodels formulas.

The analyst's two models are the part that statsmodels has; larstudy adds the corrected analysis at two
reliabilities, the constrained baseline and the span, and is timed with them. Both are compared first.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from larstudy.stats.estimands import FourAnalyses, four_analyses
from tests.benchmarks.timing import Row, at_least, medians


def cohort() -> pd.DataFrame:
    """Four groups of the sizes of HELP at 12 months, that start apart; drawn, not real."""
    rng = np.random.default_rng(12)
    codes = np.repeat(np.arange(4), [48, 67, 71, 21])
    before = rng.normal(np.array([35.0, 32, 29, 28])[codes], 12)
    return pd.DataFrame(
        {"before": before, "after": 28 + 0.35 * before + rng.normal(0, 12, 207), "codes": codes}
    )


def by_larstudy(frame: pd.DataFrame) -> FourAnalyses:
    before, after = frame["before"].to_numpy(), frame["after"].to_numpy()
    return four_analyses(before, after, frame["codes"].to_numpy(), 4, reliability=(0.7, 0.9))


def by_statsmodels(frame: pd.DataFrame) -> list[pd.DataFrame]:
    import statsmodels.formula.api as smf

    frame = frame.assign(change=frame["after"] - frame["before"])
    fits = [smf.ols(formula, frame).fit() for formula in ("change ~ C(codes)", "after ~ C(codes) + before")]
    return [fit.t_test(np.eye(len(fit.params))[1:4]).summary_frame() for fit in fits]


def run() -> Row:
    frame = cohort()
    for ours, theirs in zip(by_larstudy(frame).analyses, by_statsmodels(frame), strict=False):
        found = ours.estimates
        columns = [
            found.estimate,
            found.std_error,
            found.statistic,
            found.p_value,
            found.conf_low,
            found.conf_high,
        ]
        np.testing.assert_allclose(np.column_stack(columns), theirs.to_numpy(float), rtol=1e-8)
    took = medians(
        {"larstudy": lambda: by_larstudy(frame), "statsmodels": lambda: by_statsmodels(frame)},
        turns=9,
        at_least_seconds=0.2,
    )
    return at_least("estimands", took["statsmodels"] / took["larstudy"], 5)
