"""Drawing cohorts: every equation of the generator, vectorised over cohorts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from larstudy.names import CATEGORIES, CHANGE_GROUPS, DROPPED_OUT, DRUG_DOMINATED, STATUSES
from larstudy.specs.networks import FIXED_TRANSITIONS, change_group
from larstudy.stats.arrays import FloatArray, IntArray
from larstudy.stats.latent import cut, normal_quantile, normal_share, thresholds, top
from larstudy.synthetic.streams import normals, uniforms
from larstudy.synthetic.structure import Structure

Codes = np.ndarray[Any, np.dtype[np.int8]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]

_ABSTINENT, _DRUG, _ISOLATED = range(3)
_DROPPED = STATUSES.index(DROPPED_OUT)
_REFERENCE = CHANGE_GROUPS.index(DRUG_DOMINATED)
#: Change group by network at entry and at one year, both as positions.
GROUP_OF = np.array(
    [[CHANGE_GROUPS.index(change_group(FIXED_TRANSITIONS, a, b)) for b in CATEGORIES] for a in CATEGORIES],
    dtype=np.int8,
)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Draws:
    """Some cohorts as they are in truth: nobody lost, nothing unanswered.

    Attributes
    ----------
    facility, age, status, network, group : ndarray of int8
        Shape (cohorts, persons), ``network`` (cohorts, 2, persons).
    woman, omt, seen : ndarray of bool, shape (cohorts, persons)
    distress : ndarray, shape (cohorts, persons)
        Latent.
    distress_answers : ndarray of int8, shape (cohorts, 10, persons)
        SCL-10, 1 to 4.
    quality : ndarray, shape (cohorts, 2, 2, persons)
        Latent quality of life by wave and factor.
    answers : ndarray of int8, shape (cohorts, 2, 10, persons)
        QOL10 by wave and item, 1 (very good) to 5 (very poor).
    unanswered : ndarray of bool, shape (cohorts, 2, 10, persons)
    network_unanswered : ndarray of bool, shape (cohorts, 2, persons)
    """

    facility: Codes
    age: Codes
    woman: Flags
    omt: Flags
    distress: FloatArray
    distress_answers: Codes
    status: Codes
    network: Codes
    group: Codes
    seen: Flags
    quality: FloatArray
    answers: Codes
    unanswered: Flags
    network_unanswered: Flags


def draw(s: Structure, *, seed: int, cohorts: Sequence[int], n: int, without_group: bool = False) -> Draws:
    """Draw some cohorts of a world.

    Parameters
    ----------
    s : Structure
    seed : int
    cohorts : sequence of int
        Their numbers; a cohort is the same whatever others are drawn with it.
    n : int
        Persons in each.
    without_group : bool
        Let every change group add what the drug-dominated adds, and change nothing else: the same people, had
        their network at one year made no difference.
    """
    person = _persons(s, seed, cohorts, n)
    distress = person["distress"]
    entry = _network_at_entry(s, seed, cohorts, distress)
    status = _status(s, seed, cohorts, distress, person["omt"])
    facility, effects, change_effect = _facilities(s, seed, cohorts, n)
    lasting = _lasting_quality(s, seed, cohorts, distress, entry, effects)
    states = _correlated(s.state_root, normals(seed, "states", cohorts, (2, 2, n)))
    before = lasting + states[:, 0]
    items = _ItemParts(s, seed, cohorts, n)
    answers_before = items.answers(before, 0)
    later = _network_at_year1(s, seed, cohorts, distress, answers_before, entry, status)
    group = GROUP_OF[entry, later]
    shift = _gain(s, distress, entry, group, status, change_effect, without_group=without_group)
    after = lasting + states[:, 1] + shift
    unanswered, network_unanswered = _unanswered(s, seed, cohorts, n)
    return Draws(
        facility=facility,
        age=person["age"],
        woman=person["woman"],
        omt=person["omt"],
        distress=distress,
        distress_answers=_distress_answers(s, seed, cohorts, distress),
        status=status,
        network=np.stack([entry, later], axis=1),
        group=group,
        seen=_seen(s, seed, cohorts, distress, status, (after - before).mean(axis=1)),
        quality=np.stack([before, after], axis=1),
        answers=np.stack([answers_before, items.answers(after, 1)], axis=1),
        unanswered=unanswered,
        network_unanswered=network_unanswered,
    )


def seen_of(s: Structure, n: int) -> int:
    """Return how many of n persons are seen at one year: the published share of them."""
    return round(n * s.world.number("seen") / s.world.number("persons"))


def facility_sizes(k: int, n: int) -> IntArray:
    """Return how many of n persons each of k facilities has.

    Sizes rise in equal steps, the largest about three times the smallest.

    Examples
    --------
    >>> facility_sizes(3, 12).tolist()
    [2, 4, 6]
    """
    weights = np.linspace(1.0, 3.0, k)
    sizes = 1 + np.floor((n - k) * weights / weights.sum()).astype(int)
    sizes[k - (n - sizes.sum()) :] += 1
    return np.asarray(sizes)


def _correlated(root: FloatArray, drawn: FloatArray) -> FloatArray:
    """Give pairs of normal numbers, on the last but one axis, the covariance of a root."""
    first, second = drawn[..., 0, :], drawn[..., 1, :]
    return np.stack([root[0, 0] * first, root[1, 0] * first + root[1, 1] * second], axis=-2)


def _mixed(correlation: float, known: FloatArray, own: FloatArray) -> FloatArray:
    """Return a normal variable with a given correlation to a known one."""
    return np.asarray(correlation * known + np.sqrt(1.0 - correlation**2) * own)


def _persons(s: Structure, seed: int, cohorts: Sequence[int], n: int) -> dict[str, Any]:
    world = s.world
    z = normals(seed, "persons", cohorts, (4, n))
    mean, sd, youngest, oldest = world.value("age")
    age = np.clip(np.rint(mean + sd * z[:, 0]), youngest, oldest).astype(np.int8)
    omt = _mixed(world.number("omt_age"), -z[:, 0], z[:, 2]) < normal_quantile(world.number("omt"))
    woman = z[:, 1] < normal_quantile(world.number("women"))
    return {"age": age, "woman": woman, "omt": omt, "distress": z[:, 3]}


def _distress_answers(s: Structure, seed: int, cohorts: Sequence[int], distress: FloatArray) -> Codes:
    own = normals(seed, "distress answers", cohorts, (10, distress.shape[1]))
    latent = _mixed(s.world.number("distress_loading"), distress[:, None], own)
    cuts = np.broadcast_to(thresholds(s.world.value("distress_answers")), (10, 3))
    return cut(latent, cuts) + np.int8(1)


def _network_at_entry(s: Structure, seed: int, cohorts: Sequence[int], distress: FloatArray) -> Codes:
    world = s.world
    z = normals(seed, "network at entry", cohorts, (2, distress.shape[1]))
    isolated, drug = world.number("isolated"), world.number("drug_dominated")
    alone = _mixed(world.number("isolated_distress"), distress, z[:, 0]) > normal_quantile(1.0 - isolated)
    using = z[:, 1] < normal_quantile(drug / (1.0 - isolated))
    return np.where(alone, _ISOLATED, np.where(using, _DRUG, _ABSTINENT)).astype(np.int8)


def _status(s: Structure, seed: int, cohorts: Sequence[int], distress: FloatArray, omt: Flags) -> Codes:
    own = normals(seed, "status", cohorts, (distress.shape[1],))
    latent = _mixed(s.world.number("status_distress"), distress, own)
    cuts = thresholds(s.world.value("status"))[np.where(omt, 0, 1)]
    return np.asarray((latent[..., None] > cuts).sum(axis=-1, dtype=np.int8))


def _facilities(
    s: Structure, seed: int, cohorts: Sequence[int], n: int
) -> tuple[Codes, FloatArray, FloatArray]:
    """Return everybody's facility, what it adds to quality of life, and what it adds to the change."""
    k = int(s.world.number("facilities"))
    # Who goes where is by lot.
    sizes = facility_sizes(k, n)
    lot = np.argsort(uniforms(seed, "facility of a person", cohorts, (n,)), axis=1, kind="stable")
    facility = np.empty((len(cohorts), n), dtype=np.int8)
    np.put_along_axis(facility, lot, np.repeat(np.arange(k, dtype=np.int8), sizes)[None], axis=1)
    drawn = normals(seed, "facilities", cohorts, (3, k))
    effects = _correlated(s.facility_root, drawn[:, :2])
    change = np.sqrt(s.world.number("facility_change_share")) * drawn[:, 2]
    place = facility.astype(np.intp)
    everybody = np.take_along_axis(effects, place[:, None], axis=2)
    return facility, everybody, np.take_along_axis(change, place, axis=1)


