"""Reading ``[analysis]`` of a study file: how the change is compared."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from larstudy.errors import name_options
from larstudy.specs.context import Context
from larstudy.specs.reading import Section
from larstudy.specs.study import (
    MISSING_HANDLINGS,
    REPEATED_MODELS,
    AnalysisSpec,
    ClusterErrors,
    MissingHandling,
    RepeatedModel,
)

_DEFAULT = AnalysisSpec(comparisons=())
_MOST_DRAWS = 1_000_000


def read_analysis(section: Section, context: Context) -> AnalysisSpec:
    """Return how the study compares change; what the file does not say is as it is by default."""
    models = _several(section, "models", REPEATED_MODELS, _DEFAULT.models)
    missing = _several(section, "missing", MISSING_HANDLINGS, _DEFAULT.missing)
    return AnalysisSpec(
        comparisons=_read_comparisons(section, list(context.names)),
        confidence=_read_confidence(section),
        cluster_errors=_read_cluster_errors(section, clustered=bool(context.data.cluster)),
        models=cast("tuple[RepeatedModel, ...]", models),
        missing=cast("tuple[MissingHandling, ...]", missing),
        imputations=_draws(section, "imputations", _DEFAULT.imputations, least=2),
        bootstrap=_draws(section, "bootstrap", _DEFAULT.bootstrap),
        permutations=_draws(section, "permutations", _DEFAULT.permutations),
        seed=_draws(section, "seed", _DEFAULT.seed),
    )


def _several(section: Section, key: str, options: Sequence[str], default: tuple[str, ...]) -> tuple[str, ...]:
    """Return those of the options that are named, in their own order; all of them unless the key is there."""
    if section.raw(key) is None:
        return default
    named = section.texts(key)
    for name in named:
        if name not in options:
            section.problem(key, f"'{name}' is not an option", name_options(name, options))
    return tuple(option for option in options if option in named)


def _draws(section: Section, key: str, default: int, *, least: int = 0) -> int:
    value = section.whole(key)
    if value is None:
        return default
    if not least <= value <= _MOST_DRAWS:
        what = f"should lie between {least} and {_MOST_DRAWS}"
        section.problem(key, what, f"Write {default}, or leave it out")
        return default
    return value


def _read_comparisons(section: Section, names: list[str]) -> tuple[tuple[str, str], ...]:
    raw = section.raw("comparisons")
    if raw is None:
        return tuple((names[0], later) for later in names[1:])
    entries = raw if isinstance(raw, list) else [raw]
    pairs = []
    for entry in entries:
        known = isinstance(entry, list) and len(entry) == 2 and all(e in names for e in entry)
        if not known or names.index(entry[0]) >= names.index(entry[1]):
            section.problem(
                "comparisons",
                "each entry should name two waves, the earlier first",
                f"The waves are {', '.join(names)}",
            )
        else:
            pairs.append((entry[0], entry[1]))
    if not entries:
        section.problem("comparisons", "names no interval", "Leave it out, or name one")
    return tuple(dict.fromkeys(pairs))


def _read_confidence(section: Section) -> float:
    value = section.number("confidence")
    if value is not None and not 0 < value < 1:
        section.problem("confidence", "should lie between 0 and 1", "Write 0.95 for 95 %")
    return _DEFAULT.confidence if value is None else value


def _read_cluster_errors(section: Section, *, clustered: bool) -> ClusterErrors:
    if "cluster_errors" in section and not clustered:
        what = "needs clusters, and [data] names none"
        section.problem("cluster_errors", what, 'Write cluster = "..." under [data]')
    return cast("ClusterErrors", section.choice("cluster_errors", ("CR2", "CR3")) or "CR2")
