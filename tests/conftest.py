"""What the tests share: the cohort of twelve that was worked by hand, and HELPfull."""

from __future__ import annotations

from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import NamedTuple

import matplotlib as mpl
import pandas as pd
import pytest
from hypothesis import HealthCheck, settings

from larstudy import outputs
from larstudy.cli import main
from larstudy.specs import study_reading
from larstudy.specs.disclosure import read_preset

mpl.use("Agg")

# The same examples in every run, however slow the machine: a failure is then a fault, and comes back.
settings.register_profile(
    "larstudy", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("larstudy")

ORACLES = Path(__file__).parent / "oracles"

# person, baseline, year1, network at baseline, network at year1, status, age
#
# gained_abstinent      1-4   changes 3, 2, 3, 4   mean 3, SD sqrt(2/3)
# drug_dominated        5-7   changes 1, 0, 2      mean 1, SD 1
# isolated              8-9   changes -1, 1        mean 0, SD sqrt(2)
# maintained_abstinent  10    change 2             one person
# unclassified          11    change 1             no network at year1
# lost                  12    not seen at year1
TWELVE = [
    (1, 2.0, 5.0, "drug", "abst", 1, 30.0),
    (2, 4.0, 6.0, "drug", "abst", 1, 41.0),
    (3, 6.0, 9.0, "iso", "abst", 2, 25.0),
    (4, 8.0, 12.0, "drug", "abst", 2, 37.0),
    (5, 3.0, 4.0, "drug", "drug", 2, 52.0),
    (6, 5.0, 5.0, "abst", "drug", 3, 33.0),
    (7, 7.0, 9.0, "drug", "drug", 1, 28.0),
    (8, 4.0, 3.0, "iso", "iso", 3, 46.0),
    (9, 6.0, 7.0, "drug", "iso", 3, 39.0),
    (10, 6.0, 8.0, "abst", "abst", 1, 31.0),
    (11, 5.0, 6.0, "drug", None, 2, None),
    (12, 9.0, None, "abst", None, None, 44.0),
]

STUDY = """
[study]
title = "Twelve"

[data]
file = "twelve.csv"
layout = "long"
person = "id"
wave = "t"
waves = { baseline = 0, year1 = 1 }

[outcomes.qol]
column = "qol"
higher_is = "better"
range = [0, 12]

[network]
column = "net"
values = { abstinent = ["abst"], drug_dominated = ["drug"], isolated = ["iso"] }
"""

STATUS = """
[treatment_status]
column = "status"
values = { completed = [1], in_treatment = [2], dropped_out = [3] }
"""

COVARIATES = """
[covariates]
columns = ["age"]
"""


# Few draws: what is written, and where, does not depend on how many.
FULL_STUDY = STUDY + STATUS + COVARIATES + "\n[analysis]\nbootstrap = 199\npermutations = 199\n"


def twelve_long() -> pd.DataFrame:
    rows = []
    for person, before, after, net0, net1, status, age in TWELVE:
        rows.append({"id": person, "t": 0, "qol": before, "net": net0, "status": status, "age": age})
        if after is not None or net1 is not None:
            rows.append({"id": person, "t": 1, "qol": after, "net": net1, "status": status, "age": None})
    return pd.DataFrame(rows)


def twelve_wide() -> pd.DataFrame:
    names = ["id", "qol_0", "qol_1", "net_0", "net_1", "status", "age"]
    return pd.DataFrame(TWELVE, columns=names)


def write_study(
    folder: Path, frame: pd.DataFrame, text: str = STUDY, *, data: str = "twelve.csv", **options: object
) -> Path:
    """Write a study file and its data, and return the path of the study file."""
    frame.to_csv(folder / data, index=False, **options)  # type: ignore[call-overload]
    path = folder / "study.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def study(tmp_path: Path) -> Path:
    return write_study(tmp_path, twelve_long())


@pytest.fixture(scope="session")
def help_frame() -> pd.DataFrame:
    from larstudy.studies.help import help_frame as read

    return read()


@pytest.fixture(scope="session")
def help_cohort():
    from larstudy import load_help

    return load_help()


@pytest.fixture(scope="session")
def help_analysis(help_cohort):
    from larstudy import analyse

    return analyse(help_cohort)


@pytest.fixture(scope="session")
def synthetic_analysis():
    from larstudy import analyse, load_synthetic

    return analyse(load_synthetic())


def let_all_be_written(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(
        study_reading,
        "read_disclosure",
        lambda section, *, synthetic: read_preset("synthetic" if synthetic else "open"),
    )


@pytest.fixture
def open_data(monkeypatch: pytest.MonkeyPatch) -> None:
    """Write everything about the persons of a study file: they are made up, or in every textbook."""
    let_all_be_written(monkeypatch)


@pytest.fixture
def one_language(monkeypatch: pytest.MonkeyPatch) -> None:
    """Write reports in one language, for tests to which the others are the same."""
    monkeypatch.setattr(outputs, "languages", lambda lang: (lang,))


class FullRun(NamedTuple):
    folder: Path
    study: Path
    printed: str


@pytest.fixture(scope="session")
def full_run(tmp_path_factory: pytest.TempPathFactory) -> FullRun:
    """One run of the command on the twelve, which many tests look at."""
    place = tmp_path_factory.mktemp("full")
    study = write_study(place, twelve_long(), FULL_STUDY)
    out = place / "new" / "results"
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(StringIO()) as printed:
        let_all_be_written(patch)
        assert main(["analyse", str(study), "--out", str(out)]) == 0
    return FullRun(out, study, printed.getvalue())


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    import matplotlib.pyplot as plt

    plt.close("all")


@pytest.fixture(scope="session")
def sets(help_frame: pd.DataFrame):
    from tests.samples import group_sets

    return group_sets(help_frame)


@pytest.fixture(scope="session")
def estimand_data(help_frame: pd.DataFrame):
    from tests.samples import estimand_waves

    return estimand_waves(help_frame)


@pytest.fixture(scope="session")
def btheb() -> pd.DataFrame:
    from tests.samples import beat_the_blues

    return beat_the_blues()
