"""The 12-month study of HELP: larstudy against the same tables by pingouin and statsmodels formulas.

Computation only: both start from checked data in memory, one line a person and the waves beside each other,
and end with data frames. Neither reads, checks, draws or writes.
The tables hold the exact interval of d_z, which neither library gives: there the analyst solves scipy's
noncentral t by root finding, as its documentation suggests. Before anything is timed both are compared,
number by number.
"""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd

from tests.benchmarks.timing import Row, at_least, medians

PARTS = ("change", "models", "contrasts", "transitions", "flow")
INPUTS = ["O1B", "O1C", "PSS_FR", "PSS_FA"]
GROUPS = ("maintained_abstinent", "gained_abstinent", "drug_dominated", "isolated")


def study_spec() -> dict[str, object]:
    """The study file of the README."""
    return {
        "data": {
            "file": "help.csv", "layout": "long", "person": "ID", "wave": "TIME",
            "waves": {"baseline": 0, "month12": 12},
        },
        "outcomes": {"mental": {"column": "MCS", "higher_is": "better"}},
        "network": {"rule": "help"},
    }  # fmt: skip


def by_larstudy(cohort: object) -> dict[str, pd.DataFrame]:
    from larstudy.analysis import analyse

    analysis = analyse(cohort)  # type: ignore[arg-type]
    return {part: analysis.to_frame(part) for part in PARTS}  # type: ignore[arg-type]


def side_by_side(frame: pd.DataFrame) -> pd.DataFrame:
    """One line a person, the waves beside each other: what a cohort is, for those who work without one."""
    return frame.pivot(index="ID", columns="TIME", values=["MCS", *INPUTS])


def classify(frame: pd.DataFrame) -> pd.Series:
    missing = frame[INPUTS].isna().any(axis=1)
    isolated = (frame["PSS_FR"] <= 3) & (frame["PSS_FA"] <= 3)
    drug = (frame["O1B"] >= 3) | (frame["O1C"] >= 3)
    labels = np.select([missing, isolated, drug], ["unclassified", "isolated", "drug_dominated"], "abstinent")
    return pd.Series(labels, index=frame.index)


def change_groups(net0: pd.Series, net1: pd.Series) -> pd.Series:
    group = net1.where(net1 != "abstinent", "gained_abstinent")
    group = group.mask((net1 == "abstinent") & (net0 == "abstinent"), "maintained_abstinent")
    return group.where((net0 != "unclassified") & (net1 != "unclassified"), "unclassified")


def exact_interval(t: float, n: int) -> np.ndarray:
    from scipy import optimize, stats

    def limit(p: float) -> float:
        return optimize.brentq(lambda nc: stats.nct.cdf(t, n - 1, nc) - p, t - 8, t + 8) / np.sqrt(n)

    return np.array([limit(0.975), limit(0.025)])


def hedges(df: int) -> float:
    from scipy import special

    return float(np.exp(special.gammaln(df / 2) - special.gammaln((df - 1) / 2)) / np.sqrt(df / 2))


