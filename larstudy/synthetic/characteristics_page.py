"""The page on what every rule and every comparison is worth, made from a run."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, Final

import pandas as pd

from larstudy.names import CHARACTERISTIC_COLUMNS, Language
from larstudy.results import stamped_frame
from larstudy.stats.planned_contrasts import ChangeGroupContrast
from larstudy.synthetic.analyses import analysis_of, list_analyses
from larstudy.synthetic.characteristics import (
    OperatingCharacteristics,
    kept_claim,
    labels_of,
    operating_characteristics,
)
from larstudy.synthetic.cohorts import SHIPPED_SEED
from larstudy.synthetic.worlds import list_worlds, read_world
from larstudy.tables import SYNTHETIC_STAMP, Column, table_from_frame
from larstudy.verdict_rules import SMALLEST_EFFECTS, VerdictRule, list_verdict_rules, verdict_rule

PAGE: Final = "operating_characteristics.md"
NUMBERS: Final = "operating_characteristics.csv"
_MAIN: Final = "gained_against_drug_dominated"
#: What is asked: the three planned contrasts, and the pair of groups that differ most at entry.
CONTRASTS: Final[tuple[ChangeGroupContrast | tuple[str, str], ...]] = (
    "gained_against_drug_dominated",
    "abstinent_against_rest",
    "isolated_against_rest",
    ("maintained_abstinent", "drug_dominated"),
)
#: Of the cohorts of the others: these cost a hundred and ten thousand times as much.
_ONE_BY_ONE: Final = 0.25
_IMPUTED: Final = 0.05
_FALSE_WORLDS: Final = ("null", "entry_gap", "regression_to_mean")


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class CharacteristicsPage:
    """The page and its numbers.

    Attributes
    ----------
    text : str
        Markdown.
    frame : DataFrame
        Every number, with columns `larstudy.names.CHARACTERISTIC_COLUMNS`.
    """

    text: str
    frame: pd.DataFrame

    def files(self) -> dict[str, bytes]:
        """Return the files of the page, by name."""
        out = io.StringIO()
        self.frame.to_csv(out, index=False, float_format="%.6g", lineterminator="\n")
        return {PAGE: self.text.encode(), NUMBERS: out.getvalue().encode()}


def characteristics_page(
    *,
    n_cohorts: int = 2000,
    seed: int = SHIPPED_SEED,
    cache: str | Path | None = None,
    client: Any = None,
    progress: bool = True,
) -> CharacteristicsPage:
    """Try every rule and every comparison in all worlds, and say in words what follows.

    Parameters
    ----------
    n_cohorts : int
        Of each world; a quarter of that for what goes through cohorts one by one, a twentieth for imputation.
    seed : int
    cache : str or Path, optional
    client : dask.distributed.Client, optional
    progress : bool

    Returns
    -------
    CharacteristicsPage
    """
    common: dict[str, Any] = {"seed": seed, "cache": cache, "client": client, "progress": progress}
    rules = [verdict_rule(name).at(size) for name in list_verdict_rules() for size in SMALLEST_EFFECTS]
    by_rule = {}
    for contrast in CONTRASTS:
        found = operating_characteristics(rules, n_cohorts=n_cohorts, contrast=contrast, **common)
        by_rule[found.contrast] = found
    by_analysis = [
        operating_characteristics(names, n_cohorts=max(round(n_cohorts * share), 1), contrast=_MAIN, **common)
        for names, share in _by_cost()
    ]
    parts = [*by_rule.values(), *by_analysis]
    frame = pd.concat([found.to_frame() for found in parts], ignore_index=True)[list(CHARACTERISTIC_COLUMNS)]
    text = "\n\n".join(
        [
            _head(n_cohorts, seed),
            _conclusions(by_rule),
            "## Verdict rules",
            _legend(),
            *(_rules_table(found) for found in by_rule.values()),
            "## Comparisons, one by one",
            _legend_of_comparisons(by_analysis),
            *(_world_table(by_analysis, world) for world in list_worlds()),
        ]
    )
    return CharacteristicsPage(text=text + "\n", frame=frame)


def _by_cost() -> list[tuple[list[str], float]]:
    names = list_analyses()
    imputed = [name for name in names if name.startswith("imputed")]
    single = [name for name in names if analysis_of(name).batched is None and name not in imputed]
    many = [name for name in names if name not in imputed and name not in single]
    return [(many, 1.0), (single, _ONE_BY_ONE), (imputed, _IMPUTED)]


def _head(n_cohorts: int, seed: int) -> str:
    worlds = "\n".join(
        f"- `{world.id}` - {world.says} {world.truth}" for world in map(read_world, list_worlds())
    )
    return f"""# What the rules and comparisons are worth

