"""All waves of a study at once: groups, or the network of each wave, and the scores of everybody seen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from larstudy import names
from larstudy.changes import left_out_in_words, reasons_without_score
from larstudy.clusters import Clusters, as_clusters
from larstudy.errors import JoinError, LarstudyError, name_options, require_type, unknown_name
from larstudy.groups import Groups, groups_from_labels, reasons_without_group
from larstudy.ledger import Ledger, positions
from larstudy.names import CATEGORIES, DRUG_DOMINATED, in_sentence
from larstudy.networks import Networks
from larstudy.repeated_words import REPEATED_MODELS as MODELS_IN_WORDS
from larstudy.repeated_words import repeated_term
from larstudy.results import Result, distinct, frame_of, stamped, stamped_frame
from larstudy.scores import Scores
from larstudy.specs.study import REPEATED_MODELS, RepeatedModel
from larstudy.stats.arrays import FloatArray, IntArray
from larstudy.tables import Column, Table, digits_for, show_number, show_p_in_text, table_from_frame
from larstudy.wave_fitting import WaveRows, fit_waves, wave_rows

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WavePart = Literal["models", "contrasts", "flow"]

#: The steps of the ledger of all waves; in flow.csv they stand beside those of two waves.
ALL_WAVES = "entered, all waves"
IN_MODELS = "in the models of all waves"

FIXED_NOTE = (
    "Models of all waves, groups that stay: a mean for every group at every wave, of everybody with a group"
    " and a score at one wave at least. MMRM and the mixed models hold where scores are missing at random,"
    " GEE where they are missing completely at random. Differences between groups are differences in the"
    " change from the first wave to the last."
)
NETWORK_NOTE = (
    "Models of all waves, network of each wave: the scores of the later waves given the score at the first"
    " wave (one slope), the wave, and the network at the same wave; a person counts at every later wave where"
    " score and network are known. They say which networks go with higher scores at the same time among"
    " people who started alike, and not which comes first. Differences between networks are the same at every"
    " wave, but for the test of waves x network."
)
WORKING_NOTE = (
    "Where the network changes from wave to wave, GEE with exchangeable correlation and the mixed models also"
    " take for granted that the networks of the other waves say nothing more about a score (Pepe and"
    " Anderson); gee_independence does not."
)
_MMRM_NOTE = (
    "MMRM takes persons as independent; the models that allow for '{}' are those with clusters and GEE."
)
_GEE_NOTE = "GEE: errors by Mancl and DeRouen, t with clusters less coefficients degrees of freedom; its clusters are {}."


@dataclass(frozen=True, slots=True, eq=False, kw_only=True, repr=False)
class WaveModels(Result):
    """Models of all waves at once, for one outcome.

    Attributes
    ----------
    outcome, label, stratum : str
    waves : tuple of str
        From the first to the last that the models speak of.
    factor : {"group", "network"}
        Whether the groups stay, or are the network of each wave.
    order : tuple of str
        The groups that somebody is in.
    reference : str
        The group that the others are held against.
    model_rows, contrast_rows : tuple of dict
        Rows of ``models.csv`` and ``contrasts.csv``.
    means : tuple of dict
        The mean of each group at each wave by the first model that could be fitted.
    ledger : Ledger
        Who came in, who left and why.
    notes : tuple of str
    source : str
    digits : int
        Decimals of the scale.
    synthetic : bool

    Examples
    --------
    >>> import larstudy as ls
    >>> import pandas as pd
    >>> frame = pd.DataFrame(
    ...     {
    ...         "id": [1, 1, 1, 2, 2, 3, 3, 3, 4, 4, 4, 5, 5, 6, 6, 6],
    ...         "t": [0, 1, 2, 0, 1, 0, 1, 2, 0, 1, 2, 0, 2, 0, 1, 2],
    ...         "qol": [3.0, 4, 6, 2, 2, 4, 6, 5, 5, 5, 4, 2, 3, 4, 3, 6],
    ...         "arm": ["a"] * 8 + ["b"] * 8,
    ...     }
    ... )
    >>> cohort = ls.load(
    ...     frame, person="id", wave="t", waves={"start": 0, "half": 1, "year": 2},
    ...     outcomes={"qol": "qol"}, group="arm",
    ... )
    >>> result = ls.compare_waves(ls.outcome(cohort, "qol"), ls.fixed_groups(cohort), models=["mixed"])
    >>> result.to_frame()[["term", "n"]].values.tolist()[:3]
    [['wave', 6], ['group', 6], ['wave:group', 6]]
    """

    outcome: str
    label: str
    stratum: str
    waves: tuple[str, ...]
    factor: Literal["group", "network"]
    order: tuple[str, ...]
    reference: str
    model_rows: tuple[dict[str, Any], ...]
    contrast_rows: tuple[dict[str, Any], ...]
    means: tuple[dict[str, Any], ...]
    ledger: Ledger
    notes: tuple[str, ...]
    source: str
    digits: int
    synthetic: bool

    @property
    def place(self) -> dict[str, str]:
        """The columns that say what the rows are about."""
        return {
            "outcome": self.outcome,
            "from_wave": self.waves[0],
            "to_wave": self.waves[-1],
            "stratum": self.stratum,
        }

    @property
    def title(self) -> str:
        """What the models are about, in a line."""
        stratum = "" if self.stratum == names.ALL else f", {in_sentence(self.stratum)}"
        return f"{self.label}, all waves from {self.waves[0]} to {self.waves[-1]}{stratum}"

    def summary(self) -> str:
        """Return in sentences who is in the models, and what they say of groups and waves."""
        lines = [f"{self.title}.", left_out_in_words(self.ledger, "with a score and a group")]
        asked = ("network", "wave:network") if self.factor == "network" else ("wave:group",)
        for row in self.model_rows:
            if row["term"] in asked:
                shown = f"{MODELS_IN_WORDS[row['model']]}, {repeated_term(row).lower()}"
                lines.append(f"{shown}: {_in_words(row)}")
        lines.append("Scores and groups are associated, not more.")
        return stamped("\n".join(lines), self.synthetic)

    def flow_rows(self) -> list[dict[str, Any]]:
        """Return the rows of ``flow.csv``."""
        first, *rest = self.ledger.rows()
        return [{**self.place, **row} for row in ({**first, "step": ALL_WAVES}, *rest)]

    def to_frame(self, part: WavePart = "models") -> pd.DataFrame:
        """Return one part of the result, unrounded.

        Parameters
        ----------
        part : {"models", "contrasts", "flow"}
            Every model term, every pair of groups, or who is counted.
        """
        parts: dict[WavePart, tuple[Callable[[], Sequence[dict[str, Any]]], Sequence[str]]] = {
            "models": (lambda: self.model_rows, names.MODEL_COLUMNS),
            "contrasts": (lambda: self.contrast_rows, names.CONTRAST_COLUMNS),
            "flow": (self.flow_rows, names.FLOW_COLUMNS),
        }
        if part not in parts:
            raise unknown_name("part", part, parts)
        make, columns = parts[part]
        return stamped_frame(frame_of(make(), columns), self.synthetic)

    def table(self, part: WavePart = "models", *, alone: bool = True) -> Table:
        """Return one part of the result as a table; among others, not ``alone``, without the shared notes."""
        frame = self.to_frame(part)
        notes = () if part == "flow" else _reasons_in_words(frame)
        titles = {"models": "models", "contrasts": "differences between groups", "flow": "who is counted"}
        shown = frame.copy()
        if part != "flow":
            shown["term"] = [
                repeated_term(row) if part == "models" else _pair(row) for row in frame.to_dict("records")
            ]
            shown["model"] = [MODELS_IN_WORDS[name] for name in frame["model"]]
        return table_from_frame(
            shown,
            _columns(part, self.digits),
            title=f"{self.title}: {titles[part]}",
            notes=(*notes, *(self.notes if alone else ())),
            source=self.source if alone else "",
            synthetic=self.synthetic,
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the mean of each group at each wave, as the first model that could be fitted has it."""
        from larstudy import figures

        frame = frame_of(self.means, ("group", "wave", "n", "mean", "conf_low", "conf_high"))
        return figures.plot_means(frame, ax=ax, title=self.title, synthetic=self.synthetic)


