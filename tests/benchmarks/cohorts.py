"""Making and analysing cohorts of 338: many at a time against a loop over one at a time.

Each cohort is drawn (a score at two waves, distress, four change groups, 21 facilities) and analysed: the paired change of
each group with its d, Welch's test of gained against drug-dominated, and the analysis of covariance with errors that are
robust to facilities. The loops draw a cohort with numpy as one would for a single study, and analyse it with pingouin and
statsmodels' formulas, or with scipy and statsmodels on arrays; for CR2 with Bell and McCaffrey's degrees of freedom, with
the definition written out for one cohort. Before anything is timed all three analyse the same cohorts, and must agree.

`python -m tests.benchmarks.cohorts` also prints what 10,000 cohorts cost in time and memory.
"""

from __future__ import annotations

import time
import tracemalloc
import warnings

import numpy as np
import pandas as pd

from tests.benchmarks.clusters import by_definition
from tests.benchmarks.timing import Row, at_least, medians

GAINED, DRUG, K = 1, 2, 4
CELLS = ((76, 12, 13), (77, 68, 25), (28, 14, 25))
WEIGHTS = np.array([[0.0, 1.0, -1.0, 0.0]])
MANY = 256
Cohort = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def many(n_cohorts: int = MANY, kind: str = "CR1", first: int = 0) -> list[np.ndarray]:
    """Draw and analyse in blocks; return what each analysis says of each cohort."""
    from larstudy.stats.cohort_cells import cohort_cells
    from larstudy.stats.cohort_clusters import cluster_cohorts
    from larstudy.stats.cohort_tests import paired_cohorts, welch_cohorts

    found = []
    for block in range(first, first + n_cohorts // 64):
        drawn = block_of(block)
        cells = cohort_cells(drawn.before, drawn.after, drawn.groups, K, drawn.clusters)
        paired, d_z = paired_cohorts(cells)
        welch = welch_cohorts(cells, WEIGHTS)
        ancova = cluster_cohorts(cells, WEIGHTS, adjusted=True, kind=kind)
        parts = (paired.statistic, paired.p_value, d_z, welch.statistic, welch.p_value)
        found.append(np.column_stack([*parts, ancova.estimate, ancova.std_error, ancova.df]))
    return found


def block_of(block: int):
    from larstudy.synthetic.score_cohorts import draw_block
    from larstudy.synthetic.study_designs import StudyDesign
    from larstudy.synthetic.worlds import read_world

    design = StudyDesign(
        cells=CELLS, correlation=0.5, facilities=tuple(range(8, 29)), icc=0.05, icc_change=0.02
    )
    return draw_block(read_world("null"), design, seed=338, block=block)


def one_drawn(rng: np.random.Generator) -> Cohort:
    """Draw one cohort of the same kind, as one would for a single study."""
    cells = np.array(CELLS)
    entry = np.repeat(np.arange(3), cells.sum(axis=1))
    later = np.concatenate([np.repeat(np.arange(3), row) for row in cells])
    groups = np.array([[0, 2, 3], [1, 2, 3], [1, 2, 3]])[entry, later]
    n = len(groups)
    sizes = np.arange(8, 29)
    facility = rng.permutation(
        np.repeat(np.arange(21), np.diff(np.r_[0, np.rint(np.cumsum(sizes) / sizes.sum() * n)]).astype(int))
    )
    level, change = rng.normal(0, np.sqrt(0.05), 21), rng.normal(0, np.sqrt(0.02), 21)
    trait = rng.normal(0, np.sqrt(0.36), n) - 0.3 * rng.normal(0, 1, n) + level[facility]
    before = trait + rng.normal(0, np.sqrt(0.5), n)
    return before, trait + rng.normal(0, np.sqrt(0.5), n) + 0.3 + change[facility], groups, facility


def with_formulas(cohort: Cohort) -> np.ndarray:
    import pingouin as pg
    import statsmodels.formula.api as smf

    before, after, group, facility = cohort
    frame = pd.DataFrame({"before": before, "after": after, "group": group, "facility": facility})
    frame["change"] = frame["after"] - frame["before"]
    t, p, d = [], [], []
    for code in range(K):
        own = frame[frame["group"] == code]
        row = pg.ttest(own["after"], own["before"], paired=True).iloc[0]
        t.append(row["T"])
        p.append(row.get("p_val", row.get("p-val", row.get("pval"))))
        d.append(own["change"].mean() / own["change"].std())
    gained, drug = (frame.loc[frame["group"] == code, "change"] for code in (GAINED, DRUG))
    welch = pg.ttest(gained, drug, correction=True).iloc[0]
    p_welch = welch.get("p_val", welch.get("p-val", welch.get("pval")))
    fit = smf.ols("after ~ C(group, Treatment(2)) + before", frame).fit(
        cov_type="cluster", cov_kwds={"groups": frame["facility"]}
    )
    name = "C(group, Treatment(2))[T.1]"
    return np.array([*t, *p, *d, welch["T"], p_welch, fit.params[name], fit.bse[name]])


def with_arrays(cohort: Cohort) -> np.ndarray:
    import statsmodels.api as sm
    from scipy import stats

    before, after, group, facility = cohort
    change = after - before
    t, p, d = [], [], []
    for code in range(K):
        own = group == code
        test = stats.ttest_rel(after[own], before[own])
        t.append(test.statistic)
        p.append(test.pvalue)
        d.append(change[own].mean() / change[own].std(ddof=1))
    welch = stats.ttest_ind(change[group == GAINED], change[group == DRUG], equal_var=False)
    design = np.column_stack([np.ones(len(group)), group == 0, group == 1, group == 3, before])
    fit = sm.OLS(after, design).fit(cov_type="cluster", cov_kwds={"groups": facility})
    return np.array([*t, *p, *d, welch.statistic, welch.pvalue, fit.params[2], fit.bse[2]])


def one_cr2(cohort: Cohort) -> tuple[float, float]:
    """Return the error and the degrees of freedom of gained against drug-dominated, by the definition."""
    before, after, group, facility = cohort
    design = np.column_stack([np.ones(len(group)), group == 0, group == 1, group == 3, before])
    error, df = by_definition(design.astype(float), after, facility)
    return float(error[2]), float(df[2])


def agree() -> None:
    """All must say the same of the same cohorts."""
    ours, cr2 = many(64)[0], many(64, "CR2")[0]
    drawn = block_of(0)
    n, p = drawn.before.shape[1], K + 1
    for i in range(2):
        cohort = drawn.before[i], drawn.after[i], drawn.groups[i].astype(int), drawn.clusters[i]
        for theirs in (with_formulas(cohort), with_arrays(cohort)):
            # Theirs is CR1S: larger by the root of (n - 1) / (n - p).
            theirs[-1] /= np.sqrt((n - 1) / (n - p))
            np.testing.assert_allclose(ours[i, :-1], theirs, rtol=1e-8)
        np.testing.assert_allclose(cr2[i, -2:], one_cr2(cohort), rtol=1e-8)


def ratios() -> dict[str, float]:
    agree()
    rng = np.random.default_rng(338)

    def loop(analyse, count: int) -> None:
        for _ in range(count):
            analyse(one_drawn(rng))

    def with_cr2(cohort: Cohort) -> None:
        with_arrays(cohort)
        one_cr2(cohort)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        works = {
            "many": lambda: many(MANY),
            "many_cr2": lambda: many(MANY, "CR2"),
            "formulas": lambda: loop(with_formulas, 4),
            "arrays": lambda: loop(with_arrays, 16),
            "cr2": lambda: loop(with_cr2, 8),
        }
        taken = medians(works, turns=5)
    own, own_cr2 = taken["many"] / MANY, taken["many_cr2"] / MANY
    return {
        "formulas": taken["formulas"] / 4 / own,
        "arrays": taken["arrays"] / 16 / own,
        "cr2": taken["cr2"] / 8 / own_cr2,
        "microseconds": own * 1e6,
        "microseconds_cr2": own_cr2 * 1e6,
    }


def run_formulas() -> Row:
    return at_least("cohorts", ratios()["formulas"], 350.0)


def run_arrays() -> Row:
    return at_least("cohorts_np", ratios()["arrays"], 25.0)


def run_cr2() -> Row:
    return at_least("cohorts_cr2", ratios()["cr2"], 50.0)


def ten_thousand() -> tuple[float, float]:
    """Return the seconds of 10,000 cohorts with CR2, and their peak of memory in MiB."""
    many(64)
    tracemalloc.start()
    many(10_048, "CR2")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    start = time.perf_counter()
    many(10_048, "CR2")
    return time.perf_counter() - start, peak / 2**20


if __name__ == "__main__":
    for name, value in ratios().items():
        print(f"{name:<18} {value:.1f}")
    print("10,000 cohorts: {:.1f} s, {:.0f} MiB".format(*ten_thousand()))
