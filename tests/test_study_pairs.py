"""Pairs of groups, planned contrasts and assumptions of a whole study, against R."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import larstudy as ls
from tests.conftest import ORACLES, STATUS, STUDY, twelve_long, twelve_wide, write_study

NUMBERS = ("estimate", "std_error", "df", "statistic", "p_value", "conf_low", "conf_high")
# what turns round with the order of a pair
TURNING = ("estimate", "statistic", "conf_low", "conf_high")


@pytest.fixture(scope="module")
def mental(help_analysis: ls.Analysis) -> ls.Comparison:
    return help_analysis.comparison("mental", "baseline", "month12")


def oracle(name: str) -> pd.DataFrame:
    return pd.read_csv(ORACLES / f"group_comparisons_{name}.csv").query("data == 'help_MCS12'")


def test_every_pair(mental: ls.Comparison) -> None:
    rows = mental.to_frame("pairs").query("group != ''")
    ours = rows.set_index(["method", "group", "reference"]).sort_index()
    theirs = oracle("pairs")
    assert len(theirs) == 3 * 6
    for row in theirs.to_dict("records"):
        key, turned = (row["test"], row["first"], row["second"]), 1.0
        if key not in ours.index:
            key, turned = (row["test"], row["second"], row["first"]), -1.0
        found = ours.loc[key]
        for name in NUMBERS:
            other = {"conf_low": "conf_high", "conf_high": "conf_low"}.get(name, name) if turned < 0 else name
            value = found[other] * (turned if name in TURNING else 1.0)
            # R's studentised range is good to 2e-9
            assert value == pytest.approx(row[name], rel=1e-8, abs=4e-9), (key, name)
        adjusted = row["p_value"] if np.isnan(row["holm"]) else row["holm"]
        assert found["p_adjusted"] == pytest.approx(adjusted, rel=1e-8, abs=4e-9)


def test_omnibus_and_planned(mental: ls.Comparison) -> None:
    ours = mental.to_frame("pairs").set_index(["method", "term"]).sort_index()
    (omnibus,) = oracle("oneway").to_dict("records")
    for name in ("statistic", "df_num", "df", "p_value"):
        assert ours.loc[("welch", "group"), name] == pytest.approx(omnibus[name], rel=1e-8)
    theirs = oracle("contrasts")
    assert len(theirs) == 9
    for row in theirs.to_dict("records"):
        found = ours.loc[(f"planned_{row['method']}", row["contrast"])]
        for name in NUMBERS:
            assert found[name] == pytest.approx(row[name], rel=1e-8), (row, name)
        assert found["p_adjusted"] == pytest.approx(row["holm"], rel=1e-8)


def scipy_shapiro(comparison: ls.Comparison):
    """Shapiro-Wilk by scipy on the residuals of statsmodels."""
    import statsmodels.api as sm
    from scipy import stats

    used = comparison.codes >= 0
    dummies = (comparison.codes[used][:, None] == np.arange(4)).astype(float)
    design = np.column_stack([dummies, comparison.change.before[used]])
    return stats.shapiro(sm.OLS(comparison.change.after[used], design).fit().resid)


def test_assumptions(mental: ls.Comparison) -> None:
    ours = mental.to_frame("assumptions").set_index("check")
    (theirs,) = oracle("assumptions").to_dict("records")
    assert ours.loc["equal_spread", "statistic"] == pytest.approx(theirs["median_f"], rel=1e-8)
    assert ours.loc["equal_spread", "p_value"] == pytest.approx(theirs["median_p"], rel=1e-8)
    assert ours.loc["equal_slopes", "statistic"] == pytest.approx(theirs["slopes_f"], rel=1e-8)
    assert ours.loc["equal_slopes", "df"] == theirs["slopes_df"]
    shapiro = scipy_shapiro(mental)
    assert ours.loc["residuals_shapiro", "statistic"] == pytest.approx(shapiro.statistic, rel=1e-8)
    assert ours.loc["residuals_shapiro", "p_value"] == pytest.approx(shapiro.pvalue, rel=1e-6)
    assert (ours["informs_about"] != "").all()


def test_shown(mental: ls.Comparison) -> None:
    shown = mental.table("pairs").to_markdown()
    assert "Games-Howell" in shown
    assert "Gained and maintained abstinent network − the others" in shown
    assert "Holm" in shown
    assert "Equal slopes on the first wave" in mental.table("assumptions").to_markdown()


def test_small_groups_have_reasons(tmp_path: Path) -> None:
    """One person in a group, and strata of one: NaN and why, in every row."""
    analysis = ls.analyse(ls.load(write_study(tmp_path, twelve_long(), STUDY + STATUS)))
    rows = analysis.to_frame("pairs")
    alone = rows.query("stratum == 'all' and group == 'maintained_abstinent' and method == 'games_howell'")
    assert alone["p_value"].isna().all()
    assert (alone["reason"] != "").all()
    nothing = rows[rows["p_value"].isna()]
    assert (nothing["reason"] != "").all()
    checks = analysis.to_frame("assumptions")
    assert (checks.query("check == 'equal_slopes' and p_value != p_value")["reason"] != "").all()
    assert ls.reconcile(analysis).ok


def test_groups_of_the_file_have_no_planned_contrasts() -> None:
    cohort = ls.load(
        twelve_wide().assign(g=["a", "b"] * 6),
        person="id",
        waves=["0", "1"],
        outcomes={"qol": {"0": "qol_0", "1": "qol_1"}},
        group="g",
    )
    comparison = ls.analyse(cohort).comparisons[0]
    rows = comparison.to_frame("pairs")
    assert set(rows["method"]) == {"welch", "games_howell", "tukey", "permutation"}
    # two groups: Tukey's test is the pooled t test, as the change score has it
    tukey = rows.set_index("method").loc["tukey", "p_value"]
    pooled = (
        comparison.to_frame("models").set_index(["model", "term"]).loc[("change_score", "group"), "p_value"]
    )
    assert tukey == pytest.approx(pooled, rel=1e-7)
    one = ls.compare_groups(comparison.change, pd.Series("x", index=range(1, 13)))
    assert one.to_frame("pairs").empty
    assert len(one.to_frame("assumptions")) == 5
    nobody = ls.compare_groups(comparison.change, pd.Series(["x"], index=[99]))
    assert nobody.to_frame("assumptions").empty


def test_a_perfect_fit_leaves_nothing_to_check() -> None:
    """Everybody changes by 3.3: what floating point leaves of that is no shape."""
    before = [41.37, 52.18, 60.03, 38.91, 47.26, 55.59, 49.83, 36.64, 44.02, 58.77]
    frame = pd.DataFrame({"b": before, "f": [x + 3.3 for x in before], "g": ["A"] * 5 + ["B"] * 5})
    cohort = ls.load(frame, waves=["0", "1"], outcomes={"y": {"0": "b", "1": "f"}}, group="g")
    rows = ls.analyse(cohort).to_frame("assumptions")
    assert rows[["statistic", "p_value"]].isna().all(axis=None)
    assert (rows["reason"] != "").all()
