"""The studentised range and adjusted p-values: R, mpmath, and exact cases.

The range agrees to 2e-9, which is what R's ptukey for infinite df is good for; its own integral over the standard
deviation is wrong below about 10 df.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import integrate, special

from larstudy.stats.arrays import FloatArray
from larstudy.stats.multiplicity import adjust_p_values
from larstudy.stats.studentized_range import (
    studentized_range_cdf,
    studentized_range_quantile,
    studentized_range_upper_tail,
)
from tests.conftest import ORACLES


def oracle(name: str) -> pd.DataFrame:
    return pd.read_csv(ORACLES / f"group_comparisons_{name}.csv")


class TestStudentizedRange:
    def test_against_r(self) -> None:
        theirs = oracle("range")
        assert len(theirs) == 540
        for (k, df), part in theirs.groupby(["k", "df"]):
            ours = studentized_range_cdf(part["q"].to_numpy(), int(k), float(df))
            np.testing.assert_allclose(ours, part["integrated"], rtol=0, atol=2e-9, err_msg=f"{k} {df}")
            # ptukey as it is: where its integral over the standard deviation holds
            r_holds = (part["q"] < 15) if df < 27 else part["q"] > 0
            if df >= 10:
                np.testing.assert_allclose(ours[r_holds], part["cdf"][r_holds], rtol=0, atol=3e-9)

    def test_quantiles_against_r(self) -> None:
        for row in oracle("range_quantiles").itertuples():
            found = float(studentized_range_quantile(row.p, row.k, row.df))
            assert found == pytest.approx(row.root, rel=2e-9), row
            if row.df >= 10 and row.p < 0.99:
                assert found == pytest.approx(row.qtukey, rel=1e-6), row

    def test_small_tails_against_mpmath(self) -> None:
        theirs = pd.read_csv(ORACLES / "range_mpmath.csv")
        assert theirs["tail"].min() < 1e-40
        for row in theirs.itertuples():
            assert float(studentized_range_upper_tail(row.q, row.k, row.df)) == pytest.approx(
                row.tail, rel=1e-11
            )

    @pytest.mark.parametrize("df", [1.0, 1.5, 2.0, 6.9, 7.0, 30.0, 1000.0, 1e8, np.inf])
    def test_two_means_are_t(self, df: float) -> None:
        # the range of two means is sqrt(2) |t|
        q = np.array([0.0, 1e-3, 0.5, 2.0, 8.0, 50.0, 1e6])
        exact = 2 * special.stdtr(df, -q / np.sqrt(2))
        np.testing.assert_allclose(studentized_range_upper_tail(q, 2, df), exact, rtol=1e-10, atol=1e-300)
        quantile = studentized_range_quantile([0.05, 0.95, 0.9999], 2, df)
        np.testing.assert_allclose(
            quantile, np.sqrt(2) * special.stdtrit(df, [0.525, 0.975, 0.99995]), rtol=1e-9
        )

    def test_from_print(self) -> None:
        # upper 5 % points as every textbook prints them, to two decimals
        for k, df, printed in [
            (3, 10, 3.88),
            (4, 20, 3.96),
            (5, 60, 3.98),
            (10, 5, 6.99),
            (3, 2, 8.33),
            (6, np.inf, 4.03),
        ]:
            assert float(studentized_range_quantile(0.95, k, df)) == pytest.approx(printed, abs=0.005)

    def test_edges(self) -> None:
        found = studentized_range_upper_tail([np.nan, np.inf, -np.inf, -1.0, 0.0], 3, 5.0)
        np.testing.assert_array_equal(found, [np.nan, 0.0, 1.0, 1.0, 1.0])
        assert np.isnan(studentized_range_upper_tail(2.0, 3, [np.nan, 0.5, 0.0, -1.0])).all()
        assert np.isnan(studentized_range_upper_tail(2.0, 1, 5.0))
        np.testing.assert_array_equal(
            studentized_range_quantile([0.0, 1.0, -0.1, 1.1, np.nan], 3, 5.0),
            [0.0, np.inf, np.nan, np.nan, np.nan],
        )
        assert np.isnan(studentized_range_quantile([0.0, 0.5, 1.0], 1, 5.0)).all()
        assert np.isnan(studentized_range_quantile(0.5, 3, [np.nan, 0.5])).all()

    def test_far_ends_of_the_quantile(self) -> None:
        # with one degree of freedom and ten means both ends of the bracket reach where the tail is 0 or 1
        p = np.array([1e-6, 1 - 1e-12])
        found = studentized_range_quantile(p, 10, 1.0)
        np.testing.assert_allclose(studentized_range_upper_tail(found, 10, 1.0), 1 - p, rtol=1e-8)

    @settings(max_examples=30, deadline=None)
    @given(st.floats(0.001, 0.999), st.integers(2, 12), st.floats(1, 200))
    def test_quantile_and_tail_undo_each_other(self, p: float, k: int, df: float) -> None:
        q = float(studentized_range_quantile(p, k, df))
        assert float(studentized_range_upper_tail(q, k, df)) == pytest.approx(1 - p, rel=1e-9)
        assert float(studentized_range_upper_tail(q, k + 1, df)) > 1 - p

    @pytest.mark.parametrize("k", [2, 4, 10, 20])
    def test_between_the_points_of_the_interpolation(self, k: int) -> None:
        # by scipy's integral of the definition, k int phi(z) (Phi(z) - Phi(z - w))^(k-1) dz
        w = np.array([0.03, 0.51, 1.0, 2.77, 4.2, 5.93])
        ours = studentized_range_cdf(w, k, np.inf)
        for each, found in zip(w, ours, strict=True):
            theirs = integrate.quad(
                lambda z, w=each: (
                    k * np.exp(-(z**2) / 2) * (special.ndtr(z) - special.ndtr(z - w)) ** (k - 1)
                ),
                -9,
                15,
                epsabs=1e-13,
                limit=200,
            )[0]
            assert found == pytest.approx(theirs / np.sqrt(2 * np.pi), rel=1e-10, abs=1e-10)

    def test_steps_are_bounded(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("larstudy.stats.studentized_range._MOST_STEPS", 2)
        assert float(studentized_range_quantile(0.95, 3, 27)) == pytest.approx(3.506426, rel=1e-2)

    def test_the_batch_does_not_matter(self) -> None:
        q, df = np.linspace(0.1, 9, 12), np.tile([2.0, 30.0, np.inf], 4)
        together = studentized_range_upper_tail(q, 4, df)
        alone = [float(studentized_range_upper_tail(a, 4, b)) for a, b in zip(q, df, strict=True)]
        assert together.tolist() == alone


class TestMultiplicity:
    @pytest.mark.parametrize("method", ["holm", "bonferroni", "none"])
    def test_against_r(self, method: str) -> None:
        theirs = oracle("p_adjust")
        ours = adjust_p_values(theirs["p"].to_numpy(), method)
        np.testing.assert_allclose(ours, theirs[method], rtol=1e-12)

    def test_nothing_known(self) -> None:
        assert np.isnan(adjust_p_values(np.full(2, np.nan))).all()
        assert len(adjust_p_values(np.array([]), "bonferroni")) == 0

    @given(hnp.arrays(float, st.integers(1, 8), elements=st.floats(0, 1)))
    def test_holm_lies_between(self, p: FloatArray) -> None:
        holm, bonferroni = adjust_p_values(p), adjust_p_values(p, "bonferroni")
        assert (p <= holm).all()
        assert (holm <= bonferroni).all()
        assert (np.diff(holm[np.argsort(p, kind="stable")]) >= 0).all()
