"""However the same answers are laid out, the same tables come out, to the last bit."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import larstudy as ls
from larstudy.analysis import AnalysisPart
from larstudy.specs.study import as_label

PARTS: tuple[AnalysisPart, ...] = ("change", "models", "contrasts", "transitions", "flow")
WAVES = ("baseline", "year1", "year2")
CATEGORIES = ("abst", "drug", "iso", None)

LONG = """
[data]
file = "data.csv"
layout = "long"
person = "id"
wave = "t"
waves = { baseline = 0, year1 = 1, year2 = 2 }
[outcomes.qol]
column = "qol"
higher_is = "better"
[outcomes.mood]
column = "mood"
higher_is = "worse"
[network]
column = "net"
values = { abstinent = ["abst"], drug_dominated = ["drug"], isolated = ["iso"] }
[treatment_status]
column = "status"
values = { completed = [1], in_treatment = [2], dropped_out = [3] }
[covariates]
columns = ["age"]
[analysis]
imputations = 3
bootstrap = 99
permutations = 99
"""

WIDE = (
    LONG.replace('layout = "long"', 'layout = "wide"')
    .replace('wave = "t"\n', "")
    .replace("{ baseline = 0, year1 = 1, year2 = 2 }", '["baseline", "year1", "year2"]')
    .replace('column = "qol"', 'column = "qol.{wave}"')
    .replace('column = "mood"', 'column = "mood.{wave}"')
    .replace('column = "net"', 'column = "net.{wave}"')
)


def number(draw: st.DrawFn) -> float | None:
    value = draw(st.one_of(st.none(), st.integers(-400, 400)))
    return None if value is None else value / 7


@st.composite
def cohorts(draw: st.DrawFn) -> list[dict[str, object]]:
    """Return a dozen or so persons, each with three waves in which anything may be missing."""
    people = []
    for person in draw(st.lists(st.integers(1, 99), min_size=6, max_size=24, unique=True)):
        entry: dict[str, object] = {
            "id": person,
            "status": draw(st.sampled_from((1, 2, 3, None))),
            "age": draw(st.sampled_from((None, 20, 31, 45.5, 60))),
        }
        for wave in WAVES:
            entry[f"qol.{wave}"] = number(draw)
            entry[f"mood.{wave}"] = number(draw)
            entry[f"net.{wave}"] = draw(st.sampled_from(CATEGORIES))
        people.append(entry)
    # every declared wave must be somewhere in a long file, and every column hold something
    people[0] |= {"status": 1, "age": 31}
    for wave in WAVES:
        people[0] |= {f"qol.{wave}": 1.0, f"mood.{wave}": 2.0, f"net.{wave}": "abst"}
    return people


def as_wide(people: list[dict[str, object]]) -> pd.DataFrame:
    return pd.DataFrame(people)


def as_long(people: list[dict[str, object]], *, keep_empty: bool) -> pd.DataFrame:
    rows = []
    for entry in people:
        for t, wave in enumerate(WAVES):
            answers = {name: entry[f"{name}.{wave}"] for name in ("qol", "mood", "net")}
            # the covariates and the status stand in the baseline row, which is never dropped
            if keep_empty or t == 0 or any(value is not None for value in answers.values()):
                rows.append(
                    {"id": entry["id"], "t": t, **answers, "status": entry["status"], "age": entry["age"]}
                )
    return pd.DataFrame(rows)


def tables(frame: pd.DataFrame, text: str, **options: object) -> dict[str, str]:
    with tempfile.TemporaryDirectory() as folder:
        frame.to_csv(Path(folder) / "data.csv", index=False, **options)  # type: ignore[call-overload]
        (Path(folder) / "study.toml").write_text(text, encoding="utf-8")
        analysis = ls.analyse(ls.load(Path(folder) / "study.toml"))
    assert ls.reconcile(analysis).ok
    return {part: analysis.to_frame(part).to_csv(index=False) for part in PARTS}


SLOW = settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@SLOW
@given(cohorts(), st.randoms(use_true_random=False))
def test_layout_order_and_kind_of_missing_change_nothing(people: list[dict[str, object]], random) -> None:
    reference = tables(as_long(people, keep_empty=True), LONG)
    assert tables(as_long(people, keep_empty=False), LONG) == reference
    assert tables(as_wide(people), WIDE) == reference
    shuffled = as_long(people, keep_empty=True)
    order = list(range(len(shuffled)))
    random.shuffle(order)
    assert tables(shuffled.iloc[order], LONG) == reference
    assert tables(as_wide(people).iloc[::-1], WIDE) == reference


@SLOW
@given(cohorts())
def test_separator_decimal_mark_and_encoding_change_nothing(people: list[dict[str, object]]) -> None:
    frame = as_long(people, keep_empty=True)
    reference = tables(frame, LONG)
    assert tables(frame, LONG, sep=";", decimal=",", encoding="utf-8-sig") == reference
    assert tables(frame, LONG, sep="\t", encoding="cp1252", na_rep="NA") == reference


@SLOW
@given(cohorts())
def test_a_frame_gives_what_its_file_gives(people: list[dict[str, object]]) -> None:
    import tomllib

    from larstudy.loading import load_frame
    from larstudy.specs import study_from_mapping

    frame = as_long(people, keep_empty=True)
    spec = study_from_mapping(tomllib.loads(LONG))
    analysis = ls.analyse(load_frame(spec, frame))
    assert {part: analysis.to_frame(part).to_csv(index=False) for part in PARTS} == tables(frame, LONG)


@SLOW
@given(cohorts())
def test_nobody_who_lacks_a_wave_enters_and_everybody_is_counted(people: list[dict[str, object]]) -> None:
    frame = as_long(people, keep_empty=True)
    cohort = ls.load(
        frame,
        person="id",
        wave="t",
        waves={"baseline": 0, "year1": 1, "year2": 2},
        outcomes={"qol": "qol"},
    )
    change = ls.change(ls.outcome(cohort, "qol"), "baseline", "year2")
    both = {p["id"] for p in people if p["qol.baseline"] is not None and p["qol.year2"] is not None}
    assert set(change.persons) == both
    assert set(change.excluded["person"]) == {p["id"] for p in people} - both
    by_hand = [p["qol.year2"] - p["qol.baseline"] for p in people if p["id"] in both]  # type: ignore[operator]
    np.testing.assert_allclose(sorted(change.to_frame()["change"]), sorted(by_hand), rtol=1e-12)


@SLOW
@given(cohorts())
def test_turning_the_scale_round_turns_every_sign_and_no_test(people: list[dict[str, object]]) -> None:
    frame = as_long(people, keep_empty=True)
    turned = frame.assign(qol=-frame["qol"].astype(float))
    found = []
    for data in (frame, turned):
        cohort = ls.load(
            data, person="id", wave="t", waves={"baseline": 0, "year1": 1}, outcomes={"qol": "qol"},
            network={"column": "net", "values": {"abstinent": ["abst"], "drug_dominated": ["drug"], "isolated": ["iso"]}},
        )  # fmt: skip
        found.append(ls.analyse(cohort))
    one, two = (a.to_frame("models") for a in found)
    pd.testing.assert_series_equal(one["reason"], two["reason"])
    np.testing.assert_allclose(
        one["p_value"].astype(float), two["p_value"].astype(float), rtol=1e-6, atol=1e-12
    )
    a, b = (x.to_frame() for x in found)
    np.testing.assert_allclose(a["estimate"].astype(float), -b["estimate"].astype(float), atol=1e-12)
    np.testing.assert_allclose(a["d_av"].astype(float), -b["d_av"].astype(float), rtol=1e-9, atol=1e-12)


@given(st.one_of(st.integers(-(10**6), 10**6), st.floats(allow_nan=False, allow_infinity=False), st.text()))
def test_a_label_of_a_label_is_the_label(value: object) -> None:
    assert as_label(as_label(value)) == as_label(value)
