"""Every method that is tried, in which world, what it is asked, and whether it is recommended there."""

from __future__ import annotations

from tests.benchmarks.rates import facilities, lost, persons
from tests.benchmarks.rates.answers import Method, Tried
from tests.benchmarks.rates.cohorts import WORLDS

ALL_GROUPS, GAINED, FAMILY = "all groups", "gained - drug-dominated", "every pair at once"
BOTH = (ALL_GROUPS, GAINED)
GAIN = "gain of a group from the mean of everybody"
LOSS = "isolated - drug-dominated, odds of being lost"
PLANNED = "abstinent - rest, planned"
SEEN, OF_GROUP, EVERYBODY = (
    "mean change of the seen",
    "mean change of the seen in a group",
    "mean change of everybody",
)

_INDEPENDENT = "takes persons of a facility as independent"
_CR1 = "few and unequal facilities"
_DROPPED = "the lost were dropped, and they would have changed otherwise"
_LORD = "asked the other question of Lord's paradox"
_UNSEEN = "nothing that was seen tells who was lost: tipping points and bounds, not estimates"
_HOLM = "errs on the safe side: never above 5 %, and more rarely than Games-Howell"
_SAFE = "errs on the safe side: it rejects too rarely, and its intervals are too wide; CR2 holds"
_PERSONS = "these degrees of freedom count lost persons, and clusters are not lost: intervals are too wide"
_UNFIT = "some fits do not converge: take that of CR2"
_FEW = "a joint test by F and facilities less coefficients: take that of CR2"


def _each_df(target: str) -> tuple[str, str]:
    """Name a target by the degrees of freedom for clusters, and by Barnard and Rubin's."""
    return target, f"{target}, Barnard-Rubin"


def _rows(
    name: str,
    world: str,
    targets: tuple[str, ...],
    ask: Tried,
    why: tuple[str, ...] | str = "",
    one_in: int = 1,
) -> Method:
    """Put a method into the register; a target is recommended where there is no reason against it."""
    reasons = why if isinstance(why, tuple) else (why,) * len(targets)
    return Method(name=name, world=world, targets=targets, ask=ask, why=reasons, one_in=one_in)


