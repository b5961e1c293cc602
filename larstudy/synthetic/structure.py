"""What follows from a world's numbers before anything is drawn, and whether they can all hold.

Quality of life of factor k (global, social) at entry, on a scale with mean 0 and SD 1:

    q0[k] = facility[k] + distress_path[k] * distress + entry_network[k, network] + trait[k] + state0[k]

and at one year, with the same facility, distress, network at entry and trait:

    q1[k] = q0[k] - state0[k] + state1[k] + gain[k] + gain_group[k, change group] + gain_entry[k, network]
            + gain_dropped_out[k] * dropped_out + gain_distress[k] * distress + facility_change

Traits and states take what the other parts leave of the variance, so that the waves correlate by
``stability`` and the factors by ``factor_correlation``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from larstudy.errors import Problem
from larstudy.specs import read_instrument
from larstudy.specs.reading import raise_if_any
from larstudy.stats.arrays import FloatArray, IntArray
from larstudy.stats.latent import root_of, selected_mean, thresholds
from larstudy.synthetic.worlds import FACTORS, ITEMS, World

#: Scales of QOL10, in the order of the arrays of scores.
SCALES = (*FACTORS, "total")


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Structure:
    """The numbers that the generator works with.

    Attributes
    ----------
    world : World
    loadings : ndarray, shape (10,)
    factor_of : ndarray of int, shape (10,)
        Position in `FACTORS`; from the instrument's scales.
    minor : ndarray, shape (2, 10)
    unique_sd : ndarray, shape (10,)
    item_cuts : ndarray, shape (10, 4)
        Where the latent answer is cut, poorest first.
    network_offset : ndarray, shape (2, 3)
        What the network at entry adds at both waves; its mean is 0.
    facility_root, trait_root, state_root : ndarray, shape (2, 2)
    distress_covariance : ndarray, shape (2,)
        Of distress with each factor at entry.
    scale_items : tuple of ndarray of int
        The items of each of `SCALES`.
    points : ndarray, shape (5,)
        What the answers 1 to 5 are worth.
    """

    world: World
    loadings: FloatArray
    factor_of: IntArray
    minor: FloatArray
    unique_sd: FloatArray
    item_cuts: FloatArray
    network_offset: FloatArray
    facility_root: FloatArray
    trait_root: FloatArray
    state_root: FloatArray
    distress_covariance: FloatArray
    scale_items: tuple[IntArray, ...]
    points: FloatArray


@lru_cache(maxsize=32)
def structure_of(world: World) -> Structure:
    """Return what follows from a world.

    Raises
    ------
    SpecError
        Where its numbers cannot all hold: each problem names the number and what would make it possible.
    """
    problems = [*_count_problems(world), *_share_problems(world)]
    network_offset = _network_offset(world)
    trait, state, facility = _covariances(world, network_offset)
    problems += _variance_problems(world, trait)
    loadings, minor = world.value("loadings"), world.value("minor_loadings")
    own = 1.0 - loadings**2 - (minor**2).sum(axis=0)
    problems += _loading_problems(own, 1.0 - (minor**2).sum(axis=0))
    trait_root, state_root, facility_root = root_of(trait), root_of(state), root_of(facility)
    if not problems and trait_root is None:
        problems.append(_correlation_problem(world, trait))
    raise_if_any(problems, f"World '{world.id}'")
    assert trait_root is not None
    assert state_root is not None
    assert facility_root is not None
    factor_of, scale_items, points = _scoring()
    # Answer 1 is the best, and the latent answer is cut from the poorest upwards.
    shares = np.array([world.value(f"answers_{item}")[::-1] for item in ITEMS])
    return Structure(
        world=world,
        loadings=loadings,
        factor_of=factor_of,
        minor=minor,
        unique_sd=np.sqrt(np.maximum(own, 0.0)),
        item_cuts=thresholds(shares),
        network_offset=network_offset,
        facility_root=facility_root,
        trait_root=trait_root,
        state_root=state_root,
        distress_covariance=world.value("distress_path") + _with_distress(world, network_offset),
        scale_items=scale_items,
        points=points,
    )


def _problem(name: str, what: str, remedy: str) -> Problem:
    return Problem(code="impossible_target", where=f"parameters.{name}", what=what, remedy=remedy)


def _count_problems(world: World) -> list[Problem]:
    found = []
    for name in ("persons", "seen", "facilities", "subsample", "complete"):
        if not world.number(name).is_integer():
            found.append(_problem(name, "should be a whole number", "Change it in the file"))
    for less, more in (
        ("seen", "persons"),
        ("facilities", "persons"),
        ("subsample", "seen"),
        ("complete", "persons"),
    ):
        if world.number(less) > world.number(more):
            what = f"{world.number(less):g} are more than '{more}', which are {world.number(more):g}"
            found.append(_problem(less, what, f"At most {world.number(more):g} are possible"))
    age = world.value("age")
    if not age[2] <= age[0] <= age[3]:
        found.append(_problem("age", "the mean lies outside the ages", "Put it between youngest and oldest"))
    return found


def _share_problems(world: World) -> list[Problem]:
    found = []
    drug, isolated = world.number("drug_dominated"), world.number("isolated")
    if drug + isolated > 1 or isolated == 1:
        what = f"with 'drug_dominated' at {drug:g} the networks at entry add up to {drug + isolated:g}"
        found.append(_problem("isolated", what, f"At most {1 - drug:.4g} is possible"))
    answers, poor = world.value("answers_10"), world.number("poor")
    if abs(answers[3:].sum() - poor) > 1e-9:
        what = f"poor and very poor add up to {answers[3:].sum():g}, and 'poor' is {poor:g}"
        found.append(_problem("answers_10", what, f"Make the last two add up to {poor:g}"))
    parts = world.number("transition_distress") ** 2 + world.number("transition_baseline") ** 2
    if parts > 1:
        what = f"its square and that of 'transition_distress' add up to {parts:.3g}, above 1"
        most = np.sqrt(max(1 - world.number("transition_distress") ** 2, 0))
        found.append(_problem("transition_baseline", what, f"At most {most:.3g} is possible"))
    return found


def _entry_shares(world: World) -> FloatArray:
    drug, isolated = world.number("drug_dominated"), world.number("isolated")
    return np.array([1.0 - drug - isolated, drug, isolated])


def _network_offset(world: World) -> FloatArray:
    offset = world.value("entry_network")
    return np.asarray(offset - (offset @ _entry_shares(world))[:, None])


def _with_distress(world: World, offset: FloatArray) -> FloatArray:
    """Return the covariance of distress with what the network at entry adds; it selects the isolated."""
    shares = _entry_shares(world)
    isolated = selected_mean(shares[2], world.number("isolated_distress"))
    others = -isolated * shares[2] / max(1.0 - shares[2], 1e-300)
    return np.asarray(offset @ (shares * np.array([others, others, isolated])))


def _covariances(world: World, offset: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the covariances of traits, states and facility effects of the two factors."""
    r = world.number("factor_correlation")
    factors = np.array([[1.0, r], [r, 1.0]])
    facility = world.number("facility_share") * factors
    shares, path, together = _entry_shares(world), world.value("distress_path"), _with_distress(world, offset)
    known = facility + np.outer(path, path) + (offset * shares) @ offset.T
    known = known + np.outer(path, together) + np.outer(together, path)
    stability = world.number("stability")
    return stability * factors - known, (1.0 - stability) * factors, facility


