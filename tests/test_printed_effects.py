"""Effect sizes from what an article prints, against R on the same numbers; and numbers that cannot be."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import larstudy as ls
from larstudy.names import SUMMARY_EFFECT_COLUMNS
from larstudy.stats.printed_change import NO_MEAN, NO_SDS, Printed, printed_change
from tests.conftest import ORACLES

EFFECTS = ["d_z", "g_z", "d_av", "g_av", "d_rm", "g_rm", "d_b", "g_b"]


def by_effect(found: ls.SummaryEffects) -> pd.DataFrame:
    return found.to_frame().set_index("effect")


def waves(row: pd.Series) -> dict[str, tuple[float, float]]:
    return {"before": (10.0, row["sd_before"]), "after": (10.0 + row["mean"], row["sd_after"])}


@pytest.mark.parametrize("printed", ["sd", "std_error", "interval", "t", "f", "p", "correlation"])
def test_one_group_against_r(printed: str) -> None:
    """However the SD of change is printed, the effect sizes are those of metafor and root finding."""
    rows = pd.read_csv(ORACLES / "effects_paired.csv")
    assert len(rows) >= 10
    for _, row in rows.iterrows():
        n, error = int(row["n"]), row["sd"] / np.sqrt(row["n"])
        from scipy import stats

        t = row["mean"] / error if row["mean"] else np.nan
        half = stats.t.ppf(0.975, n - 1) * error
        given_as = {
            "sd": {"sd_change": row["sd"]},
            "std_error": {"std_error": error},
            "interval": {"interval": (row["mean"] - half, row["mean"] + half)},
            "t": {"t": t},
            "f": {"f": t**2},
            "p": {"p_value": 2 * stats.t.sf(abs(t), n - 1)},
            "correlation": {"correlation": row["correlation"]},
        }[printed]
        if row["mean"] == 0 and printed in ("t", "f", "p"):
            continue
        found = by_effect(ls.effects_from_summary(n, **waves(row), **given_as))
        assert found.index.tolist() == EFFECTS
        for effect in EFFECTS:
            ours = found.loc[effect]
            for column, end in (("estimate", ""), ("conf_low", "_low"), ("conf_high", "_high")):
                wanted = row[f"{effect}{end}"]
                assert ours[column] == pytest.approx(wanted, rel=1e-7, abs=1e-8), (row["dataset"], effect)
            assert ours["estimate_low"] == ours["estimate_high"] == ours["estimate"]
            assert ours["reason"] == ""


def test_two_groups_against_r() -> None:
    for _, row in pd.read_csv(ORACLES / "effects_change.csv").iterrows():
        first, second = (
            ls.effects_from_summary(
                int(row[f"n_{which}"]), mean_change=row[f"{which}_mean"], sd_change=row[f"{which}_sd"]
            )
            for which in ("first", "second")
        )
        both = by_effect(
            ls.effects_from_summary(
                int(row["n_first"]), mean_change=row["first_mean"], sd_change=row["first_sd"], against=second
            )
        )
        for name in ("d_change", "g_change"):
            for column, end in (("estimate", ""), ("conf_low", "_low"), ("conf_high", "_high")):
                assert both.loc[name, column] == pytest.approx(row[f"{name}{end}"], rel=1e-7, abs=1e-8)
        assert both.loc["d_ppc2", "reason"] == "a mean or a standard deviation is missing"
        assert "d_change" not in by_effect(first).index


def test_ppc2_against_r() -> None:
    """Morris' own studies: means, SDs before, one correlation; the SDs after are those before."""
    rows = pd.read_csv(ORACLES / "effects_ppc2.csv")
    morris = rows[rows["dataset"].str.startswith("morris")]
    assert len(morris) == 5
    for _, row in morris.iterrows():
        options = {"correlation": row["correlation"]}
        sides = [
            {
                "before": (row[f"{which}_before"], row[f"{which}_sd"]),
                "after": (row[f"{which}_after"], row[f"{which}_sd"]),
                **options,
            }
            for which in ("first", "second")
        ]
        control = ls.effects_from_summary(int(row["n_second"]), **sides[1])
        found = by_effect(ls.effects_from_summary(int(row["n_first"]), **sides[0], against=control))
        for column, end in (("estimate", ""), ("conf_low", "_low"), ("conf_high", "_high")):
            assert found.loc["d_ppc2", column] == pytest.approx(row[f"d_ppc2{end}"], rel=1e-9)


