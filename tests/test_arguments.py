"""A study described in arguments: what is wrong with it is told in the words of the arguments."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import larstudy as ls
from larstudy.errors import DataError, LarstudyError, ProblemsError, SpecError

FRAME = pd.DataFrame(
    {
        "id": [1, 1, 2, 2],
        "t": [0, 1, 0, 1],
        "q": [3.0, 4, 2, 5],
        "net": ["abstinent", "other", "isolated", "isolated"],
        "g": ["a", "b", "b", "b"],
    }
)
GOOD: dict[str, Any] = {"person": "id", "wave": "t", "waves": {"s": 0, "e": 1}, "outcomes": {"q": "q"}}


@pytest.mark.parametrize(
    ("changed", "kind", "where", "said"),
    [
        ({"person": "idd"}, DataError, "column 'idd'", "the argument person names it"),
        ({"outcomes": {"q": "zz"}}, DataError, "column 'zz'", "outcomes['q'] names it. Check the spelling."),
        ({"group": "zz"}, DataError, "column 'zz'", "the argument group names it"),
        ({"cluster": "zz"}, DataError, "column 'zz'", "the argument cluster names it"),
        ({"covariates": ["zz"]}, DataError, "column 'zz'", "the argument covariates names it"),
        ({"waves": {"s": 0}}, SpecError, "waves", 'Write waves={"baseline": 0, "month12": 12}'),
        ({"waves": ["s", "e"]}, SpecError, "waves", "is a list, which is for wide frames"),
        ({"waves": {"s": 0, "e": 5}}, DataError, "waves.e", "Check how the frame marks the wave"),
        ({"outcomes": {}}, SpecError, "outcomes", 'Add one, as outcomes={"qol": "column"}'),
        ({"wave": None}, SpecError, "outcomes.q.column", 'Write {"s": "...", ...}, or a name with {wave} in it'),
        ({"network": "net"}, DataError, "column 'net'", 'such as values={"abstinent": ["..."]}'),
        ({"network": "net"}, DataError, "column 'net'", "1 code that the arguments give no category for"),
        ({"group": "g"}, DataError, "column 'g'", 'as {"column": "g", "wave": "s"}, or correct the data'),
        ({"network": "net", "group": "g"}, SpecError, "group", "stands beside the argument network"),
        ({"missing_codes": [[1]]}, SpecError, "missing_codes", "Change the argument."),
    ],
)  # fmt: skip
def test_remedies_speak_of_arguments(
    changed: dict[str, Any], kind: type[ProblemsError], where: str, said: str
) -> None:
    with pytest.raises(kind) as error:
        ls.load(FRAME, **{**GOOD, **changed})
    assert [problem.where for problem in error.value.problems] == [where]
    text = str(error.value)
    assert said in text
    assert text.startswith("load(): 1 problem" if kind is SpecError else "data frame: 1 problem")
    for of_a_file in ("study file", "[data]", "[network]", "[outcomes", " = {"):
        assert of_a_file not in text


def test_a_file_of_ones_own_stays_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mine.toml").write_text("id = 'mine'", encoding="utf-8")
    with pytest.raises(SpecError) as error:
        ls.load(FRAME, **{**GOOD, "network": {"rule": "mine.toml"}})
    assert all("'mine.toml'" in problem.what for problem in error.value.problems)


def test_what_a_frame_does_not_have() -> None:
    cohort = ls.load(FRAME, **GOOD)
    with pytest.raises(LarstudyError, match=r"or group=\.\.\. to load\(\)"):
        ls.fixed_groups(cohort)
