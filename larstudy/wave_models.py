"""All waves of a study at once: groups, or the network of each wave, and the scores of everybody seen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from larstudy import names
from larstudy.catalogue import in_language
from larstudy.changes import left_out_in_words
from larstudy.clusters import Clusters, as_clusters
from larstudy.errors import LarstudyError, name_options, require_type, unknown_name
from larstudy.groups import Groups
from larstudy.ledger import Ledger
from larstudy.names import in_sentence
from larstudy.networks import Networks
from larstudy.repeated_words import REPEATED_MODELS as MODELS_IN_WORDS
from larstudy.repeated_words import pair_in_words, repeated_columns, repeated_reasons, repeated_term
from larstudy.results import Result, distinct, frame_of, stamped, stamped_frame
from larstudy.scores import Scores
from larstudy.specs.study import REPEATED_MODELS, RepeatedModel
from larstudy.stats.arrays import FloatArray
from larstudy.stats.paired import same_to_rounding
from larstudy.tables import Table, digits_for, show_number, show_p_in_text, table_from_frame
from larstudy.wave_fitting import WaveRows, fit_waves
from larstudy.wave_persons import ALL_WAVES, select_groups, select_networks

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from larstudy.figures import FigureResult
    from larstudy.names import Language

WavePart = Literal["models", "contrasts", "flow"]

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
_GEE_NOTE = (
    "GEE: errors by Mancl and DeRouen, t with clusters less coefficients degrees of freedom; its clusters"
    " are {}."
)


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
        notes = () if part == "flow" else repeated_reasons(frame)
        titles = {"models": "models", "contrasts": "differences between groups", "flow": "who is counted"}
        shown = frame.copy()
        if part != "flow":
            shown["term"] = [
                repeated_term(row) if part == "models" else pair_in_words(row)
                for row in frame.to_dict("records")
            ]
            shown["model"] = [MODELS_IN_WORDS[name] for name in frame["model"]]
        return table_from_frame(
            shown,
            repeated_columns(part, self.digits),
            title=f"{self.title}: {titles[part]}",
            notes=(*notes, *(self.notes if alone else ())),
            source=self.source if alone else "",
            synthetic=self.synthetic,
        )

    def plot(self, ax: Axes | None = None, *, lang: Language = "en") -> FigureResult:
        """Draw the mean of each group at each wave, as the first model that could be fitted has it."""
        from larstudy import figures

        frame = frame_of(self.means, ("group", "wave", "n", "mean", "conf_low", "conf_high"))
        return figures.plot_means(
            frame, ax=ax, title=in_language(self.title, lang), synthetic=self.synthetic, lang=lang
        )


def _in_words(row: dict[str, Any]) -> str:
    if row.get("reason"):
        return f"no test, {row['reason']}."
    df = f"F({row['df_num']:.0f}, {row['df']:.1f})"
    return f"{df} = {show_number(row['statistic'])}, {show_p_in_text(row['p_value'])}."


def compare_waves(
    scores: Scores,
    groups: Groups | Networks | pd.Series[Any],
    *,
    models: Sequence[RepeatedModel] = REPEATED_MODELS,
    clusters: Clusters | pd.Series[Any] | None = None,
    reference: str = "",
) -> WaveModels:
    r"""Compare groups, or the networks of each wave, in all waves at once; nobody has to have them all.

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
    - networks: :math:`y_{it} = \beta_0 + \beta y_{i0} + \gamma_t + \delta_{net(i,t)} + e_{it}` at the
      later waves. It compares people who started alike and live in different networks at that time: which
      comes first it does not say. ``wave:network`` is the test of the products when they are added.

    References
    ----------
    Mallinckrodt, C. H., Clark, W. S. & David, S. R. (2001). Journal of Biopharmaceutical Statistics, 11,
    9-21. Pepe, M. S. & Anderson, G. L. (1994). Communications in Statistics - Simulation and Computation, 23,
    939-951 (groups that change between waves, and working correlations). Kenward, M. G. & Roger, J. H.
    (1997). Biometrics, 53, 983-997.

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
    found = select_networks(scores, groups, reference) if isinstance(groups, Networks) else None
    rows, ledger, lines = found or select_groups(scores, groups, reference)  # type: ignore[arg-type]
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
        digits=digits_for(_spread(rows.score)),
        synthetic=scores.synthetic,
    )


def _spread(score: FloatArray) -> float:
    """Return the SD of the scores; none where it is the rounding error of scores that are all alike."""
    if not len(score):
        return np.nan
    spread = float(score.std())
    return 0.0 if same_to_rounding(spread, score) else spread


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