class TestRanges:
    def test_bounds_hold_whatever_the_correlation(self) -> None:
        control = {"before": (20.0, 5.0), "after": (21.0, 6.0)}
        treated = {"before": (20.0, 4.0), "after": (24.0, 5.0)}
        limits = (0.2, 0.8)
        other = ls.effects_from_summary(40, **control, correlation=limits)
        spread = by_effect(ls.effects_from_summary(30, **treated, correlation=limits, against=other))
        assert spread.loc["d_z", "estimate"] != spread.loc["d_z", "estimate"]
        for one in np.linspace(*limits, 7):
            for two in np.linspace(*limits, 7):
                there = ls.effects_from_summary(40, **control, correlation=two)
                found = by_effect(
                    ls.effects_from_summary(30, **treated, correlation=float(one), against=there)
                )
                for effect in found.index:
                    ours, bounds = found.loc[effect], spread.loc[effect]
                    close = 1e-9
                    assert bounds["estimate_low"] - close <= ours["estimate"], effect
                    assert ours["estimate"] <= bounds["estimate_high"] + close, effect
                    assert bounds["conf_low"] - close <= ours["conf_low"], effect
                    assert ours["conf_high"] <= bounds["conf_high"] + close, effect

    def test_nothing_tells_the_correlation(self) -> None:
        found = ls.effects_from_summary(25, before=(10.0, 4.0), after=(12.0, 4.0))
        rows = by_effect(found)
        # with equal SDs and a correlation of one the SD of change is none
        assert rows.loc["d_z", "reason"].startswith("the correlation between the waves may be one")
        assert np.isnan(rows.loc["d_rm", "conf_low"])
        # these ask for no correlation: 2 over 4; their intervals are widest at -1, where the SD of change is 8
        assert rows.loc[["d_av", "d_b"], "estimate"].tolist() == [0.5, 0.5]
        # Bonett's variance (8^2 / 4^2 + 0.5^2 / 2) / 24
        margin = 1.959963984540054 * np.sqrt((4 + 0.125) / 24)
        assert rows.loc["d_b", "conf_high"] == pytest.approx(0.5 + margin)
        assert rows.loc["d_av", "reason"] == ""
        assert (found.change.correlation_low, found.change.correlation_high) == (-1.0, 1.0)
        assert "the correlation can be anything from -1 to 1" in found.table().to_markdown()

    def test_unequal_sds_have_bounds(self) -> None:
        rows = by_effect(ls.effects_from_summary(25, before=(10.0, 3.0), after=(12.0, 5.0)))
        # SD of change from 2 (correlation 1) to 8 (correlation -1)
        assert rows.loc["d_z", ["estimate_low", "estimate_high"]].tolist() == [0.25, 1.0]


