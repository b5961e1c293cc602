"""A whole study with weights against attrition, against R."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import larstudy as ls
from larstudy.clusters import study_clusters
from larstudy.covariates import study_covariates
from larstudy.handled import HandledData, handle_lost
from larstudy.handled_fits import fit_handled
from larstudy.loading import load_frame
from larstudy.specs import study_from_mapping
from tests.conftest import ORACLES

HELP: dict[str, Any] = {
    "data": {
        "file": "help.csv", "layout": "long", "person": "ID", "wave": "TIME",
        "waves": {"baseline": 0, "month12": 12},
    },
    "outcomes": {"MCS": {"column": "MCS", "higher_is": "better"}},
    "network": {"rule": "help"},
    "covariates": {"columns": ["AGE"], "categorical": ["GROUP"]},
}  # fmt: skip


@pytest.fixture(scope="module")
def weighted(help_frame: pd.DataFrame) -> HandledData:
    values = HELP | {"data": HELP["data"] | {"cluster": "site"}}
    cohort = load_frame(study_from_mapping(values), help_frame.assign(site=help_frame["ID"] % 21))
    return handle_lost(
        ls.outcome(cohort, "MCS"),
        "baseline",
        "month12",
        ls.classify_networks(cohort).transitions("baseline", "month12"),
        handling="attrition_weights",
        covariates=study_covariates(cohort),
        clusters=study_clusters(cohort),
    )


@pytest.mark.parametrize(
    ("model", "errors"),
    [(m, e) for m in ("change_score", "ancova") for e in ("independent", "CR2")] + [("ancova", "CR3")],
)
def test_weights_against_attrition(weighted: HandledData, model: Any, errors: Any) -> None:
    theirs = pd.read_csv(ORACLES / "handled_weights.csv")
    theirs = theirs[(theirs["model"] == model) & (theirs["errors"] == errors)].set_index("group")
    assert weighted.n == theirs["n"].iloc[0]
    assert weighted.effective_n == pytest.approx(theirs["effective_n"].iloc[0], rel=1e-9)
    fitted = fit_handled(weighted, model=model, errors=errors)
    for name in ("estimate", "std_error", "df", "p_value", "conf_low", "conf_high"):
        values = dict(zip(fitted.groups, getattr(fitted.estimates, name), strict=True))
        np.testing.assert_allclose(
            [values[group] for group in theirs.index], theirs[name], rtol=1e-8, err_msg=name
        )
