"""Covariates: numbers, categories, levels that nobody has, and those that are the same for everybody."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

import larstudy as ls
from tests.conftest import STUDY, twelve_long, write_study


def models(folder: Path, text: str, **columns: object) -> pd.DataFrame:
    """Return the rows of the model with covariates, by term."""
    frame = twelve_long()
    for name, by_person in columns.items():
        frame[name] = frame["id"].map(by_person)  # type: ignore[arg-type]
    analysis = ls.analyse(ls.load(write_study(folder, frame, STUDY + "\n[covariates]\n" + text)))
    rows = analysis.to_frame("models")
    return rows[rows["model"] == "ancova_covariates"].set_index("term")


def notes(folder: Path) -> str:
    return " ".join(ls.analyse(ls.load(folder / "study.toml")).notes())


REGION = dict(zip(range(1, 13), [1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 9, 9], strict=True))


def test_codes_enter_as_a_number_unless_the_study_says_otherwise(tmp_path: Path) -> None:
    rows = models(tmp_path, 'columns = ["region"]', region=REGION)
    assert "region" in rows.index
    assert "Covariate 'region' has few values and enters as a number" in notes(tmp_path)
    assert rows.loc["group", "df"] == 10 - 4 - 2


def test_categories_have_the_levels_of_those_used(tmp_path: Path) -> None:
    """Region 9 is of persons 11 and 12 only, who are in no group: no column for it, which would be empty."""
    rows = models(tmp_path, 'columns = ["region"]\ncategorical = ["region"]', region=REGION)
    assert [term for term in rows.index if term.startswith("region")] == ["region[2]", "region[3]"]
    assert rows.loc["group", "df"] == 10 - 4 - 3
    assert rows.loc["group", "reason"] == ""
    assert "enters as a number" not in notes(tmp_path)


def test_the_same_for_everybody_is_left_out_and_told(tmp_path: Path) -> None:
    rows = models(tmp_path, 'columns = ["age", "year"]', year=dict.fromkeys(range(1, 13), 2017))
    plain = ls.analyse(
        ls.load(write_study(tmp_path, twelve_long(), STUDY + '\n[covariates]\ncolumns=["age"]'))
    )
    expected = plain.to_frame("models").query("model == 'ancova_covariates'").set_index("term")
    assert rows.loc["year", "reason"] == "the same for everybody: left out of the model"
    assert np.isnan(rows.loc["year", "estimate"])
    assert rows.loc["group", "statistic"] == expected.loc["group", "statistic"]
    assert rows.loc["group", "df"] == expected.loc["group", "df"]


def test_one_that_the_others_determine_is_named(tmp_path: Path) -> None:
    ages = dict(zip(range(1, 13), twelve_long().drop_duplicates("id")["age"], strict=True))
    months = {person: 12 * age for person, age in ages.items()}
    rows = models(tmp_path, 'columns = ["age", "months"]', months=months)
    assert rows.loc["group", "reason"] == "'months' is determined by the groups and what stands before it"
    assert rows["estimate"].drop("group[drug_dominated]").isna().all()


def test_reference_that_nobody_with_covariates_is_in(tmp_path: Path) -> None:
    weight = {person: 60.0 + person**2 for person in range(1, 13) if person not in (5, 6, 7)}
    rows = models(tmp_path, 'columns = ["weight"]', weight=weight)
    assert rows.loc["group", "reference"] == "maintained_abstinent"
    assert "Nobody in 'drug_dominated' has all covariates" in notes(tmp_path)


def test_categorical_alone_is_enough(tmp_path: Path) -> None:
    rows = models(tmp_path, 'categorical = ["region"]', region=REGION)
    assert [term for term in rows.index if term.startswith("region")] == ["region[2]", "region[3]"]


def test_categorical_column_that_is_not_there(tmp_path: Path) -> None:
    report = ls.check(write_study(tmp_path, twelve_long(), STUDY + '\n[covariates]\ncategorical = ["sex"]'))
    assert "column 'sex': is not in twelve.csv; [covariates] names it" in report.summary()