{SYNTHETIC_STAMP}. How often each verdict rule and each comparison of change groups says what, in worlds
whose truth is known: {n_cohorts:,} cohorts of each world, of the size, facilities and loss of the reviewed
study (548 at entry, 338 seen again, 21 facilities). None of this is evidence about patients. Made by
`larstudy characteristics --cohorts {n_cohorts} --seed {seed} --out DIR`; every number, with its Monte
Carlo interval, is in `{NUMBERS}` there.

{worlds}"""


def _share(found: OperatingCharacteristics, world: str, rule: str) -> float:
    for row in found.rows:
        key = (row["world"], row["rule"], row["quantity"], row["smallest"])
        if key == (world, rule, "supported", SMALLEST_EFFECTS[0]):
            return 100.0 * float(row["value"])
    raise KeyError(rule)


def _conclusions(by_rule: dict[str, OperatingCharacteristics]) -> str:
    """Return two paragraphs whose numbers are those of the run."""

    def worst(rule: str, worlds: Sequence[str]) -> float:
        return max(_share(found, world, rule) for found in by_rule.values() for world in worlds)

    def least(rule: str, contrasts: Sequence[str]) -> float:
        return min(_share(by_rule[name], "review", rule) for name in contrasts)

    planned = [name for name in CONTRASTS if isinstance(name, str)]
    return _FOLLOWS.format(
        selected=worst("change_score_alone", ["regression_to_mean"]),
        apart=worst("ancova_alone", ["entry_gap"]),
        agreed=worst("two_estimands", _FALSE_WORLDS),
        nothing=worst("two_estimands", ["null"]),
        found=least("two_estimands", planned),
        found_alone=least("ancova_alone", planned),
        strict=least("two_estimands_strict", planned),
        confounded=worst("two_estimands", ["confounded"]),
    )


_FOLLOWS: Final = """## What follows

A rule that rests on one model says yes too readily where the groups were not alike at entry. Where the
groups were selected on a noisy baseline and nothing else happened, the change score alone calls a
difference supported in up to {selected:.0f} % of cohorts; where groups start apart and gain alike, ANCOVA
alone does so in up to {apart:.0f} %. Asked to agree, the two do so in at most {agreed:.1f} % of the cohorts
of these worlds and of the world without any effect ({nothing:.1f} % there), and the price is small: where
the reviewed pattern is true, the rule of two estimands still finds each planned contrast in {found:.0f} %
of cohorts or more, against {found_alone:.0f} % for ANCOVA alone. To leave out, with the whole interval,
what does not matter (`two_estimands_strict`) makes errors rarer still, and finds each planned contrast in
{strict:.0f} % or more.

