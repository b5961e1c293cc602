"""Comparing change between groups: the analysis of the reviewed article, and its necessary neighbours."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from larstudy import names
from larstudy.changes import Change, change_in_words, left_out_in_words
from larstudy.clusters import Clusters, as_clusters, with_cluster_errors
from larstudy.comparison_words import METHOD_NOTES, f_in_words, small_cells, title_of
from larstudy.covariates import Covariates
from larstudy.effect_tables import effect_rows
from larstudy.errors import JoinError, WrongTypeError, require_type, unknown_name
from larstudy.estimands import Assumed, TwoWaves, estimand_rows, regression_rows, two_waves
from larstudy.groups import Groups, groups_from_labels, reasons_without_group, sizes_at_entry
from larstudy.ledger import GROUPED, Ledger, positions
from larstudy.model_fitting import ModelFits, change_rows, paired_by_group, place_of
from larstudy.model_rows import mean_rows
from larstudy.names import in_sentence, label
from larstudy.networks import Networks, Transitions
from larstudy.pair_tables import assumption_rows
from larstudy.resampled_pairs import all_pair_rows
from larstudy.resampling import Draws, Resampling, resampling_of
from larstudy.responder_tables import responder_rows
from larstudy.results import Result, distinct, frame_of, stamped, stamped_frame
from larstudy.specs.study import as_label
from larstudy.stats.arrays import IntArray
from larstudy.stats.linear import FTest
from larstudy.stats.paired import PairedChange
from larstudy.tables import Table

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from larstudy.comparison_figures import ComparisonFigure
    from larstudy.figures import FigureResult
    from larstudy.names import Language

Part = Literal[
    "change", "models", "contrasts", "flow", "estimands", "regression", "pairs", "assumptions", "effects",
    "responders",
]  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False, kw_only=True, repr=False)
class Comparison(Result):
    """Change of one outcome, compared between groups of persons.

    Attributes
    ----------
    change : Change
        Everybody with both waves.
    order : tuple of str
        The groups, in the order in which they are shown.
    reference : str
        The group that the others are held against.
    by_group : mapping of str to PairedChange
        ``all``, each group, and ``unclassified`` where anybody who came in is.
    tests : mapping of str to FTest
        ``rm_glm`` (time by group), ``change_score`` and ``ancova`` (group), the last two also with
        covariates; with clusters each again, as ``ancova_cr2``.
    codes : ndarray of int
        Of the persons of ``change``: position in ``order``, -1 for those without a group.
    assumed : Assumed
        What the tables on Lord's paradox, on regression to the mean and on responders take as known.
    resampling : Resampling
        What is drawn for bootstrap and permutations.
    clusters : Clusters or None
        What persons are nested in.
    change_rows, model_rows, contrast_rows : tuple of dict
        The rows of ``change.csv``, ``models.csv`` and ``contrasts.csv``.
    ledger : Ledger
        Who came in, who left and why, up to those compared.
    covariate_ledger : Ledger or None
        The same up to the model with covariates.
    notes : tuple of str

    Examples
    --------
    >>> import larstudy as ls
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"before": [3.0, 4, 2, 3], "after": [5.0, 6, 3, 4], "arm": ["a", "a", "b", "b"]})
    >>> cohort = ls.load(
    ...     frame,
    ...     waves=["start", "year1"],
    ...     outcomes={"qol": {"start": "before", "year1": "after"}},
    ...     group="arm",
    ... )
    >>> change = ls.change(ls.outcome(cohort, "qol"), "start", "year1")
    >>> result = ls.compare_groups(change, ls.fixed_groups(cohort))
    >>> result.by_group["a"].estimate, result.by_group["b"].estimate
    (2.0, 1.0)
    >>> result.to_frame("contrasts")["term"].unique().tolist()
    ['b - a']
    """

    change: Change
    order: tuple[str, ...]
    reference: str
    by_group: Mapping[str, PairedChange]
    tests: Mapping[str, FTest]
    codes: IntArray
    assumed: Assumed
    resampling: Resampling
    clusters: Clusters | None
    change_rows: tuple[dict[str, Any], ...]
    model_rows: tuple[dict[str, Any], ...]
    contrast_rows: tuple[dict[str, Any], ...]
    ledger: Ledger
    covariate_ledger: Ledger | None
    notes: tuple[str, ...]
    _made: dict[str, list[dict[str, Any]]] = field(default_factory=dict, init=False)

    def summary(self) -> str:
        """Return in sentences who changed, by how much, how sure, and who was left out."""
        whole = self.change
        what = "with both waves" + (" and a group" if self.order else "")
        lines = [
            f"{title_of(whole)}.",
            left_out_in_words(self.ledger, what),
        ]
        for group, paired in self.by_group.items():
            shown = "All with both waves" if group == names.ALL else label(group)
            lines.append(f"{shown}: {change_in_words(paired, whole.higher_is, whole.confidence)}")
        lines.extend(self._tests_in_words())
        return stamped("\n".join(lines), whole.synthetic)

    def _tests_in_words(self) -> list[str]:
        asked = {
            names.CHANGE_SCORE: "Do the groups change alike (change scores, the same as time x group)?",
            names.ANCOVA: "Do the groups end alike among people who started alike (ANCOVA)?",
        }
        lines = []
        for model, question in asked.items() if self.order else ():
            lines.append(f"{question} {f_in_words(self.tests[model])}")
            for errors in ("CR2", "CR3"):
                test = self.tests.get(names.clustered(model, errors))
                if test is not None:
                    lines.append(f"With errors for clusters ({errors}): {f_in_words(test)}")
        if lines:
            lines.append(
                "The two answer different questions. Where groups differ, group and change are associated,"
                " not more."
            )
        return lines

    def to_frame(self, part: Part = "change") -> pd.DataFrame:
        """Return one part of the result, unrounded.

        Parameters
        ----------
        part : {"change", "models", "contrasts", "flow", "estimands", "regression", "pairs", "assumptions", \
"effects", "responders"}
            Change by group, every model term, every pair of groups, the N ledger, the analyses that Lord's
            paradox sets against each other with their span, the part of each gain that regression to the
            mean would give, pairs by further tests and the planned contrasts, checks of what the models
            assume, effect sizes, or how many persons improved and got worse.
        """
        rows: dict[Part, tuple[Sequence[dict[str, Any]], Sequence[str]]] = {
            "change": (self.change_rows, names.CHANGE_COLUMNS),
            "models": (self.model_rows, names.MODEL_COLUMNS),
            "contrasts": (self.contrast_rows, names.CONTRAST_COLUMNS),
            "flow": (self.flow_rows(), names.FLOW_COLUMNS),
        }
        # Those that few ask for are made when they are asked for.
        later: dict[Part, tuple[Callable[[], list[dict[str, Any]]], Sequence[str]]] = {
            "estimands": (self.estimand_rows, names.ESTIMAND_COLUMNS),
            "regression": (self.regression_rows, names.REGRESSION_COLUMNS),
            "pairs": (self.pair_rows, names.PAIR_COLUMNS),
            "assumptions": (self.assumption_rows, names.ASSUMPTION_COLUMNS),
            "effects": (self.effect_rows, names.EFFECT_COLUMNS),
            "responders": (self.responder_rows, names.RESPONDER_COLUMNS),
        }
        if part in later:
            make, columns = later[part]
            return stamped_frame(frame_of(make(), columns), self.change.synthetic)
        if part not in rows:
            raise unknown_name("part", part, [*rows, *later])
        return stamped_frame(frame_of(*rows[part]), self.change.synthetic)

    def estimand_rows(self) -> list[dict[str, Any]]:
        """Return the rows of ``estimands.csv``."""
        return estimand_rows(self.change, self._waves(), self.reference, self.assumed)

    def regression_rows(self) -> list[dict[str, Any]]:
        """Return the rows of ``regression.csv``."""
        return regression_rows(self.change, self._waves(), self.assumed)

    def pair_rows(self) -> list[dict[str, Any]]:
        """Return the rows of ``pairs.csv``."""
        named = (self._waves(), self.reference, self.codes, self.assumed, self.resampling)
        return self._drawn_once("pairs", lambda: all_pair_rows(self.change, *named))

    def effect_rows(self) -> list[dict[str, Any]]:
        """Return the rows of ``effects.csv``."""
        groups = (self.codes, self.order, self.reference)
        return self._drawn_once("effects", lambda: effect_rows(self.change, *groups, self.resampling.draws))

    def responder_rows(self) -> list[dict[str, Any]]:
        """Return the rows of ``responders.csv``."""
        return responder_rows(self.change, self.codes, self.order, self.reference, self.assumed)

    def _drawn_once(self, part: Part, make: Callable[[], list[dict[str, Any]]]) -> list[dict[str, Any]]:
        # They take time, and tables, report and checks all ask for them.
        if part not in self._made:
            self._made[part] = make()
        return [dict(row) for row in self._made[part]]

    def assumption_rows(self) -> list[dict[str, Any]]:
        """Return the rows of ``assumptions.csv``."""
        return assumption_rows(self.change, self._waves())

    def _waves(self) -> TwoWaves:
        return two_waves(self.change, self.codes, self.order, self.clusters)

    def flow_rows(self) -> list[dict[str, Any]]:
        """Return the rows of ``flow.csv``."""
        where = place_of(self.change)
        rows = self.ledger.rows()
        if self.covariate_ledger is not None:
            rows += self.covariate_ledger.rows()[len(rows) :]
        return [{**where, **row} for row in rows]

    def table(self, part: Part = "change") -> Table:
        """Return one part of the result as a table."""
        from larstudy.comparison_tables import comparison_table

        return comparison_table(self, part)

    def plot(self, ax: Axes | None = None, *, lang: Language = "en") -> FigureResult:
        """Draw the mean change of each group with its interval."""
        from larstudy import figures

        return figures.plot_change(
            with_cluster_errors(self.to_frame()),
            ax=ax,
            title=figures.between(self.change.label, self._from_to(), lang, self.change.stratum),
            higher_is=self.change.higher_is,
            synthetic=self.change.synthetic,
            lang=lang,
        )

    def plot_means(self, ax: Axes | None = None, *, lang: Language = "en") -> FigureResult:
        """Draw the mean of each group at both waves with intervals."""
        from larstudy import figures

        whole = self.change
        rows = mean_rows(self.by_group, self.order, self._from_to(), whole.confidence)
        frame = frame_of(rows, ("group", "wave", "n", "mean", "conf_low", "conf_high"))
        title = figures.between(whole.label, self._from_to(), lang, whole.stratum)
        return figures.plot_means(
            frame, ax=ax, title=title, higher_is=whole.higher_is, synthetic=whole.synthetic, lang=lang
        )

    def figure(
        self, what: ComparisonFigure, ax: Axes | None = None, *, private: bool = True, minimum: int = 0,
        lang: Language = "en",
    ) -> FigureResult:  # fmt: skip
        """Draw one of its figures; nothing of a person unless ``private`` is False."""
        from larstudy.comparison_figures import comparison_figure

        return comparison_figure(self, what, ax, private=private, minimum=minimum, lang=lang)

    def _from_to(self) -> tuple[str, str]:
        return self.change.from_wave, self.change.to_wave


def compare_groups(
    change: Change,
    groups: Groups | Transitions | pd.Series[Any],
    *,
    covariates: Covariates | None = None,
    clusters: Clusters | pd.Series[Any] | None = None,
    assumed: Assumed | None = None,
    within: pd.Series[Any] | None = None,
    draws: Draws | None = None,
    reference: str = "",
    mixed: bool = True,
) -> Comparison:
    """Compare the change of groups of persons.

    For every group the paired change with effect sizes; between the groups the repeated-measures general
    linear model, the comparison of change scores and the analysis of covariance, with adjusted means and
    every pair of groups.

    Parameters
    ----------
    change : Change
        From `change`.
    groups : Groups, Transitions or Series
        Of the same persons, in any order: the change groups of a network, a study's group column, or a
        series of labels indexed by person.
    covariates : Covariates, optional
        For one more analysis of covariance.
    clusters : Clusters or Series, optional
        The facility, say, of each person (a series of labels indexed by person): every model then stands
        there again with errors that allow for persons of one cluster being alike.
    assumed : Assumed, optional
        The reliability of the outcome, the mean that people regress to and the smallest change that matters,
        where they are known.
    within : Series, optional
        Labels by person, such as the treatment status: groups are permuted among the persons of one label
        (and cluster) only.
    draws : Draws, optional
        How many samples are drawn for bootstrap intervals and permutations, and from which seed.
    reference : str, optional
        The group that the others are held against; that of ``groups`` unless named.
    mixed : bool
        Whether the models with random intercepts, of the person and of the cluster, are fitted as well.

    Returns
    -------
    Comparison
        Groups too small to test have NaN and the reason.

    Raises
    ------
    UnknownNameError
        Where the reference is not a group.
    JoinError
        Where the ids of the two do not fit together, they speak of different intervals, or the cluster of
        somebody is not known.

    Notes
    -----
    With ``d = after - before`` of n persons in k groups:

    - in each group ``t = mean(d) / (sd(d) / sqrt(n))``; effect sizes as in `larstudy.stats.effect_sizes`;
    - ``rm_glm``: ``group`` compares the mean of the two waves, ``time:group`` compares ``d``, both by F with
      k - 1 and n - k degrees of freedom; ``time`` tests the mean of the group means of ``d`` (type III),
      ``time_weighted`` the mean of ``d`` over persons (types I and II);
    - ``change_score``: least squares of ``d`` on group, F the same as ``time:group``;
    - ``ancova``: least squares of ``after`` on group and ``before``, F with k - 1 and n - k - 1;
    - with clusters, ``rm_glm_cr2``, ``change_score_cr2`` and ``ancova_cr2``: the same estimates with CR2
      errors, Bell and McCaffrey's degrees of freedom, joint tests by HTZ; see `larstudy.stats.clusters`.
      Other parts have such errors beside them, see `larstudy.stats.clustered_estimands`;
    - ``mixed``: group by time with a random intercept for the person, see `larstudy.stats.two_waves`; with
      clusters also ``mixed_facility``, see `larstudy.stats.random_intercepts`.

    References
    ----------
    Muller, Skurtveit & Clausen (2017). Drug and Alcohol Dependence, 180, 431-438 (the repeated-measures
    model by change of network). Lord, F. M. (1967). Psychological Bulletin, 68, 304-305 (the paradox).

    Examples
    --------
    >>> import larstudy as ls
    >>> import pandas as pd
    >>> frame = pd.DataFrame(
    ...     {"id": range(8), "qol0": [3, 4, 2, 3, 4, 3, 2, 4], "qol1": [5, 6, 3, 5, 4, 3, 3, 5]}
    ... )
    >>> cohort = ls.load(
    ...     frame, person="id", waves=["start", "year1"],
    ...     outcomes={"qol": {"start": "qol0", "year1": "qol1"}},
    ... )
    >>> groups = pd.Series(["new", "new", "new", "new", "old", "old", "old", "old"], index=range(8))
    >>> result = ls.compare_groups(ls.change(ls.outcome(cohort, "qol"), "start", "year1"), groups)
    >>> result.to_frame()[["group", "n", "estimate"]].values.tolist()
    [['all', 8, 1.125], ['new', 4, 1.75], ['old', 4, 0.5]]
    """
    require_type(change, Change, "change", "a change, from change()")
    groups = _as_groups(groups, reference)
    if groups.interval not in ((), (change.from_wave, change.to_wave)):
        raise JoinError(
            f"The groups are those of {' to '.join(groups.interval)}, the change is from {change.from_wave}"
            f" to {change.to_wave}. Take both over the same interval."
        )
    where = positions(groups.persons, change.persons)
    codes = np.where(where < 0, -1, groups.codes[where])
    nested = as_clusters(clusters)
    drawn = resampling_of(change, codes, clusters=nested, within=within, draws=draws)
    if not groups.order:
        return _without_groups(change, groups, assumed, drawn, nested)
    ledger = change.ledger.take_step(GROUPED, reasons_without_group(groups, change.ledger.persons))
    sizes = sizes_at_entry(groups, change.ledger)
    by_group = paired_by_group(change, codes, groups, sizes)
    work = ModelFits(change, groups, codes, ledger.n_entered, nested)
    covariate_ledger = work.fit_all(ledger, covariates, mixed=mixed)
    codes.flags.writeable = False
    return Comparison(
        change=change,
        order=groups.order,
        reference=work.reference,
        by_group=MappingProxyType(by_group),
        tests=MappingProxyType(work.tests),
        codes=codes,
        assumed=assumed or Assumed(),
        resampling=drawn,
        clusters=nested,
        change_rows=change_rows(change, codes, by_group, groups.order, sizes, nested),
        model_rows=tuple(work.model_rows),
        contrast_rows=tuple(work.contrast_rows),
        ledger=ledger,
        covariate_ledger=covariate_ledger,
        notes=distinct(
            [
                *change.notes,
                *groups.notes,
                *work.notes,
                f"The group that the others are held against: {in_sentence(work.reference)}.",
                *small_cells(change, by_group),
                *METHOD_NOTES,
            ]
        ),
    )


def _without_groups(
    change: Change, groups: Groups, assumed: Assumed | None, drawn: Resampling, nested: Clusters | None
) -> Comparison:
    """Return the change of everybody, where nothing tells persons apart."""
    by_group, codes = {names.ALL: change.paired}, np.full(len(change.persons), -1, dtype=np.intp)
    sizes = {names.ALL: change.ledger.n_entered}
    return Comparison(
        change=change,
        order=(),
        reference="",
        by_group=MappingProxyType(by_group),
        tests=MappingProxyType({}),
        codes=codes,
        assumed=assumed or Assumed(),
        resampling=drawn,
        clusters=nested,
        change_rows=change_rows(change, codes, by_group, (), sizes, nested),
        model_rows=(),
        contrast_rows=(),
        ledger=change.ledger,
        covariate_ledger=None,
        notes=distinct([*change.notes, *groups.notes, "No groups: the change of everybody only."]),
    )


def _as_groups(groups: Groups | Transitions | pd.Series[Any], reference: str) -> Groups:
    if isinstance(groups, Networks):
        raise WrongTypeError("Networks change between waves: give groups.transitions(from_wave, to_wave).")
    if isinstance(groups, Transitions):
        groups = groups.groups()
    if isinstance(groups, Groups):
        if not reference or reference == groups.reference:
            return groups
        if reference not in groups.order:
            raise unknown_name("group", reference, groups.order)
        return replace(groups, reference=reference)
    require_type(groups, pd.Series, "groups", "groups, transitions, or a series of labels indexed by person")
    order: Sequence[str] = ()
    if isinstance(groups.dtype, pd.CategoricalDtype):
        order = [as_label(c) for c in groups.cat.categories if as_label(c) != names.UNCLASSIFIED]
    return groups_from_labels(groups.index, groups.tolist(), order=order, reference=reference)
