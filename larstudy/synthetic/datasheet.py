"""The datasheet beside a synthetic cohort: what it is not comes first, then what is assumed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from larstudy.names import CHANGE_GROUPS, label
from larstudy.specs.reading import resource_toml
from larstudy.synthetic.calibration import CalibrationReport
from larstudy.synthetic.frames import SyntheticFrames
from larstudy.synthetic.structure import SCALES
from larstudy.synthetic.targets import Target, published_targets
from larstudy.synthetic.truths import key_of, truths_of
from larstudy.synthetic.worlds import Parameter, World, list_worlds, read_world, shown_value
from larstudy.tables import SYNTHETIC_STAMP, show_fixed

_REVIEW = "review"


@cache
def _stored() -> Mapping[str, Any]:
    """Return the report on the targets as it was when the package was made."""
    return resource_toml("worlds", "_calibration")


def calibration_toml(report: CalibrationReport) -> str:
    """Return a report as it is stored."""
    lines = [
        "# How the review world stands against what is printed; see larstudy.calibration_report().",
        "# For each figure: generated mean, 2.5 % and 97.5 % of the cohorts. Synthetic data - not patients.",
        f"n_cohorts = {report.n_cohorts}",
        f"seed = {report.seed}",
        "",
        "[generated]",
    ]
    for row in report.rows():
        numbers = ", ".join(f"{row[name]:.5f}" for name in ("generated", "generated_low", "generated_high"))
        lines.append(f'"{row["target"]}" = {{ numbers = [{numbers}], agrees = "{row["agrees"]}" }}')
    return "\n".join(lines) + "\n"


def datasheet(frames: SyntheticFrames) -> str:
    """Return the datasheet of a synthetic cohort, as Markdown.

    Examples
    --------
    >>> from larstudy.synthetic.frames import generate_items
    >>> print(datasheet(generate_items("null", seed=1)).splitlines()[0])
    # Synthetic data – not patients
    """
    world = frames.world
    parts = [_what_it_is_not(frames), _assumptions(world)]
    parts += [_targets()] if world is read_world(_REVIEW) else [_departures(world)]
    parts += [_truth(world), _FILES, _equations(world), _again(frames)]
    return "\n".join(part.rstrip("\n") + "\n" for part in parts)


def _what_it_is_not(frames: SyntheticFrames) -> str:
    world = frames.world
    return f"""# {SYNTHETIC_STAMP}

World `{world.id}` ({world.label.lower()}), seed {frames.seed}, {frames.n} made-up persons. {world.says}

## What it is not

- **Not people.** Nobody here exists. Nothing was copied, resampled or fitted from anybody's answers.
- **Not the NorComt data.** Those are not public. No results table of Muller, Skurtveit & Clausen 2017 could
  be read, so nothing here was fitted to one: the sizes of the effects, the means and the spreads are
  assumptions.
- **Never evidence.** That an analysis of these data finds something says what was put in. It says nothing
  about patients, treatment or networks, and must not be cited as if it did.
- **Not a check of the article.** {world.truth}
- **Not as untidy as real answers.** People here answer every wave by the same rules; factors fit better than
  in print, and no item of SCL-10 or WHOQOL-BREF is left open.