def _in_words(row: dict[str, Any]) -> str:
    if row.get("reason"):
        return f"no test, {row['reason']}."
    df = f"F({row['df_num']:.0f}, {row['df']:.1f})"
    return f"{df} = {show_number(row['statistic'])}, {show_p_in_text(row['p_value'])}."


def _pair(row: dict[Any, Any]) -> str:
    return f"{names.label(str(row['group']))} − {in_sentence(str(row['reference']))}"


def _reasons_in_words(frame: pd.DataFrame) -> tuple[str, ...]:
    """Return why numbers are missing, a line a model and reason."""
    pairs = zip(frame["model"], frame["reason"], strict=True)
    return distinct(
        f"{MODELS_IN_WORDS[model]}: {reason}."
        for model, reason in pairs
        if reason and reason != "the reference group"
    )


def _columns(part: WavePart, digits: int) -> tuple[Column, ...]:
    if part == "flow":
        return (
            Column(name="step", label="Step", kind="text"),
            Column(name="reason", label="Left out because", kind="text"),
            Column(name="n", label="n", kind="count"),
        )
    numerator = (Column(name="df_num", label="df 1", digits=0),) if part == "models" else ()
    return (
        Column(name="model", label="Model", kind="text"),
        Column(name="term", label="Term" if part == "models" else "Difference", kind="text"),
        Column(name="estimate", label="Estimate", digits=digits),
        Column(name="std_error", label="SE", digits=digits),
        Column(name="conf_low", label="CI from", digits=digits),
        Column(name="conf_high", label="CI to", digits=digits),
        Column(name="statistic", label="F or t", digits=3),
        *numerator,
        Column(name="df", label="df", digits=1),
        Column(name="p_value", label="p", kind="p"),
    )