METHODS = (
    _rows("paired t", "no_facilities", (SEEN, OF_GROUP, EVERYBODY), persons.paired_t, ("", "", _DROPPED)),
    _rows("change score", "no_facilities", BOTH, persons.change_score),
    _rows("ANCOVA", "no_facilities", BOTH, persons.ancova),
    _rows("repeated-measures GLM", "no_facilities", (ALL_GROUPS,), persons.repeated_measures),
    _rows("mixed model, two waves", "no_facilities", BOTH, persons.mixed_two_waves),
    _rows("Welch", "no_facilities", BOTH, persons.welch),
    _rows("Games-Howell", "no_facilities", (FAMILY,), persons.all_games_howell),
    _rows("Tukey-Kramer", "no_facilities", (FAMILY,), persons.all_tukey),
    _rows("Welch, Holm", "no_facilities", (FAMILY,), persons.all_holm, _HOLM),
    _rows("Welch", "no_facilities", (PLANNED,), persons.planned_welch),
    _rows("pooled", "no_facilities", (PLANNED,), persons.planned_pooled),
    _rows("constrained baseline", "no_facilities", (GAINED,), persons.constrained),
    _rows("permutation", "no_facilities", (ALL_GROUPS,), persons.permutation),
    _rows("equivalence (TOST)", "margin", (GAINED,), persons.equivalence),
    _rows("MMRM", "three_waves", (EVERYBODY,), persons.mmrm_mean),
    _rows("MMRM, Satterthwaite", "three_waves", ("networks at the baseline", "one against another"), persons.mmrm("satterthwaite")),
    _rows("MMRM, Kenward-Roger", "three_waves", ("networks at the baseline", "one against another"), persons.mmrm("kenward_roger")),
    _rows("random intercepts of persons and facilities", "level_only", BOTH, persons.random_intercepts),
    _rows("paired t", "facilities", (SEEN, OF_GROUP, EVERYBODY), persons.paired_t, _INDEPENDENT),
    _rows("change score", "facilities", BOTH, persons.change_score, _INDEPENDENT),
    _rows("ANCOVA", "facilities", BOTH, persons.ancova, _INDEPENDENT),
    _rows("Welch", "facilities", BOTH, persons.welch, _INDEPENDENT),
    _rows("random intercepts of persons and facilities", "facilities", BOTH, persons.random_intercepts,
          "allows facilities to differ in level, not in change"),
    _rows("CR1, normal quantiles, change score", "facilities", BOTH, facilities.cr1_normal, _CR1),
    _rows("CR1, change score", "facilities", BOTH, facilities.cluster_model("CR1", adjusted=False), _CR1),
    _rows("CR1, ANCOVA", "facilities", BOTH, facilities.cluster_model("CR1", adjusted=True), _CR1),
    _rows("CR2, change score", "facilities", BOTH, facilities.cluster_model("CR2", adjusted=False)),
    _rows("CR2, ANCOVA", "facilities", BOTH, facilities.cluster_model("CR2", adjusted=True)),
    _rows("CR3, change score", "facilities", BOTH, facilities.cluster_model("CR3", adjusted=False), _SAFE),
    _rows("CR3, ANCOVA", "facilities", BOTH, facilities.cluster_model("CR3", adjusted=True), _SAFE),
    _rows("CR2", "facilities", (PLANNED,), facilities.planned_cr2),
    _rows("wild cluster bootstrap (Webb), change score", "facilities", (GAINED,), facilities.wild),
    _rows("random intercept of facilities, change score", "facilities", BOTH, facilities.facility_intercept(adjusted=False)),
    _rows("random intercept of facilities, ANCOVA", "facilities", BOTH, facilities.facility_intercept(adjusted=True)),
    _rows("GEE, Mancl-DeRouen, change score", "facilities", BOTH, facilities.gee, (_FEW, _UNFIT)),
    _rows("jackknife over facilities, ANCOVA corrected", "facilities", (GAINED,), facilities.corrected),
    _rows("jackknife over facilities, constrained baseline", "facilities", (GAIN,), facilities.gain_from_the_mean),
    _rows("logistic model of being lost", "facilities", (LOSS,), facilities.loss_of_independent, _INDEPENDENT),
    _rows("CR2, logistic model of being lost", "facilities", (LOSS,), facilities.loss),
    _rows("permutation within facilities", "facilities", (ALL_GROUPS,), persons.permutation_within),
    _rows("CR2, complete cases", "facilities", (SEEN, EVERYBODY), facilities.mean_of_seen, ("", _DROPPED)),
    _rows("CR2, attrition weights", "facilities", (EVERYBODY,), lost.weighted),
    _rows("CR2, score imputed", "facilities", _each_df(EVERYBODY), lost.imputed_mean, ("", _PERSONS), one_in=4),
    _rows("CR2, score and group imputed", "facilities", (*_each_df(EVERYBODY), *_each_df(GAINED)), lost.imputed_groups,
          ("", _PERSONS) * 2, one_in=4),
    _rows("CR2, change score", "enter_unlike_change_alike", BOTH, facilities.cluster_model("CR2", adjusted=False)),
    _rows("CR2, ANCOVA", "enter_unlike_change_alike", BOTH, facilities.cluster_model("CR2", adjusted=True), _LORD),
    _rows("CR2, change score", "enter_unlike_end_alike", BOTH, facilities.cluster_model("CR2", adjusted=False), _LORD),
    _rows("CR2, ANCOVA", "enter_unlike_end_alike", BOTH, facilities.cluster_model("CR2", adjusted=True)),
    _rows("CR2, complete cases", "not_at_random", (EVERYBODY,), facilities.mean_of_everybody, _UNSEEN),
    _rows("CR2, attrition weights", "not_at_random", (EVERYBODY,), lost.weighted, _UNSEEN),
    _rows("CR2, score imputed", "not_at_random", _each_df(EVERYBODY), lost.imputed_mean, _UNSEEN, one_in=5),
)  # fmt: skip


def of_world(world: str) -> tuple[Method, ...]:
    """Return what is tried in a world."""
    assert {method.world for method in METHODS} == set(WORLDS)
    return tuple(method for method in METHODS if method.world == world)