It is for learning and for trying out: every analysis runs on it, and what is true is known.
"""


def _assumptions(world: World) -> str:
    rows = [f"| `{p.name}` | {shown_value(p)} | {_sentence(p)} |" for p in world.assumptions()]
    return "\n".join(
        [
            "## What is assumed",
            "",
            "Everything that is not published. Quality of life is on a latent scale with mean 0 and SD 1"
            " at entry; higher is better. Whoever set these numbers had read what is printed, also the"
            " figures kept for checking; none was changed to meet those.",
            "",
            "| what | value | why |",
            "| :--- | :--- | :--- |",
            *rows,
            "",
        ]
    )


def _sentence(parameter: Parameter) -> str:
    return parameter.reason[0].upper() + parameter.reason[1:] + "."


def _departures(world: World) -> str:
    names = [f"`{p.name}`" for p in world.parameters.values() if p.world == world.id]
    return (
        "## What it has from print\n\nThe published figures that the world `review` is built to meet"
        f" stand behind this one too; but it departs from them on purpose. It sets for itself:"
        f" {', '.join(names)}.\n"
    )


def _targets() -> str:
    stored = _stored()
    lines = []
    for role, heading, words in (
        ("calibrate", "What it was built to meet", "Agreement proves nothing: the generator was told these."),
        (
            "check",
            "What it never saw",
            "The generator does not read these. Where it disagrees, it stays so. But whoever set the"
            " assumptions had read them, so that agreement is less than a prediction would be: the networks"
            " and the good quality of life of the subsample follow from `isolated`, `transition` and"
            " `answers_10`, its correlations from `whoqol_paths` and `marks_distress`.",
        ),
    ):
        targets = [t for t in published_targets().values() if t.role == role]
        agree = sum(stored["generated"][t.id]["agrees"] == "yes" for t in targets)
        lines += [
            f"## {heading}",
            "",
            f"{words} {agree} of {len(targets)} agree, in {stored['n_cohorts']} cohorts of this world"
            " (mean, and range of 95 % of them).",
            "",
            "| figure | printed | generated | agrees | where it is printed | seen in |",
            "| :--- | ---: | ---: | :--- | :--- | :--- |",
            *(_target_row(target, stored["generated"][target.id]) for target in targets),
            "",
        ]
    lines.append(
        "Seen in: T table or text, A abstract, N news of the institution, REVIEW the reviewed thesis only.\n"
    )
    return "\n".join(lines)


def _target_row(target: Target, found: Mapping[str, Any]) -> str:
    digits = 0 if target.value >= 20 else 3
    mean, low, high = (show_fixed(v, digits) for v in found["numbers"])
    printed = target.printed.replace("*", "\\*")
    generated = f"{mean} ({low} to {high})"
    cells = (
        f"{target.label} ({target.how})",
        printed,
        generated,
        found["agrees"],
        target.place,
        target.confidence,
    )
    return f"| {' | '.join(cells)} |"


def _truth(world: World) -> str:
    truths = truths_of(world)
    lines = ["## What is true in it", "", world.truth, ""]
    if not truths:
        return "\n".join(lines)
    heads = [
        "share of all",
        "mean change",
        "less drug-dominated",
        "given the same baseline",
        "due to the change group",
    ]
    lines += [
        "Means over endless cohorts, everybody included, in points of the score (0.1 to 0.9). The"
        " columns: how common the change group is; its mean change; the difference of that to the"
        " drug-dominated; the difference at one year among people with the same score at entry; and what"
        " the change group itself adds.",
        "",
        f"| outcome | change group | {' | '.join(heads)} |",
        f"| :--- | :--- | {' | '.join(['---:'] * len(heads))} |",
    ]
    for outcome in SCALES:
        truth = truths[key_of(outcome)]
        columns: Sequence[Sequence[float]] = (
            truth.share, truth.change, truth.change_score, truth.ancova, truth.structural,
        )  # fmt: skip
        for place, group in enumerate(CHANGE_GROUPS):
            cells = " | ".join(show_fixed(column[place], 3) for column in columns)
            lines.append(f"| {outcome} | {label(group)} | {cells} |")
    lines += [
        "",
        "For those seen, and within each treatment status, see `larstudy/resources/worlds/_truths.toml`.",
        "",
    ]
    return "\n".join(lines)


_FILES = """## Files

| file | what is in it |
| :--- | :--- |
| `cohort.csv` | one row a person, as a researcher would have it; answers at both waves |
| `cohort_long.csv` | one row a person and wave; those lost have no second row |
| `items.csv` | one row an answer, SCL-10 included |
| `codebook.csv` | every column of `cohort.csv` |
| `study.toml` | what `larstudy analyse` needs |
| `manifest.toml` | seed, versions, SHA-256 of every file, the published figures |

Every row has a column `synthetic`. `person` numbers made-up persons; treatment status is known of everybody;
an empty cell was not answered, or its person was not seen. Items carry their number and theme, never their
wording.
"""


def _equations(world: World) -> str:
    return f"""## How it was made

Quality of life of factor k (global, social), for each person:

    q0[k] = facility[k] + distress_path[k] * distress + entry_network[k, network at entry] + trait[k]
            + state0[k]
    q1[k] = q0[k] - state0[k] + state1[k] + gain[k] + gain_group[k, change group]
            + gain_entry[k, network at entry] + gain_dropped_out[k] * dropped_out
            + gain_distress[k] * distress + facility_change

An answer to item j is cut from `loading[j] * q[k(j)] + minor + own`, where `own` stays in part over the year.
The network at one year follows from that at entry and from dropping out{_also(world)}.
Dropping out follows from the kind of treatment and from distress, being seen from treatment status and
distress{_seen_also(world)}, as far as the numbers above are not 0. Each block of variables has random numbers
of its own.
"""


def _also(world: World) -> str:
    links = {"transition_distress": ", from distress", "transition_baseline": ", from the score at entry"}
    return "".join(words for name, words in links.items() if world.number(name))


def _seen_also(world: World) -> str:
    return ", and from the change itself" if world.number("seen_gain") else ""


def _again(frames: SyntheticFrames) -> str:
    world = frames.world
    ships = world.id in list_worlds() and world is read_world(world.id)
    named = world.id if ships else f"{world.id}.toml"
    command = f"larstudy synth --world {named} --seed {frames.seed} --out DIR"
    if frames.n != int(world.number("persons")):
        command = f'larstudy.synthetic.files.synthetic_files("{named}", seed={frames.seed}, n={frames.n})'
    return f"""## To make it again

    {command}

gives the same bytes (the versions in `manifest.toml` apart), and `larstudy analyse DIR/study.toml --out
RESULTS` runs everything on it. Licence: as the package (MIT). The instruments' wording is not included.
"""