def _loading_problems(own: FloatArray, left: FloatArray) -> list[Problem]:
    """Say which items would vary more than they can; ``left`` is what the minor loadings leave of 1."""
    return [
        _problem(
            f"loadings.{item}",
            f"with the minor loadings the item's variance would be {1 - own[i]:.3g}, above 1",
            # Rounded downwards, so that what is named is possible.
            f"Lower it to {np.floor(np.sqrt(left[i]) * 1000) / 1000:g} or less"
            if left[i] >= 0
            else f"Lower minor_loadings of item {item} first: their squares add up to {1 - left[i]:.3g}",
        )
        for i, item in enumerate(ITEMS)
        if own[i] < -1e-12
    ]


def _variance_problems(world: World, trait: FloatArray) -> list[Problem]:
    stability = world.number("stability")
    lower = "lower facility_share, distress_path or entry_network"
    found = []
    for factor, short in zip(FACTORS, -np.diag(trait), strict=True):
        stays = stability + short
        # Rounded upwards, so that what is named is possible.
        enough = f"Raise it to {np.ceil(stays * 1000) / 1000:g} or more, or {lower}"
        what = f"facility, distress and network at entry make {stays:.3g} of the variance of '{factor}' stay"
        remedy = enough if stays <= 1 else f"No stability is enough: {lower}"
        if short > 1e-12:
            found.append(_problem("stability", f"{what}, more than {stability:g}", remedy))
    return found


def _correlation_problem(world: World, trait: FloatArray) -> Problem:
    """Say which correlations of the factors would leave their covariances positive definite."""
    r, slope = world.number("factor_correlation"), world.number("stability") - world.number("facility_share")
    fixed = slope * r - trait[0, 1]
    width = np.sqrt(max(trait[0, 0] * trait[1, 1], 0.0))
    # The slope is above 0: with nothing left of it nothing else would vary, and nothing be impossible.
    low, high = max((fixed - width) / slope, -1.0), min((fixed + width) / slope, 1.0)
    # Rounded inwards, so that what is named is possible.
    remedy = f"From {np.ceil(low * 1000) / 1000:.3f} to {np.floor(high * 1000) / 1000:.3f} is possible"
    what = (
        f"a correlation of {r:g} is not possible beside what facility, distress and network at entry give"
        " both factors: the covariances of the traits are not positive definite"
    )
    return _problem("factor_correlation", what, remedy)


def _scoring() -> tuple[IntArray, tuple[IntArray, ...], FloatArray]:
    """Return the factor of each item of QOL10, the items of each scale, and the points of each answer."""
    instrument = read_instrument("qol10")
    places = {item: place for place, item in enumerate(ITEMS)}
    scale_items = tuple(np.array([places[i] for i in instrument.items_of(scale)]) for scale in SCALES)
    factor_of = np.zeros(len(ITEMS), dtype=np.intp)
    factor_of[scale_items[1]] = 1
    points = np.array([instrument.items["1"].points[float(answer)] for answer in range(1, 6)])
    return factor_of, scale_items, points
