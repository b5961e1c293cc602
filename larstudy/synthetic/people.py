"""What a researcher's file has beside the scores: marks, meals, the question on free time, WHOQOL-BREF."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from larstudy.errors import Problem, SpecError
from larstudy.names import ABSTINENT, CATEGORIES, DRUG_DOMINATED, ISOLATED
from larstudy.stats.arrays import FloatArray
from larstudy.stats.latent import cut, normal_quantile, thresholds, top
from larstudy.synthetic.simulation import Codes, Draws, Flags
from larstudy.synthetic.streams import normals, uniforms
from larstudy.synthetic.structure import Structure
from larstudy.synthetic.whoqol import whoqol_form
from larstudy.synthetic.worlds import MARKS, WHOQOL_DOMAINS

_ABSTINENT, _DRUG, _ISOLATED = (CATEGORIES.index(c) for c in (ABSTINENT, DRUG_DOMINATED, ISOLATED))
#: Codes of the question on free time: family and friends without, and with, a current problem; alone.
_FAMILY = (1, 2)
_FRIENDS = (3, 4)
_ALONE = 5


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class People:
    """What people answer beside QOL10 and SCL-10, as if nobody were lost.

    Attributes
    ----------
    meals_alone : ndarray of bool, shape (cohorts, persons)
    marks : ndarray of bool, shape (cohorts, 5, persons)
        In the order of `larstudy.synthetic.worlds.MARKS`.
    free_time : ndarray of int8, shape (cohorts, 2, persons)
        EuropASI, 1 to 5.
    subsample : ndarray of bool, shape (cohorts, persons)
        Who fills in WHOQOL-BREF at one year; all of them are seen.
    whoqol : ndarray of int8, shape (cohorts, 26, persons)
        As the form has it, reversed items included.
    """

    meals_alone: Flags
    marks: Flags
    free_time: Codes
    subsample: Flags
    whoqol: Codes


def people(s: Structure, drawn: Draws, *, seed: int, cohorts: Sequence[int]) -> People:
    """Return what people answer beside QOL10; `drawn` are the same cohorts."""
    n = drawn.seen.shape[1]
    alone = uniforms(seed, "meals alone", cohorts, (n,))
    return People(
        meals_alone=alone < s.world.value("meals_alone")[drawn.network[:, 0]],
        marks=_marks(s, drawn, seed, cohorts),
        free_time=_free_time(s, drawn, seed, cohorts),
        subsample=_subsample(s, drawn, seed, cohorts),
        whoqol=_whoqol(s, drawn, seed, cohorts),
    )


def _marks(s: Structure, drawn: Draws, seed: int, cohorts: Sequence[int]) -> Flags:
    own = normals(seed, "marks", cohorts, (len(MARKS), drawn.seen.shape[1]))
    path = s.world.value("marks_distress")[:, None]
    latent = path * drawn.distress[:, None] + np.sqrt(1.0 - path**2) * own
    return np.asarray(latent > normal_quantile(1.0 - s.world.value("marks"))[:, None])


def _free_time(s: Structure, drawn: Draws, seed: int, cohorts: Sequence[int]) -> Codes:
    """Return the answers that give the network categories by the EuropASI rule."""
    u = uniforms(seed, "free time", cohorts, (2, drawn.seen.shape[1]))
    family = u < np.append(s.world.value("family"), 0.0)[drawn.network]
    codes = np.full(drawn.network.shape, _ALONE, dtype=np.int8)
    for place, category in enumerate((_ABSTINENT, _DRUG)):
        has = drawn.network == category
        codes[has] = np.where(family[has], _FAMILY[place], _FRIENDS[place])
    return codes


def _subsample(s: Structure, drawn: Draws, seed: int, cohorts: Sequence[int]) -> Flags:
    """Return those seen who fill in the longer form: the published share of all, by lot."""
    n = drawn.seen.shape[1]
    count = round(n * s.world.number("subsample") / s.world.number("persons"))
    lot = np.where(drawn.seen, uniforms(seed, "subsample", cohorts, (n,)), -1.0)
    return top(lot, count)


def _whoqol(s: Structure, drawn: Draws, seed: int, cohorts: Sequence[int]) -> Codes:
    domain, reversed_items = whoqol_form()
    n, paths = drawn.seen.shape[1], s.world.value("whoqol_paths")
    known = np.concatenate([drawn.quality[:, 1], drawn.distress[:, None]], axis=1)
    domains = np.einsum("dk,ckn->cdn", paths, known)
    own = normals(seed, "whoqol domains", cohorts, (len(WHOQOL_DOMAINS), n))
    domains += np.sqrt(_left(s, paths))[:, None] * own
    loading = s.world.number("whoqol_loading")
    latent = normals(seed, "whoqol items", cohorts, (len(domain), n))
    latent *= np.sqrt(1.0 - loading**2)
    latent += loading * domains[:, domain]
    answers = cut(latent, np.broadcast_to(thresholds(s.world.value("whoqol_answers")), (len(domain), 4)))
    return np.where(reversed_items[:, None], np.int8(5) - answers, answers + np.int8(1))


def _left(s: Structure, paths: FloatArray) -> FloatArray:
    """Return the variance of each domain that its paths leave, on the scale of people at entry."""
    r = s.world.number("factor_correlation")
    g, t = s.distress_covariance
    known = np.array([[1.0, r, g], [r, 1.0, t], [g, t, 1.0]])
    left = 1.0 - np.einsum("dk,kl,dl->d", paths, known, paths)
    problems = [
        Problem(
            code="impossible_target",
            where=f"parameters.whoqol_paths.{name}",
            what=f"the paths make a variance of {1 - left[d]:.3g}, above 1",
            remedy=f"Multiply them by {np.floor(1000 / np.sqrt(1 - left[d])) / 1000:.3f} or less",
        )
        for d, name in enumerate(WHOQOL_DOMAINS)
        if left[d] < 0
    ]
    if problems:
        raise SpecError(problems)
    return np.asarray(left)
