"""The whole analysis of 338 persons in four groups: larstudy's functions on arrays against pingouin and statsmodels.

Paired change of everybody and of each group, Welch's one-way test of the changes, Games-Howell, the analysis of covariance
with its coefficients, the repeated-measures general linear model and the mixed model (group by time, a random intercept for
each person). Ours is timed as an analyst in a hurry would call it, one function of `larstudy.stats` after the other on arrays
at hand; theirs as their documentation shows, from data frames at hand, long and wide. Neither reads, classifies or draws.
Ours gives more than theirs (intervals of every pair, tests of time by persons and by groups, degrees of freedom of the mixed
model); before anything is timed all that theirs gives is compared.

`python -m tests.benchmarks.whole_analysis` prints what each part costs, and `larstudy.compare_groups` beside them, which makes
tables with reasons and counts of all this and more.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
import pandas as pd

from tests.benchmarks.timing import Row, at_least, medians

GROUPS = ("drug_dominated", "gained_abstinent", "isolated", "maintained_abstinent")
K, REFERENCE = len(GROUPS), 0
Numbers = dict[str, np.ndarray]


def cohort() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Baseline, follow-up and group of made-up persons; the variance of the two waves is nearly the same."""
    rng = np.random.default_rng(338)
    group = rng.choice(K, 338, p=[0.40, 0.20, 0.15, 0.25])
    before = rng.normal(40.0, 10.0, size=338)
    gain = np.array([2.0, 8.0, 0.0, 5.0])[group]
    return before, 16.0 + gain + 0.6 * before + rng.normal(0.0, 8.0, size=338), group


def frames() -> tuple[pd.DataFrame, pd.DataFrame]:
    """The same persons one a row, and one row a wave."""
    before, after, group = cohort()
    wide = pd.DataFrame({"before": before, "after": after, "group": np.array(GROUPS)[group]})
    wide["person"], wide["change"] = np.arange(len(wide)), after - before
    long = wide.melt(["person", "group"], ["before", "after"], var_name="wave", value_name="qol")
    return wide, long


def ours(before: np.ndarray, after: np.ndarray, group: np.ndarray) -> dict[str, Callable[[], object]]:
    from larstudy.stats.groups import group_model, two_wave_glm
    from larstudy.stats.paired import paired_change
    from larstudy.stats.pairwise import games_howell
    from larstudy.stats.two_waves import fit_two_waves
    from larstudy.stats.welch import welch_one_way

    def paired() -> list[object]:
        parts = [(before, after), *((before[group == g], after[group == g]) for g in range(K))]
        return [paired_change(*part) for part in parts]

    return {
        "paired": paired,
        "welch": lambda: welch_one_way(after - before, group, K),
        "games_howell": lambda: games_howell(after - before, group, K),
        "ancova": lambda: group_model(after, group, K, reference=REFERENCE, covariates=before[:, None]),
        "rm_glm": lambda: two_wave_glm(before, after, group, K),
        "mixed": lambda: fit_two_waves(before, after, group, K, reference=REFERENCE),
    }


def theirs(wide: pd.DataFrame, long: pd.DataFrame) -> dict[str, Callable[[], object]]:
    import pingouin as pg
    import statsmodels.formula.api as smf
    from statsmodels.stats.anova import anova_lm

    def paired() -> list[pd.DataFrame]:
        parts = [wide, *(wide[wide["group"] == name] for name in GROUPS)]
        return [pg.ttest(part["after"], part["before"], paired=True) for part in parts]

    def ancova() -> tuple[pd.DataFrame, object]:
        fit = smf.ols("after ~ C(group) + before", wide).fit()
        return anova_lm(fit, typ=2), fit

    by_group_and_wave = "qol ~ C(group) * C(wave, Treatment('before'))"
    return {
        "paired": paired,
        "welch": lambda: pg.welch_anova(wide, dv="change", between="group"),
        "games_howell": lambda: pg.pairwise_gameshowell(wide, dv="change", between="group"),
        "ancova": ancova,
        "rm_glm": lambda: pg.mixed_anova(long, dv="qol", within="wave", subject="person", between="group"),
        "mixed": lambda: smf.mixedlm(by_group_and_wave, long, groups="person").fit(reml=True),
    }


def whole(parts: dict[str, Callable[[], object]]) -> dict[str, object]:
    return {name: part() for name, part in parts.items()}


def p_column(frame: pd.DataFrame) -> str:
    """Pingouin renamed its p-values."""
    return next(name for name in ("p_unc", "p-unc", "p_val", "p-val", "pval") if name in frame)


