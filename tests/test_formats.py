"""One cohort in every form gives the same change, to the byte."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import larstudy as ls
from tests.forms import FORMS, plain_csv


def change_csv(study: Path) -> bytes:
    """What `larstudy analyse` writes as tables/change.csv."""
    frame = ls.analyse(ls.load(study)).to_frame("change")
    return frame.to_csv(index=False, lineterminator="\n").encode()


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return change_csv(plain_csv(tmp_path_factory.mktemp("plain")))


@pytest.mark.parametrize("write", FORMS, ids=lambda write: write.__name__)
def test_the_same_bytes(write: Callable[[Path], Path], tmp_path: Path, expected: bytes) -> None:
    study = write(tmp_path)
    assert ls.check(study).ok
    assert change_csv(study) == expected
    # 20 persons come in, one is lost, and of mental two answers are refused: 20 - 1 - 2 = 17 pairs.
    everybody = [line for line in expected.decode().splitlines() if ",all,all," in line]
    assert [line.split(",")[0] for line in everybody] == ["qol", "mental"]
    cohort = ls.load(study)
    assert len(cohort.persons) == 20
    assert cohort.persons.tolist()[:2] == ["001", "002"]