class TestWhatIsPrinted:
    def test_the_first_is_used_and_the_others_are_held_against_it(self) -> None:
        found = printed_change(Printed(n=25, before=(10.0, 4.0), after=(12.0, 4.0), std_error=0.8, t=1.0))
        assert found.source == "standard error"
        assert found.sd_low == 4.0
        assert found.notes == ("The SD of change is 4 by the standard error and 10 by the t.",)
        agreed = printed_change(Printed(n=25, before=(10.0, 4.0), after=(12.0, 4.0), std_error=0.8, t=2.5))
        assert agreed.notes == ()

    def test_what_tells_nothing_is_passed_over(self) -> None:
        found = printed_change(
            Printed(n=25, before=(10.0, 4.0), after=(10.0, 4.0), t=0.0, correlation=(0.5, 0.5))
        )
        assert found.source == ""
        assert found.sd_low == 4.0
        assert "The t tells nothing of the SD of change: the mean change is zero" in found.notes[0]

    def test_medians(self) -> None:
        """The quartiles of Wan et al. with n = 101: a mean of 10 and an SD of 4.5126."""
        found = ls.effects_from_summary(
            101, before_quartiles=(7.0, 10.0, 13.0), after=(12.0, 4.5), correlation=0.5
        )
        assert found.change.mean == 2.0
        assert found.change.sd_before == pytest.approx(4.5126, abs=5e-5)
        assert "Taken for granted: values are roughly normal." in found.notes
        bad = ls.effects_from_summary(101, before_quartiles=(7.0, 6.0, 13.0), after=(12.0, 4.5))
        assert bad.notes[0] == "The quartiles tell nothing: the median is not between the quartiles."
        assert by_effect(bad)["reason"].tolist() == [NO_MEAN] * 8

    def test_mean_change_as_given(self) -> None:
        found = ls.effects_from_summary(
            25, before=(10.0, 4.0), after=(12.0, 4.0), mean_change=2.4, sd_change=4.0
        )
        assert by_effect(found).loc["d_z", "estimate"] == pytest.approx(0.6)
        assert "The mean change is taken as given, 2.4; the means at the waves differ by 2." in found.notes

    def test_change_alone(self) -> None:
        """Without the SDs at the waves there is d_z, and nothing that divides by them."""
        found = by_effect(ls.effects_from_summary(25, mean_change=2.0, t=2.5))
        assert found.loc["d_z", "estimate"] == pytest.approx(0.5)
        full = by_effect(ls.effects_from_summary(25, before=(0.0, 4.0), after=(2.0, 4.0), t=2.5))
        for effect in ("d_z", "g_z"):
            for column in ("conf_low", "conf_high"):
                assert found.loc[effect, column] == pytest.approx(full.loc[effect, column], rel=1e-12)
        assert set(found["reason"]) == {"", NO_SDS}


class TestWhatCannotBe:
    @pytest.mark.parametrize(
        ("options", "reason"),
        [
            ({"n": 25}, NO_MEAN),
            ({"n": 25, "mean_change": 2.0}, f"nothing that is printed tells the SD of change, and {NO_SDS}"),
            ({"n": 1, "mean_change": 2.0, "sd_change": 1.0}, "n is 1: no spread with fewer than two persons"),
            ({"n": 9, "mean_change": 2.0, "sd_change": -1.0}, "the SD of change is -1: it must be above zero"),
            (
                {"n": 9, "before": (1.0, 2.0), "after": (2.0, 2.0), "sd_change": 9.0},
                "the SDs cannot belong together: the correlation would be -9.12",
            ),
            (
                {"n": 9, "before": (1.0, 2.0), "after": (2.0, 2.0), "correlation": (0.9, 0.1)},
                "the correlations are the wrong way round",
            ),
            (
                {"n": 9, "before": (1.0, 2.0), "after": (2.0, 2.0), "correlation": 1.4},
                "the correlation is 1.4: it must be from -1 to 1",
            ),
            (
                {"n": 1, "before": (1.0, 2.0), "after": (2.0, 2.0), "correlation": 0.5},
                "n is 1: no spread with fewer than two persons",
            ),
        ],
    )  # fmt: skip
    def test_reason(self, options: dict[str, object], reason: str) -> None:
        found = ls.effects_from_summary(options.pop("n"), **options)  # type: ignore[arg-type]
        rows = found.to_frame()
        assert rows[["estimate", "conf_low", "conf_high"]].isna().all(axis=None)
        assert rows.loc[0, "reason"] == reason
        assert (rows["reason"] != "").all()
        assert f"d_z: none, {reason}." in found.summary()
        found.plot()

    def test_two_persons(self) -> None:
        rows = by_effect(ls.effects_from_summary(2, mean_change=2.0, sd_change=1.0))
        assert rows.loc["d_z", "estimate"] == 2.0
        assert rows.loc["g_z", "reason"] == "two persons: too few for the corrected forms"

    def test_wrong_shapes(self) -> None:
        with pytest.raises(ls.LarstudyError, match="before should hold 2 numbers; it holds 3"):
            ls.effects_from_summary(9, before=(1.0, 2.0, 3.0))  # type: ignore[arg-type]
        with pytest.raises(ls.LarstudyError, match="correlation should hold 2 numbers; it holds 1"):
            ls.effects_from_summary(9, correlation=(0.5,))  # type: ignore[arg-type]
        with pytest.raises(ls.LarstudyError, match="level should lie between 0 and 1"):
            ls.effects_from_summary(9, level=95)
        with pytest.raises(ls.LarstudyError, match="effects_from_summary"):
            ls.effects_from_summary(9, against={})  # type: ignore[arg-type]

    def test_against_a_group_that_has_none(self) -> None:
        nothing = ls.effects_from_summary(9)
        found = by_effect(
            ls.effects_from_summary(9, before=(1.0, 2.0), after=(2.0, 2.0), correlation=0.5, against=nothing)
        )
        assert found.loc["d_change", "reason"] == NO_MEAN
        assert found.loc["d_z", "reason"] == ""