def change_table(table: pd.DataFrame) -> pd.DataFrame:
    import pingouin as pg
    from scipy import stats

    rows = []
    for name in ("all", *GROUPS, "unclassified"):
        everybody = table if name == "all" else table[table["group"] == name]
        part = everybody.dropna(subset=["before", "after"])
        before, after, n = part["before"], part["after"], len(part)
        test = pg.ttest(after, before, paired=True).iloc[0]
        mean, sd, error = (after - before).mean(), (after - before).std(), (after - before).sem()
        # pingouin rounds its interval
        low, high = stats.t.interval(0.95, n - 1, mean, error)
        d_z, d_av = mean / sd, mean / ((before.std() + after.std()) / 2)
        limits = exact_interval(test["T"], n)
        to_av, small = d_av / d_z, hedges(n - 1)
        rows.append(
            {
                "group": name, "n": n, "n_excluded": len(everybody) - n,
                "before_mean": before.mean(), "before_sd": before.std(), "after_mean": after.mean(),
                "after_sd": after.std(), "estimate": mean, "sd": sd, "std_error": error, "conf_low": low,
                "conf_high": high, "statistic": test["T"], "df": test["dof"],
                "p_value": test["p_val" if "p_val" in test.index else "p-val"],
                "correlation": before.corr(after), "d_z": d_z, "d_z_low": limits[0], "d_z_high": limits[1],
                "d_av": d_av, "d_av_low": limits[0] * to_av, "d_av_high": limits[1] * to_av,
                "g_av": d_av * small, "g_av_low": limits[0] * to_av * small,
                "g_av_high": limits[1] * to_av * small,
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def repeated_measures(used: pd.DataFrame) -> list[dict[str, object]]:
    import pingouin as pg
    import statsmodels.formula.api as smf

    long = used.reset_index().melt(["ID", "group"], ["before", "after"], var_name="time", value_name="qol")
    mixed = pg.mixed_anova(long, dv="qol", within="time", subject="ID", between="group").set_index("Source")
    equal = smf.ols("change ~ C(group, Sum)", used).fit().f_test("Intercept = 0")
    rows = [
        {
            "term": "time",
            "statistic": float(equal.fvalue),
            "df_num": 1,
            "df": equal.df_denom,
            "p_value": float(equal.pvalue),
        }
    ]
    for source, term in (("time", "time_weighted"), ("group", "group"), ("Interaction", "time:group")):
        row = mixed.loc[source]
        rows.append(
            {
                "term": term, "statistic": row["F"], "df_num": row["DF1"], "df": row["DF2"],
                "p_value": row["p_unc" if "p_unc" in row.index else "p-unc"], "partial_eta_squared": row["np2"],
            }
        )  # fmt: skip
    return [{"model": "rm_glm", **row} for row in rows]


def group_comparison(
    name: str, formula: str, used: pd.DataFrame
) -> tuple[list[dict[str, object]], pd.DataFrame]:
    """The omnibus test, coefficients and adjusted means of a model, and every pair of groups."""
    import statsmodels.formula.api as smf
    from statsmodels.stats.anova import anova_lm

    fit = smf.ols(formula, used).fit()
    omnibus = anova_lm(fit, typ=2).iloc[0]
    rows: list[dict[str, object]] = [
        {
            "term": "group",
            "statistic": omnibus["F"],
            "df_num": omnibus["df"],
            "df": fit.df_resid,
            "p_value": omnibus["PR(>F)"],
        }
    ]
    columns = ["estimate", "std_error", "statistic", "p_value", "conf_low", "conf_high"]
    for term, values in fit.summary2().tables[1].iterrows():
        found = "".join(f"group[{g}]" for g in GROUPS if f"[T.{g}]" in term)
        label = found or {"Intercept": "intercept", "before": "baseline"}[term]
        rows.append({"term": label, **dict(zip(columns, values, strict=True))})
    at_mean = pd.DataFrame({"group": list(GROUPS), "before": used["before"].mean()})
    for group, (_, values) in zip(
        GROUPS, fit.get_prediction(at_mean).summary_frame().iterrows(), strict=True
    ):
        rows.append(
            {
                "term": f"adjusted_mean[{group}]", "estimate": values["mean"], "std_error": values["mean_se"],
                "conf_low": values["mean_ci_lower"], "conf_high": values["mean_ci_upper"],
            }
        )  # fmt: skip
    names = fit.model.exog_names
    matrix = np.array([[float(f"[T.{group}]" in c) for c in names] for group in GROUPS])
    pairs = [(i, j) for i in range(4) for j in range(i + 1, 4)]
    contrasts = fit.t_test(np.array([matrix[i] - matrix[j] for i, j in pairs])).summary_frame()
    contrasts.columns = ["estimate", "std_error", "statistic", "p_value", "conf_low", "conf_high"]
    contrasts["term"] = [f"{GROUPS[i]} - {GROUPS[j]}" for i, j in pairs]
    return [{"model": name, **row} for row in rows], contrasts.assign(model=name)


def by_pingouin(wide: pd.DataFrame, seen: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The same tables, as an analyst writes them with pingouin and statsmodels formulas."""
    from statsmodels.stats.contingency_tables import SquareTable

    net0, net1 = (classify(wide.xs(wave, axis=1, level=1)) for wave in (0, 12))
    table = pd.DataFrame(
        {"before": wide[("MCS", 0)], "after": wide[("MCS", 12)], "group": change_groups(net0, net1)}
    )
    paired = table.dropna(subset=["before", "after"])
    used = paired[paired["group"] != "unclassified"].copy()
    used["change"] = used["after"] - used["before"]
    models, contrasts = repeated_measures(used), []
    reference = "C(group, Treatment('drug_dominated'))"
    for name, formula in (
        ("change_score", f"change ~ {reference}"),
        ("ancova", f"after ~ {reference} + before"),
    ):
        rows, pairs = group_comparison(name, formula, used)
        models += rows
        contrasts.append(pairs)
    both = seen.all(axis=1)
    counts = pd.crosstab(net0[both], net1[both])
    square = SquareTable(counts.drop(index="unclassified", columns="unclassified"), shift_zeros=False)
    for term in ("stuart_maxwell", "bhapkar"):
        test = square.homogeneity(term)
        models.append(
            {
                "model": "marginal_homogeneity",
                "term": term,
                "statistic": test.statistic,
                "p_value": test.pvalue,
            }
        )
    cells = counts.stack().rename_axis(["from_category", "to_category"]).rename("n").reset_index()
    flow = [
        ("entered", "", len(wide)), ("paired", "no answers at month12", int((~seen[12]).sum())),
        ("paired", "mental missing", int((both & table[["before", "after"]].isna().any(axis=1)).sum())),
        ("paired", "", len(paired)), ("grouped", "network unclassified", len(paired) - len(used)),
        ("grouped", "", len(used)),
    ]  # fmt: skip
    return {
        "change": change_table(table),
        "models": pd.DataFrame(models),
        "contrasts": pd.concat(contrasts, ignore_index=True),
        "transitions": cells,
        "flow": pd.DataFrame(flow, columns=["step", "reason", "n"]),
    }


def run() -> Row:
    from larstudy.loading import load_frame
    from larstudy.specs import study_from_mapping
    from larstudy.studies.help import help_frame

    frame = help_frame()
    frame = frame[frame["TIME"].isin([0, 12])].reset_index(drop=True)
    cohort = load_frame(study_from_mapping(study_spec()), frame)
    wide = side_by_side(frame)
    seen = frame.assign(here=True).pivot(index="ID", columns="TIME", values="here").notna()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        agree(by_larstudy(cohort), by_pingouin(wide, seen))
        found = medians(
            {"larstudy": lambda: by_larstudy(cohort), "pingouin": lambda: by_pingouin(wide, seen)},
            turns=9,
            at_least_seconds=0.2,
        )
    return at_least("analyse", found["pingouin"] / found["larstudy"], 20)


def agree(ours: dict[str, pd.DataFrame], theirs: dict[str, pd.DataFrame]) -> None:
    """A ratio is worth something only where both compute the same."""
    for part, keys in (
        ("change", ["group"]),
        ("models", ["model", "term"]),
        ("contrasts", ["model", "term"]),
    ):
        both = theirs[part].merge(ours[part], on=keys, how="left", suffixes=("_theirs", ""), validate="1:1")
        columns = [c for c in both if c.endswith("_theirs")]
        assert len(columns) > 5, part
        if part == "contrasts":
            # a pair may be named the other way round
            both = both[both["estimate"].notna()]
            assert len(both) >= 6
        for column in columns:
            known = both[both[column].notna()]
            np.testing.assert_allclose(
                known[column.removesuffix("_theirs")].astype(float), known[column].astype(float),
                rtol=1e-6, atol=1e-9, err_msg=f"{part} {column}",
            )  # fmt: skip
    cells = theirs["transitions"].merge(ours["transitions"], on=["from_category", "to_category"])
    assert (cells["n_x"] == cells["n_y"]).all()
    entered = ours["flow"].query("reason == ''")["n"].tolist()
    assert entered == theirs["flow"].query("reason == ''")["n"].tolist() == [470, 215, 207]
