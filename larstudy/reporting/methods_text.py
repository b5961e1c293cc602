"""The methods paragraph of a report: the choices that were made, with their references."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from larstudy.catalogue import say
from larstudy.names import Language
from larstudy.reporting.findings import wave_text, waves_text
from larstudy.reporting.material import Material
from larstudy.results import distinct
from larstudy.specs.reading import resource_toml
from larstudy.specs.study import OutcomeSpec
from larstudy.tables import show_level

#: A sentence, what stands in its places, and the works that it cites.
Sentence = tuple[str, dict[str, object], tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Methods:
    """What was done, in paragraphs, the works that are cited, and those on the instruments."""

    paragraphs: tuple[str, ...]
    references: tuple[str, ...]
    instruments: tuple[str, ...]


@lru_cache(maxsize=1)
def _references() -> dict[str, tuple[str, str]]:
    """Return how each work is cited, and its reference."""
    works = resource_toml("reporting", "references")
    return {key: (work["cited"], work["apa"]) for key, work in works.items()}


def methods(material: Material, lang: Language) -> Methods:
    """Return what was done in a study, so that somebody else could do it again.

    Parameters
    ----------
    material : Material
    lang : {"en", "nb", "nn"}
    """
    parts: list[list[Sentence]] = [
        _people(material, lang),
        _measures(material),
        _groups(material),
        _models(material),
        _lost(material),
        _software(material),
    ]
    cited = {key for part in parts for _, _, keys in part for key in keys}
    works = _references()
    return Methods(
        paragraphs=tuple(" ".join(_said(sentence, lang) for sentence in part) for part in parts if part),
        references=tuple(works[key][1] for key in sorted(cited, key=lambda key: works[key][1])),
        instruments=_of_instruments(material),
    )


def _of_instruments(material: Material) -> tuple[str, ...]:
    """Return the works that the instruments of a study name, as the files of the instruments have them."""
    used = [one.instrument for one in material.spec.outcomes.values() if one.instrument is not None]
    return distinct(f"{instrument.name}: {instrument.reference}." for instrument in used)


def _said(sentence: Sentence, lang: Language) -> str:
    text, values, keys = sentence
    said = say(text, lang, **values)
    if not keys:
        return said
    works = "; ".join(_references()[key][0] for key in keys)
    if lang != "en":
        works = works.replace(" et al.", " mfl.").replace(" & ", " og ")
    return f"{said[:-1]} ({works})."


def _people(material: Material, lang: Language) -> list[Sentence]:
    spec = material.spec
    found: list[Sentence] = []
    if spec.synthetic:
        found.append(("The data are synthetic: made up by a program, about nobody.", {}, ()))
    found.append(
        (
            "{n} people came in. They were to answer at {waves}; changes are counted from {intervals}.",
            {
                "n": material.n_persons,
                "waves": ", ".join(wave_text(wave, lang) for wave in spec.waves),
                "intervals": ", ".join(waves_text(pair, lang) for pair in material.intervals),
            },
            (),
        )
    )
    found.append(
        (
            "Answers of one person were joined by that person's id, and never by their order in the file.",
            {},
            (),
        )
    )
    if spec.status is not None:
        found.append(
            ("Everything was done for all together, and within each treatment status at follow-up.", {}, ())
        )
    if spec.cluster is not None:
        found.append(
            (
                "People are nested in units of treatment; errors allow for that by {errors} with degrees of"
                " freedom for few clusters.",
                {"errors": spec.analysis.cluster_errors},
                ("bell_mccaffrey",),
            )
        )
        found.append(
            (
                "Tests of several terms at once are approximate Hotelling tests (HTZ).",
                {},
                ("tipton_pustejovsky",),
            )
        )
    return found


def _measures(material: Material) -> list[Sentence]:
    return [_measure(material.spec.outcomes[name]) for name in material.outcomes]


def _measure(outcome: OutcomeSpec) -> Sentence:
    direction = {"better": "higher is better", "worse": "higher is worse", None: "direction not declared"}
    values: dict[str, object] = {"outcome": outcome.label, "direction": direction[outcome.higher_is]}
    if outcome.instrument is None:
        return ("{outcome}: as the file has it; {direction}.", values, ())
    if not outcome.items:
        return ("{outcome}: as scored in the file; {direction}.", values, ())
    return (
        "{outcome}: scored from {n} items; {direction}.",
        {**values, "n": len(outcome.instrument.items_of(outcome.scale))},
        (),
    )


def _groups(material: Material) -> list[Sentence]:
    spec = material.spec
    if not material.groups:
        return [("People were not in groups; the change of everybody together is described.", {}, ())]
    if not spec.networks:
        return [("People were compared by groups that the file has.", {}, ())]
    first = spec.networks[0]
    rule = first.rules.name if first.rules is not None else "the categories that the file has"
    found: list[Sentence] = [
        (
            "Networks were classified at each wave as abstinent, drug-dominated or isolated, by this rule:"
            " {rule}.",
            {"rule": rule},
            (),
        ),
        (
            "The between-group factor is the change of network: those who kept an abstinent network, those"
            " who gained one, and those whose network was drug-dominated, or who were isolated, at"
            " follow-up.",
            {},
            ("muller",),
        ),
    ]
    if len(spec.networks) > 1:
        found.append(
            (
                "{n} definitions of the networks stand side by side, because what is called isolated depends"
                " on the definition.",
                {"n": len(spec.networks)},
                (),
            )
        )
    return found


def _models(material: Material) -> list[Sentence]:
    level = show_level(material.spec.analysis.confidence)
    if not material.groups:
        return [("Mean changes have t intervals at {level} confidence.", {"level": level}, ())]
    found: list[Sentence] = [
        (
            "A general linear model for repeated measures has time within and the group between persons.",
            {},
            ("muller",),
        ),
        ("Mean changes and differences have intervals at {level} confidence.", {"level": level}, ()),
        (
            "Groups that differ at the start have no single answer to who gained more, so two analyses stand"
            " side by side: of change scores, and of covariance with the score at the start.",
            {},
            ("lord",),
        ),
        (
            "A third takes all groups to have one mean at the start.",
            {},
            ("liang_zeger",),
        ),
        (
            "The part of each change that regression to the mean would give was estimated.",
            {},
            ("davis",),
        ),
    ]
    if len(material.frame("models", model="mixed")):
        found.append(("Mixed models have a random intercept a person.", {}, ("laird_ware",)))
    if len(material.frame("models", model="mmrm_kenward_roger")):
        found.append(
            (
                "Models of all waves leave the covariance of the waves free, with errors and degrees of"
                " freedom for small samples.",
                {},
                ("kenward_roger",),
            )
        )
    if len(material.frame("sensitivity")):
        found.append(
            (
                "The combinations of definition, treatment of the lost, model and covariates that are listed"
                " in tables/sensitivity.csv were analysed.",
                {},
                ("simonsohn", "steegen"),
            )
        )
    if len(material.frame("pairs")):
        found.append(
            (
                "In the table of pairs of groups p-values are adjusted for the number of pairs; no others are"
                " adjusted.",
                {},
                (),
            )
        )
    return found


def _lost(material: Material) -> list[Sentence]:
    found: list[Sentence] = [
        (
            "Nobody who lacks one of the two answers enters a comparison; who was lost, and why, is listed.",
            {},
            (),
        )
    ]
    handled = set(material.frame("missing")["handling"]) if len(material.frame("missing")) else set()
    spec = material.spec.analysis
    if "attrition_weights" in handled:
        found.append(
            (
                "Those seen were weighted to stand for those lost, by what was known of both at the start.",
                {},
                ("seaman_white",),
            )
        )
    if "imputation" in handled:
        found.append(
            (
                "Missing scores were imputed {n} times.",
                {"n": spec.imputations},
                ("rubin",),
            )
        )
    if len(material.frame("weights", handling="overlap_weights")):
        found.append(
            (
                "Groups were made comparable at the start by overlap weights.",
                {},
                ("li_li",),
            )
        )
    if len(material.frame("robustness")):
        found.append(
            (
                "How much the lost would have to differ from those imputed to change the answer was computed,"
                " and how strong an unmeasured confounder would have to be.",
                {},
                ("cro", "vanderweele_ding"),
            )
        )
    return found


def _software(material: Material) -> list[Sentence]:
    made = material.made_with
    used: Sequence[str] = [
        f"{name} {made[name]}" for name in ("python", "numpy", "scipy", "statsmodels") if name in made
    ]
    return [
        ("The report has the items of the STROBE checklist for cohort studies.", {}, ("von_elm",)),
        (
            "Made with larstudy {version} ({packages}); everything drawn at random has seed {seed}.",
            {
                "version": made.get("larstudy", ""),
                "packages": ", ".join(used),
                "seed": material.spec.analysis.seed,
            },
            (),
        ),
    ]


def glossary(lang: Language) -> tuple[tuple[str, str], ...]:
    """Return the words of the report and what they mean, in the order of their letters."""
    words = resource_toml("reporting", "glossary").values()
    entries = [(word["term"][lang], word["means"][lang]) for word in words]
    return tuple(sorted(entries, key=lambda entry: entry[0].casefold()))