def agree(own: dict[str, object], other: dict[str, object]) -> None:
    """A ratio is worth something only where both compute the same."""

    def same(ours: object, theirs: object, rtol: float = 1e-8) -> None:
        np.testing.assert_allclose(np.asarray(ours, float), np.asarray(theirs, float), rtol=rtol, atol=1e-12)

    for mine, table in zip(own["paired"], other["paired"], strict=True):
        row = table.iloc[0]
        same([mine.statistic, mine.df, mine.p_value], [row["T"], row["dof"], row[p_column(table)]])
    row = other["welch"].iloc[0]
    test = own["welch"]
    # pingouin gives the degrees of freedom and p of its Welch test as they are
    same([test.statistic, test.df_num, test.df], [row["F"], row["ddof1"], row["ddof2"]])
    same(test.p_value, row[p_column(other["welch"])])
    pairs, table = own["games_howell"], other["games_howell"]
    assert [(GROUPS[i], GROUPS[j]) for i, j in pairs.pairs] == list(zip(table["A"], table["B"], strict=True))
    same(np.column_stack([pairs.estimate, pairs.statistic, pairs.df]), table[["diff", "T", "df"]])
    # scipy's range, which pingouin takes, is good to some six digits
    same(pairs.p_value, table[p_column(table)], rtol=1e-5)
    (table, fit), model = other["ancova"], own["ancova"]
    same([model.group.statistic, model.group.p_value], table.loc["C(group)", ["F", "PR(>F)"]])
    same(model.coefficients.estimate, fit.params)
    same(model.coefficients.std_error, fit.bse)
    same(model.coefficients.p_value, fit.pvalues)
    same(np.column_stack([model.coefficients.conf_low, model.coefficients.conf_high]), fit.conf_int())
    table, glm = other["rm_glm"].set_index("Source"), own["rm_glm"]
    for source, test in (
        ("group", glm.group),
        ("wave", glm.time_weighted),
        ("Interaction", glm.time_by_group),
    ):
        row = table.loc[source]
        same([test.statistic, test.df_num, test.df], row[["F", "DF1", "DF2"]])
        same([test.p_value, test.partial_eta_squared], [row[p_column(table)], row["np2"]])
    fit, mixed = other["mixed"], own["mixed"]
    # a search ends near the top
    same(mixed.estimate, fit.fe_params, rtol=1e-6)
    same(mixed.std_error, fit.bse_fe, rtol=1e-4)
    same(mixed.person_variance, fit.cov_re.iloc[0, 0], rtol=1e-3)


def measured(*, turns: int = 9) -> tuple[dict[str, float], dict[str, float]]:
    """Return the median seconds of the whole and of each part, ours and theirs, compared before."""
    own, other = ours(*cohort()), theirs(*frames())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        agree(whole(own), whole(other))
        found = medians(
            {"ours": lambda: whole(own), "theirs": lambda: whole(other)}, turns=turns, at_least_seconds=0.2
        )
    return found["ours"], found["theirs"]


def run() -> Row:
    mine, other = measured()
    return at_least("whole", other / mine, 100)


def compared() -> Callable[[], object]:
    """Return `compare_groups` with its tables of changes, models, contrasts and pairs, from a cohort at hand."""
    import larstudy as ls

    loaded = ls.load(
        frames()[0],
        waves=["first", "last"],
        outcomes={"qol": {"first": "before", "last": "after"}},
        group="group",
    )
    change, groups = ls.change(ls.outcome(loaded, "qol"), "first", "last"), ls.fixed_groups(loaded)

    def work() -> object:
        result = ls.compare_groups(change, groups)
        return [result.to_frame(part) for part in ("change", "models", "contrasts", "pairs")]

    return work


def main() -> None:
    own, other = ours(*cohort()), theirs(*frames())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in own:
            found = medians({"ours": own[name], "theirs": other[name]}, turns=3, at_least_seconds=0.1)
            print(f"{name:<14} {1e3 * found['ours']:8.3f} ms {1e3 * found['theirs']:8.1f} ms")
        found = medians({"ours": compared(), "theirs": lambda: whole(other)}, turns=3, at_least_seconds=0.1)
    print(
        f"{'compare_groups':<14} {1e3 * found['ours']:8.3f} ms {1e3 * found['theirs']:8.1f} ms (theirs: all of it)"
    )
    print(run())


if __name__ == "__main__":
    main()