def compare_waves(
    scores: Scores,
    groups: Groups | Networks | pd.Series[Any],
    *,
    models: Sequence[RepeatedModel] = REPEATED_MODELS,
    clusters: Clusters | pd.Series[Any] | None = None,
    reference: str = "",
) -> WaveModels:
    """Compare groups, or the networks of each wave, in all waves at once; nobody has to have them all.

    Parameters
    ----------
    scores : Scores
        From `outcome`.
    groups : Groups, Networks or Series
        A group that stays (the study's group column, or a series of labels indexed by person), or the network
        of each wave. Change groups are known from two waves and belong in `compare_groups`.
    models : sequence of {"mixed", "mmrm", "gee"}
        Random intercepts of persons; unstructured covariance of the waves, with degrees of freedom by Kenward
        and Roger and by Satterthwaite; estimating equations with robust errors.
    clusters : Clusters or Series, optional
        The facility, say, of each person: then also random intercepts of clusters, and the errors of the
        estimating equations allow for them.
    reference : str, optional
        The group that the others are held against; that of ``groups``, or ``drug_dominated``, unless named.

    Returns
    -------
    WaveModels
        A model that cannot be fitted, or does not converge, has NaN and the reason.

    Raises
    ------
    UnknownNameError
        Where the reference is not a group.
    JoinError
        Where the groups are those of a change, waves or ids do not fit together, or a cluster is not known.
    LarstudyError
        Where a model is not one of the three.

    Notes
    -----
    With a score :math:`y_{it}` of person i at wave t:

    - groups that stay: a mean for every group at every wave; ``wave:group`` asks whether the groups move
      alike, ``wave`` and ``group`` are type III (every group, every wave counting alike), and the pairs are
      differences in the change from the first wave to the last;
    - networks: :math:`y_{it} = \\beta_0 + \\beta y_{i0} + \\gamma_t + \\delta_{net(i,t)} + e_{it}` at the
      later waves. It compares people who started alike and live in different networks at that time: which
      comes first it does not say. ``wave:network`` is the test of the products when they are added.

    References
    ----------
    Mallinckrodt, C. H., Clark, W. S. & David, S. R. (2001). Journal of Biopharmaceutical Statistics, 11, 9-21.
    Pepe, M. S. & Anderson, G. L. (1994). Communications in Statistics - Simulation and Computation, 23,
    939-951 (groups that change between waves, and working correlations). Kenward, M. G. & Roger, J. H. (1997).
    Biometrics, 53, 983-997.

    Examples
    --------
    >>> import larstudy as ls
    >>> import pandas as pd
    >>> frame = pd.DataFrame(
    ...     {
    ...         "id": [1, 1, 1, 2, 2, 3, 3, 3, 4, 4, 4, 5, 5, 6, 6, 6],
    ...         "t": [0, 1, 2, 0, 1, 0, 1, 2, 0, 1, 2, 0, 2, 0, 1, 2],
    ...         "qol": [3.0, 4, 6, 2, 2, 4, 6, 5, 5, 5, 4, 2, 3, 4, 3, 6],
    ...         "with": [3, 4, 4, 3, 3, 4, 4, 3, 4, 3, 3, 3, 4, 3, 3, 4],
    ...     }
    ... )
    >>> cohort = ls.load(
    ...     frame, person="id", wave="t", waves={"start": 0, "half": 1, "year": 2}, outcomes={"qol": "qol"},
    ...     network={"rule": "europasi", "columns": {"free_time_with": "with"}},
    ... )
    >>> result = ls.compare_waves(ls.outcome(cohort, "qol"), ls.classify_networks(cohort), models=["gee"])
    >>> result.to_frame("contrasts")["term"].unique().tolist()
    ['abstinent - drug_dominated']
    """
    require_type(scores, Scores, "scores", "the scores of an outcome, from outcome()")
    for model in models:
        if model not in REPEATED_MODELS:
            raise LarstudyError(f"There is no model '{model}'. {name_options(model, REPEATED_MODELS)}.")
    nested = as_clusters(clusters)
    found = _of_networks(scores, groups, reference) if isinstance(groups, Networks) else None
    rows, ledger, lines = found or _of_groups(scores, groups, reference)  # type: ignore[arg-type]
    fits = fit_waves(rows, models, nested, scores.confidence)
    waves = rows.waves if rows.baseline is None else (scores.waves[0], *rows.waves)
    waves = waves if len(waves) > 1 else scores.waves
    place = {
        "outcome": scores.outcome, "from_wave": waves[0], "to_wave": waves[-1], "stratum": scores.stratum,
        "n": len(rows.persons), "n_excluded": ledger.n_entered - len(rows.persons),
    }  # fmt: skip
    without = [wave for wave in scores.waves if wave not in waves]
    return WaveModels(
        outcome=scores.outcome,
        label=scores.label,
        stratum=scores.stratum,
        waves=waves,
        factor="group" if rows.baseline is None else "network",
        order=rows.groups,
        reference=rows.reference,
        model_rows=tuple({**place, **row} for row in fits.models),
        contrast_rows=tuple({**place, **row} for row in fits.contrasts),
        means=tuple(_means(rows, fits.means)),
        ledger=ledger,
        notes=distinct(
            [
                *scores.notes,
                *lines,
                *(f"{scores.label}: nobody has a score and a group at {wave}." for wave in without),
                *(f"{scores.label}, all waves: {note}." for note in fits.notes),
                *_method_notes(rows, models, nested),
            ]
        ),
        source=scores.source,
        digits=digits_for(float(rows.score.std()) if len(rows.score) else np.nan),
        synthetic=scores.synthetic,
    )