def _lasting_quality(
    s: Structure, seed: int, cohorts: Sequence[int], distress: FloatArray, entry: Codes, facility: FloatArray
) -> FloatArray:
    traits = _correlated(s.trait_root, normals(seed, "traits", cohorts, (2, distress.shape[1])))
    path = s.world.value("distress_path")[:, None]
    offset = s.network_offset[:, entry].swapaxes(0, 1)
    return np.asarray(facility + path * distress[:, None] + offset + traits)


class _ItemParts:
    """What is an item's own, drawn once for both waves."""

    def __init__(self, s: Structure, seed: int, cohorts: Sequence[int], n: int) -> None:
        self.s = s
        stays = s.world.number("item_stability")
        minor = normals(seed, "minor factors", cohorts, (2, n))
        self.lasting = np.einsum("mi,cmn->cin", s.minor, minor)
        own = normals(seed, "items", cohorts, (len(s.loadings), n))
        own *= (s.unique_sd * np.sqrt(stays))[:, None]
        self.lasting += own
        self.now_sd = s.unique_sd * np.sqrt(1.0 - stays)
        self.source = (seed, cohorts, n)

    def answers(self, quality: FloatArray, wave: int) -> Codes:
        """Return the answers at one wave, 1 (very good) to 5 (very poor)."""
        seed, cohorts, n = self.source
        latent = normals(seed, f"items at wave {wave}", cohorts, (len(self.now_sd), n))
        latent *= self.now_sd[:, None]
        latent += self.lasting
        latent += self.s.loadings[:, None] * quality[:, self.s.factor_of]
        return np.int8(5) - cut(latent, self.s.item_cuts)