class TestShown:
    found = ls.effects_from_summary(
        25, before=(10.0, 4.0), after=(12.0, 4.0), correlation=(0.5, 0.875), label="Quality of life"
    )

    def test_summary(self) -> None:
        lines = self.found.summary().splitlines()
        assert lines[0] == (
            "Quality of life, n = 25: mean change 2.00; the correlation between the waves lies between 0.50"
            " and 0.88."
        )
        assert lines[1].startswith("d_z 0.50 to 1.00, 95% interval ")
        assert lines[3].startswith("d_av 0.50, 95% interval ")
        one = ls.effects_from_summary(25, mean_change=2.0, sd_change=4.0)
        assert "the correlation between the waves is not known" in one.summary()
        solved = ls.effects_from_summary(25, before=(10.0, 4.0), after=(12.0, 4.0), sd_change=4.0)
        assert "the correlation between the waves is 0.50." in solved.summary()
        assert "The SD of change is from the SD of change." not in solved.notes

    def test_frame_and_table(self) -> None:
        assert tuple(self.found.to_frame().columns) == SUMMARY_EFFECT_COLUMNS
        shown = self.found.table().to_markdown()
        assert "Quality of life: effect sizes" in shown
        assert "Printed numbers are rounded" in shown

    def test_figure(self) -> None:
        ax = self.found.plot().axes
        assert [tick.get_text() for tick in ax.get_yticklabels()] == EFFECTS
        lines = {line.get_gid(): line for line in ax.get_lines()}
        assert list(lines["effect-d_z"].get_xdata()) == [0.5, 1.0]
        rows = by_effect(self.found)
        wanted = rows.loc["d_rm", ["conf_low", "conf_high"]].tolist()
        assert list(lines["interval-d_rm"].get_xdata()) == pytest.approx(wanted)


@given(
    mean=st.floats(-5, 5).filter(lambda x: abs(x) > 0.1),
    sds=st.tuples(st.floats(0.5, 5), st.floats(0.5, 5)),
    r=st.floats(-0.9, 0.9),
    n=st.integers(4, 200),
)
def test_turned_round(mean: float, sds: tuple[float, float], r: float, n: int) -> None:
    """A scale the other way round turns every effect size and its interval."""
    up, down = (
        by_effect(
            ls.effects_from_summary(n, before=(0.0, sds[0]), after=(sign * mean, sds[1]), correlation=r)
        )
        for sign in (1, -1)
    )
    np.testing.assert_allclose(up["estimate"], -down["estimate"], rtol=1e-12)
    np.testing.assert_allclose(up["conf_low"], -down["conf_high"], rtol=1e-9, atol=1e-12)