No rule that looks at scores, groups and baseline sees a cause. Where distress drives both the network and
the change, and the network does nothing, the rule of two estimands says supported in up to
{confounded:.0f} % of cohorts: the models agree, and both are wrong about what the network does. A verdict
of *supported* therefore says that people in one group changed more by every comparison, and no more. And
where those who fared badly are lost, estimates among the seen are off whatever the model: tipping points
and bounds say how far, and no table of error rates takes their place."""


def _called(contrast: str) -> str:
    return contrast.replace("_", " ").capitalize()


def _legend() -> str:
    sizes = ", ".join(f"{size:g}" for size in SMALLEST_EFFECTS)
    lines = [f"- `{rule.id}` - {rule.label}" for rule in map(verdict_rule, list_verdict_rules())]
    return (
        "Per cent of cohorts in which the rule says *supported*, at a smallest effect that matters of"
        f" {sizes} standard deviations at entry. That the network adds something is true in `review` and"
        " `mnar_dropout` and false in the other worlds.\n\n" + "\n".join(lines)
    )


def _rules_table(found: OperatingCharacteristics) -> str:
    frame = found.to_frame()
    frame = frame[frame["quantity"] == "supported"]
    rows: list[dict[str, Any]] = []
    for name in list_verdict_rules():
        # The size has no part in significance alone.
        crude = verdict_rule(name).criterion == "significance"
        for size in SMALLEST_EFFECTS[:1] if crude else SMALLEST_EFFECTS:
            own = frame[(frame["rule"] == name) & (frame["smallest"] == size)].set_index("world")["value"]
            shares = {world: 100.0 * float(own[world]) for world in list_worlds()}
            rows.append({"rule": f"`{name}`", "size": "" if crude else f"{size:g}", **shares})
    columns = [Column(name="rule", label="rule", kind="text"), Column(name="size", label="SD", kind="text")]
    columns += [Column(name=world, label=world.replace("_", " "), digits=1) for world in list_worlds()]
    title = f"{_called(found.contrast)}, {found.n_cohorts:,} cohorts"
    return table_from_frame(pd.DataFrame(rows), columns, title=title, synthetic=True).to_markdown()


def _legend_of_comparisons(found: Sequence[OperatingCharacteristics]) -> str:
    counts = ", ".join(f"{part.n_cohorts:,}" for part in found)
    return _COMPARISONS.format(contrast=_called(_MAIN), counts=counts)


_COMPARISONS: Final = """{contrast}, by every comparison that speaks of it ({counts} cohorts: of those
that take many at once, those that take one, the imputed). *Rejects*: p below .05, in per cent. *Bias* and
*RMSE* in standard deviations at entry, and *coverage* of 95 % intervals in per cent, of what the
comparison itself estimates among everybody at entry; *bias as effect* and *covers effect* of what the
change group itself adds. *Type S*: wrong sign among the rejected, in per cent; *type M*: how many times
too large they are. The repeated-measures GLM and the mixed model of persons are the change score with two
complete waves; equivalence and joint tests of all groups ask another question:
`tests/benchmarks/error_rates.md` has them."""


_SHOWN: Final = (
    ("rejected", "rejects", 100.0, 1),
    ("bias", "bias", 1.0, 3),
    ("rmse", "RMSE", 1.0, 3),
    ("coverage", "coverage", 100.0, 1),
    ("bias_structural", "bias as effect", 1.0, 3),
    ("coverage_structural", "covers effect", 100.0, 1),
    ("type_s", "type S", 100.0, 1),
    ("type_m", "type M", 1.0, 2),
)


def _world_table(found: Sequence[OperatingCharacteristics], world: str) -> str:
    rows = []
    for part in found:
        names = dict.fromkeys(row["rule"] for row in part.rows)
        for name in names:
            values = {key: part.value(world, name, key) * scale for key, _, scale, _ in _SHOWN}
            rows.append({"rule": analysis_of(name).label, **values})
    columns = [Column(name="rule", label="comparison", kind="text")]
    columns += [Column(name=key, label=label, digits=digits) for key, label, _, digits in _SHOWN]
    title = f"World {world.replace('_', ' ')}"
    return table_from_frame(pd.DataFrame(rows), columns, title=title, synthetic=True).to_markdown()


def chosen_page(
    rules: Sequence[str | VerdictRule],
    worlds: Sequence[str | Path] | None,
    *,
    contrast: ChangeGroupContrast | tuple[str, str],
    **common: Any,
) -> CharacteristicsPage:
    """Return a page on some rules and worlds only."""
    found = operating_characteristics(rules, worlds, contrast=contrast, **common)
    text = f"# What the rules and comparisons are worth\n\n{found.table().to_markdown()}\n"
    return CharacteristicsPage(text=text, frame=found.to_frame())


def kept_characteristics() -> pd.DataFrame:
    """Return what ships of the page's numbers: how often each rule says supported and each test rejects.

    Returns
    -------
    DataFrame
        Columns as `larstudy.names.CHARACTERISTIC_COLUMNS`, stamped; of those who gained an abstinent network
        against those with a drug-dominated one, at the smallest effect that matters, 0.2.

    Examples
    --------
    >>> kept = kept_characteristics().set_index(["world", "rule"])["value"]
    >>> bool(kept["null", "two_estimands"] < 0.03)
    True
    """
    file = resources.files("larstudy") / "resources" / "worlds" / "_characteristics.csv"
    with file.open(encoding="utf-8") as content:
        # A world is called null.
        frame = pd.read_csv(content, keep_default_na=False, na_values={"smallest": "", "value": ""})
    return stamped_frame(frame, True)


def kept_files(lang: Language = "en") -> dict[str, bytes]:
    """Return the kept numbers and their figure as files, by name.

    Parameters
    ----------
    lang : {"en", "nb", "nn"}
        Of the figure.
    """
    from larstudy import figures

    frame = kept_characteristics()
    with figures.apart():
        drawn = figures.plot_characteristics(
            frame.drop_duplicates(["world", "rule"]),
            labels=labels_of(frame),
            claim=kept_claim(_MAIN),
            lang=lang,
        )
    return {
        NUMBERS: frame.to_csv(index=False, lineterminator="\n").encode(),
        **{NUMBERS.replace("csv", kind): drawn.to_bytes(kind) for kind in figures.PICTURES},
    }