def _network_at_year1(
    s: Structure,
    seed: int,
    cohorts: Sequence[int],
    distress: FloatArray,
    answers: Codes,
    entry: Codes,
    status: Codes,
) -> Codes:
    world = s.world
    by_distress, by_baseline = world.number("transition_distress"), world.number("transition_baseline")
    z = normals(seed, "network at one year", cohorts, (distress.shape[1],))
    z *= np.sqrt(1.0 - by_distress**2 - by_baseline**2)
    z += by_distress * distress
    if by_baseline:
        # High answers are poor ones: those who score high tend to the later categories.
        total = -answers.sum(axis=1, dtype=float)
        spread = np.maximum(total.std(axis=1, keepdims=True), 1e-300)
        z += by_baseline * (total - total.mean(axis=1, keepdims=True)) / spread
    below = np.cumsum(world.value("transition"), axis=-1)[..., :2]
    limits = below[(status == _DROPPED).astype(np.intp), entry]
    return np.asarray((normal_share(z)[..., None] > limits).sum(axis=-1, dtype=np.int8))


def _gain(
    s: Structure,
    distress: FloatArray,
    entry: Codes,
    group: Codes,
    status: Codes,
    facility: FloatArray,
    *,
    without_group: bool,
) -> FloatArray:
    """Return what is added to each factor from entry to one year, shape (cohorts, 2, persons)."""
    world = s.world
    gain = world.value("gain")[:, None] + world.value("gain_entry")[:, entry].swapaxes(0, 1)
    by_group = world.value("gain_group")
    which = np.full_like(group, _REFERENCE) if without_group else group
    gain = gain + by_group[:, which].swapaxes(0, 1)
    gain = gain + world.value("gain_dropped_out")[:, None] * (status == _DROPPED)[:, None]
    gain = gain + world.value("gain_distress")[:, None] * distress[:, None]
    return np.asarray(gain + facility[:, None])


def _seen(
    s: Structure,
    seed: int,
    cohorts: Sequence[int],
    distress: FloatArray,
    status: Codes,
    change: FloatArray,
) -> Flags:
    """Return who is seen at one year: the published number, those most readily found."""
    n = distress.shape[1]
    ready = normals(seed, "seen", cohorts, (n,)) + s.world.value("seen_status")[status]
    ready += s.world.number("seen_distress") * distress + s.world.number("seen_gain") * change
    return top(ready, seen_of(s, n))


def _unanswered(s: Structure, seed: int, cohorts: Sequence[int], n: int) -> tuple[Flags, Flags]:
    """Return the items of QOL10, and the questions on the network, that are left open."""
    world = s.world
    u = uniforms(seed, "unanswered", cohorts, (2, 4, n))
    some = u[:, :, 0] < 1.0 - world.number("complete") / world.number("persons")
    items = np.arange(len(s.loadings))[:, None]
    # One item, or two.
    gaps = [np.floor(u[:, :, k, None] * len(items)) == items for k in (1, 2)]
    return some[:, :, None] & (gaps[0] | gaps[1]), u[:, :, 3] < world.number("network_unanswered")


def answer_sums(s: Structure, answers: Codes) -> Codes:
    """Return the sum of the answers to each scale's items, shape (..., 3, persons)."""
    return np.stack([answers[..., items, :].sum(axis=-2, dtype=np.int8) for items in s.scale_items], axis=-2)


def scored(s: Structure, sums: Codes) -> FloatArray:
    """Return scores from sums of answers, by the points of QOL10, shape (..., 3, persons)."""
    # The points fall by the same step from answer to answer, so the mean of the points is that of the mean.
    step = (s.points[-1] - s.points[0]) / 4.0
    sizes = np.array([len(items) for items in s.scale_items], dtype=float)[:, None]
    return np.asarray(s.points[0] + step * (sums / sizes - 1.0))


def unscored(s: Structure, unanswered: Flags) -> Flags:
    """Return which scales lack an answer, shape (..., 3, persons)."""
    return np.stack([unanswered[..., items, :].any(axis=-2) for items in s.scale_items], axis=-2)
