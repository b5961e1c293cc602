"""Bootstrap intervals of the corrected ANCOVA: R on shared draws, and their properties."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from larstudy.stats.corrected_bootstrap import (
    _centred_groups,
    _contrasts_of_draws,
    _limits,
    bootstrap_corrected_ancova,
)
from larstudy.stats.measurement_error import corrected_ancova
from larstudy.stats.within_groups import within_groups
from tests.conftest import ORACLES
from tests.samples import AFTER, BEFORE, CODES, Waves, contrasts_of


def oracle(name: str) -> pd.DataFrame:
    return pd.read_csv(ORACLES / f"estimands_{name}.csv")


class TestBootstrapAgainstR:
    """The same draws in both: x -> 16807 x mod (2^31 - 1), exact in double precision."""

    def draws(self, sizes: list[int]) -> list[np.ndarray]:
        x, found = 1, []
        for n in sizes:
            rows = np.empty((400, n), dtype=np.intp)
            for place in range(rows.size):
                x = 16807 * x % 2147483647
                rows.flat[place] = n * x // 2147483647
            found.append(rows)
        return found

    @pytest.mark.parametrize("method", ["bca", "percentile"])
    def test_limits(self, estimand_data: dict[str, Waves], method: str) -> None:
        before, after, codes, k = estimand_data["anorexia"]
        chosen = contrasts_of("anorexia")
        groups = _centred_groups(within_groups(before, after, codes, k), before, after, codes)
        draws = _contrasts_of_draws(groups, self.draws(np.bincount(codes).tolist()), chosen, 0.6)
        estimate = corrected_ancova(
            before, after, codes, k, reliability=0.6, contrasts=chosen
        ).estimates.estimate
        low, high = _limits(groups, chosen, 0.6, estimate, draws, method, 0.95)
        rows = oracle("bootstrap").query("method == @method")
        np.testing.assert_allclose(estimate, rows["estimate"], rtol=1e-8)
        np.testing.assert_allclose(draws.std(axis=0, ddof=1), rows["std_error"], rtol=1e-8)
        np.testing.assert_allclose(low, rows["conf_low"], rtol=1e-8)
        np.testing.assert_allclose(high, rows["conf_high"], rtol=1e-8)


class TestBootstrap:
    def test_seed_and_method(self) -> None:
        one = bootstrap_corrected_ancova(BEFORE, AFTER, CODES, 2, reliability=0.9, seed=3, resamples=200)
        two = bootstrap_corrected_ancova(
            BEFORE, AFTER, CODES, 2, reliability=0.9, seed=np.random.default_rng(3), resamples=200
        )
        other = bootstrap_corrected_ancova(
            BEFORE, AFTER, CODES, 2, reliability=0.9, seed=3, resamples=200, method="percentile"
        )
        assert one.conf_low.tolist() == two.conf_low.tolist()
        assert one.std_error.tolist() == other.std_error.tolist()
        assert one.conf_low.tolist() != other.conf_low.tolist()

    def test_near_the_delta_method(self, estimand_data: dict[str, Waves]) -> None:
        """2,000 resamples: the SD of the bootstrap SD is 1/sqrt(4000), 1.6 %; the two methods differ by more."""
        found = bootstrap_corrected_ancova(*estimand_data["help"], reliability=0.8, seed=1)
        delta = corrected_ancova(*estimand_data["help"], reliability=0.8).estimates
        np.testing.assert_allclose(found.std_error, delta.std_error, rtol=0.15)
        np.testing.assert_allclose(found.conf_low, delta.conf_low, atol=0.3 * delta.std_error.max())

    def test_chunks_change_nothing_but_memory(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from larstudy.stats import corrected_bootstrap

        monkeypatch.setattr(corrected_bootstrap, "_DRAWN_AT_ONCE", 8)
        found = bootstrap_corrected_ancova(BEFORE, AFTER, CODES, 2, reliability=0.9, seed=3, resamples=60)
        assert (found.resamples, found.reasons) == (60, ("",))

    def test_too_few(self) -> None:
        found = bootstrap_corrected_ancova(BEFORE, AFTER, CODES, 2, reliability=0.9, seed=3, resamples=39)
        assert found.reason == "39 resamples are too few for a level of 0.95"
        assert found.reasons == (found.reason,)
        assert np.isnan(found.conf_low).all()
        assert found.estimate[0] == pytest.approx(2 - 1.6 / 0.9)

    def test_not_possible(self) -> None:
        found = bootstrap_corrected_ancova(BEFORE, AFTER, CODES, 2, reliability=0.1, seed=3)
        assert "would correlate above 1" in found.reason
        assert np.isnan(found.estimate).all()

    def test_groups_of_one_and_of_none(self) -> None:
        codes = np.array([0, 0, 0, 0, 1, 1, 1, 2])
        found = bootstrap_corrected_ancova(
            BEFORE, AFTER, codes, 4, reliability=0.95, seed=5, resamples=100, names=("a", "b", "c", "d")
        )
        assert found.reasons == ("", "one person only in 'c'", "nobody in 'd'")
        assert np.isfinite(found.conf_low).tolist() == [True, False, False]
        assert np.isfinite(found.std_error).tolist() == [True, False, False]

    def test_draws_without_a_slope_are_counted(self) -> None:
        # two groups of two: both draw one person twice in a quarter of the resamples
        before, after = np.array([1.0, 2, 3, 5]), np.array([1.0, 3, 2, 2.5])
        found = bootstrap_corrected_ancova(
            before,
            after,
            np.array([0, 0, 1, 1]),
            2,
            reliability=1.0,
            seed=1,
            resamples=400,
            method="percentile",
        )
        # 400 draws: 100, give or take 4 SDs of 8.66
        assert 65 < found.undefined < 135
        assert np.isfinite(found.conf_low).all()

    def test_no_bca_where_one_person_carries_the_slope(self) -> None:
        before = np.array([1.0, 1, 1, 4, 2, 2, 2, 2])
        after = np.array([1.0, 2, 0, 4, 2, 3, 1, 2.5])
        found = bootstrap_corrected_ancova(before, after, CODES, 2, reliability=0.95, seed=1, resamples=100)
        assert found.reasons == ("too few or too one-sided resamples for a BCa interval",)
        assert np.isnan([*found.conf_low, *found.conf_high]).all()

    def test_no_bca_where_the_acceleration_is_too_large(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from larstudy.stats import corrected_bootstrap

        monkeypatch.setattr(corrected_bootstrap, "_acceleration", lambda *_: np.array([0.9]))
        found = bootstrap_corrected_ancova(BEFORE, AFTER, CODES, 2, reliability=0.9, seed=3, resamples=100)
        assert np.isnan(found.conf_high).all()