def _method_notes(rows: WaveRows, models: Sequence[str], clusters: Clusters | None) -> list[str]:
    of_network = rows.baseline is not None
    lines = [NETWORK_NOTE if of_network else FIXED_NOTE]
    if of_network and ("gee" in models or "mixed" in models):
        lines.append(WORKING_NOTE)
    if "gee" in models:
        lines.append(_GEE_NOTE.format("persons" if clusters is None else f"those of '{clusters.column}'"))
    if "mmrm" in models and clusters is not None:
        lines.append(_MMRM_NOTE.format(clusters.column))
    return lines


def _means(rows: WaveRows, means: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the means with how many persons each group has, for the figure."""
    sizes = {name: len(np.unique(rows.person[rows.group == code])) for code, name in enumerate(rows.groups)}
    return [{**row, "mean": row["estimate"], "n": sizes[row["group"]]} for row in means]


_Found = tuple[WaveRows, Ledger, tuple[str, ...]]


def _of_groups(scores: Scores, groups: Groups | pd.Series[Any], reference: str) -> _Found:
    """Return the rows of groups that stay, who is in them, and the notes."""
    if not isinstance(groups, Groups):
        what = "groups that stay, networks, or a series of labels indexed by person"
        require_type(groups, pd.Series, "groups", what)
        groups = groups_from_labels(groups.index, groups.tolist(), reference=reference)
    if groups.interval:
        raise JoinError(
            f"The groups are those of the change from {' to '.join(groups.interval)}. At all waves give groups"
            " that stay, or the networks themselves."
        )
    if reference and reference not in groups.order:
        raise unknown_name("group", reference, groups.order)
    where = positions(groups.persons, scores.persons)
    own = np.where(where < 0, -1, groups.codes[where])
    codes = np.repeat(own[:, None], len(scores.waves), axis=1)
    reasons = [
        *reasons_without_group(groups, scores.persons),
        (f"no {scores.outcome} at any wave", np.isnan(scores.values).all(axis=1)),
    ]
    return _rows(scores, codes, groups.order, reference or groups.reference, None, reasons, groups.notes)


def _of_networks(scores: Scores, networks: Networks, reference: str) -> _Found:
    """Return the rows of the later waves with the network of each, who is in them, and the notes."""
    if networks.waves != scores.waves:
        raise JoinError("The networks have other waves than the scores. Take both from one cohort.")
    if reference and reference not in CATEGORIES:
        raise unknown_name("network", reference, CATEGORIES)
    where = positions(networks.persons, scores.persons)
    codes = np.where((where < 0)[:, None], -1, networks.codes[where])
    codes[:, 0] = -1
    known = (codes >= 0) & ~np.isnan(scores.values)
    reasons = [
        *reasons_without_score(scores, [0]),
        ("no later wave with a score and a network", ~known.any(axis=1)),
    ]
    baseline = scores.values[:, 0]
    chosen = reference or DRUG_DOMINATED
    return _rows(scores, codes, CATEGORIES, chosen, baseline, reasons, networks.notes)


def _rows(
    scores: Scores,
    codes: IntArray,
    order: tuple[str, ...],
    reference: str,
    baseline: FloatArray | None,
    reasons: Sequence[tuple[str, Any]],
    notes: Sequence[str],
) -> _Found:
    ledger = Ledger(persons=scores.persons, entered=scores.within).take_step(IN_MODELS, reasons)
    inside = ledger.present
    rows = wave_rows(
        scores.persons[inside],
        scores.values[inside],
        codes[inside],
        scores.waves,
        order,
        reference,
        None if baseline is None else baseline[inside],
    )
    line = f"The {rows.factor} that the others are held against: {in_sentence(rows.reference)}."
    if rows.groups and rows.reference != reference:
        line = f"Nobody with a score is in '{reference}'. {line}"
    return rows, ledger, (*notes, line if rows.groups else "")
