"""The 12-month study of HELP: larstudy against the same tables by pingouin and statsmodels formulas.

Computation only: both start from data in memory and end with data frames. Neither reads, draws or writes.
The tables hold the exact interval of d_z, which neither library gives: there the analyst solves scipy's
noncentral t by root finding, as its documentation suggests.
"""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd

from tests.benchmarks.timing import Row, at_least, medians

PARTS = ("change", "models", "contrasts", "transitions", "flow")
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


def classify(frame: pd.DataFrame) -> pd.Series:
    missing = frame[["O1B", "O1C", "PSS_FR", "PSS_FA"]].isna().any(axis=1)
    isolated = (frame["PSS_FR"] <= 3) & (frame["PSS_FA"] <= 3)
    drug = (frame["O1B"] >= 3) | (frame["O1C"] >= 3)
    labels = np.select([missing, isolated, drug], ["unclassified", "isolated", "drug_dominated"], "abstinent")
    return pd.Series(labels, index=frame.index)


def exact_interval(t: float, n: int) -> tuple[float, float]:
    from scipy import optimize, stats

    def limit(p: float) -> float:
        return optimize.brentq(lambda nc: stats.nct.cdf(t, n - 1, nc) - p, t - 8, t + 8) / np.sqrt(n)

    return limit(0.975), limit(0.025)


def by_pingouin(frame: pd.DataFrame) -> dict[str, object]:
    """The same tables, as an analyst writes them with pingouin and statsmodels formulas."""
    import pingouin as pg
    import statsmodels.formula.api as smf
    from statsmodels.stats.anova import anova_lm
    from statsmodels.stats.contingency_tables import SquareTable

    data = frame.assign(net=classify(frame))
    wide = data.pivot(index="ID", columns="TIME", values=["MCS", "net"])
    table = pd.DataFrame(
        {
            "before": wide[("MCS", 0)].astype(float), "after": wide[("MCS", 12)].astype(float),
            "net0": wide[("net", 0)], "net1": wide[("net", 12)],
        }
    ).dropna(subset=["before", "after"])  # fmt: skip
    known = (table["net0"] != "unclassified") & (table["net1"] != "unclassified")
    group = table["net1"].where(table["net1"] != "abstinent", "gained_abstinent")
    group = group.mask(
        (table["net1"] == "abstinent") & (table["net0"] == "abstinent"), "maintained_abstinent"
    )
    table["group"] = group.where(known, "unclassified")

    rows = []
    for name in ("all", *GROUPS, "unclassified"):
        part = table if name == "all" else table[table["group"] == name]
        before, after = part["before"], part["after"]
        test = pg.ttest(after, before, paired=True)
        d_z = (after - before).mean() / (after - before).std()
        d_av = pg.compute_effsize(after, before, paired=True, eftype="cohen")
        g_av = pg.compute_effsize(after, before, paired=True, eftype="hedges")
        rows.append(
            {
                "group": name, "n": len(part), "before_mean": before.mean(), "before_sd": before.std(),
                "after_mean": after.mean(), "after_sd": after.std(), "estimate": (after - before).mean(),
                "sd": (after - before).std(), **test.iloc[0].to_dict(), "d_z": d_z,
                "d_z_ci": exact_interval(test["T"].iloc[0], len(part)), "d_av": d_av, "g_av": g_av,
            }
        )  # fmt: skip
    used = table[table["group"] != "unclassified"].copy()
    used["change"] = used["after"] - used["before"]
    long = used.reset_index().melt(["ID", "group"], ["before", "after"], var_name="time", value_name="qol")
    mixed = pg.mixed_anova(long, dv="qol", within="time", subject="ID", between="group")
    reference = "C(group, Treatment('drug_dominated'))"
    models, contrasts, means = {}, [], []
    for name, formula in (
        ("change_score", f"change ~ {reference}"),
        ("ancova", f"after ~ {reference} + before"),
    ):
        fit = smf.ols(formula, used).fit()
        models[name] = (anova_lm(fit, typ=2), fit.summary2().tables[1])
        at_mean = pd.DataFrame({"group": list(GROUPS), "before": used["before"].mean()})
        means.append(fit.get_prediction(at_mean).summary_frame())
        columns = fit.model.exog_names
        matrix = np.array(
            [[float(f"[T.{group}]" in c or f"[{group}]" in c) for c in columns] for group in GROUPS]
        )
        for i in range(4):
            for j in range(i + 1, 4):
                contrasts.append(fit.t_test(matrix[i] - matrix[j]).summary_frame())
    both = data.pivot(index="ID", columns="TIME", values="net")[[0, 12]].dropna()
    counts = pd.crosstab(both[0], both[12])
    three = counts.drop(index="unclassified", columns="unclassified")
    square = SquareTable(three, shift_zeros=False)
    return {
        "change": pd.DataFrame(rows), "mixed": mixed, "models": models, "contrasts": pd.concat(contrasts),
        "means": pd.concat(means), "transitions": counts,
        "homogeneity": (square.homogeneity("stuart_maxwell"), square.homogeneity("bhapkar")),
        "flow": {"persons": data["ID"].nunique(), "paired": len(table), "grouped": len(used)},
    }  # fmt: skip


def run() -> Row:
    from larstudy.loading import load_frame
    from larstudy.specs import study_from_mapping
    from larstudy.studies.help import help_frame

    frame = help_frame()
    frame = frame[frame["TIME"].isin([0, 12])].reset_index(drop=True)
    cohort = load_frame(study_from_mapping(study_spec()), frame)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        agree(by_larstudy(cohort), by_pingouin(frame))
        found = medians(
            {"larstudy": lambda: by_larstudy(cohort), "pingouin": lambda: by_pingouin(frame)},
            turns=9,
            at_least_seconds=0.2,
        )
    return at_least("analyse", found["pingouin"] / found["larstudy"], 20)


def agree(ours: dict[str, pd.DataFrame], theirs: dict[str, object]) -> None:
    """A ratio is worth something only where both compute the same."""
    change: pd.DataFrame = theirs["change"]  # type: ignore[assignment]
    np.testing.assert_allclose(ours["change"]["estimate"], change["estimate"], rtol=1e-9)
    np.testing.assert_allclose(ours["change"]["d_z"], change["d_z"], rtol=1e-9)
    limits = ours["change"][["d_z_low", "d_z_high"]].to_numpy()
    np.testing.assert_allclose(limits, np.array(change["d_z_ci"].tolist()), rtol=1e-6)
    models = ours["models"].set_index(["model", "term"])
    table = theirs["models"]["ancova"][0]  # type: ignore[index]
    np.testing.assert_allclose(models.loc[("ancova", "group"), "statistic"], table["F"].iloc[0], rtol=1e-9)
    mixed: pd.DataFrame = theirs["mixed"]  # type: ignore[assignment]
    interaction = mixed.set_index("Source").loc["Interaction", "F"]
    np.testing.assert_allclose(models.loc[("rm_glm", "time:group"), "statistic"], interaction, rtol=1e-6)
    assert theirs["flow"] == {"persons": 470, "paired": 215, "grouped": 207}
