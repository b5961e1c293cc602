"""The figures of a study as they may be shown: of what the tables withhold nothing is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from larstudy import figures
from larstudy.analysis import Analysis
from larstudy.analysis_figures import figure_title
from larstudy.clusters import with_cluster_errors
from larstudy.comparison_figures import followup_frames
from larstudy.disclosure import Protected
from larstudy.disclosure_cells import Key
from larstudy.errors import LarstudyError
from larstudy.figures import FigureResult
from larstudy.models import Comparison
from larstudy.names import ALL, CATEGORIES, UNCLASSIFIED, Language

_CATEGORIES: Final = (*CATEGORIES, UNCLASSIFIED)


@dataclass(frozen=True, slots=True, eq=False)
class ProtectedFigures:
    """Draws the figures of a study; of no person, and of no group whose numbers are withheld."""

    analysis: Analysis
    protected: Protected

    def __call__(
        self, what: str, *, outcome: str, from_wave: str, to_wave: str, group: str = "", lang: Language = "en"
    ) -> FigureResult:
        """Draw one figure.

        Raises
        ------
        LarstudyError
            Where there is nothing to draw, or it is withheld.
        """
        comparison = self.analysis.comparison(outcome, from_wave, to_wave)
        draw: dict[str, Any] = {
            "flow": self._flow,
            "transitions": self._transitions,
            "followup": self._followup,
            "change_by_group": self._change_by_group,
            "change": self._change,
            "lost": self._lost,
            "bracket": self._bracket,
            "definitions": self._definitions,
        }
        if what in draw:
            drawn: FigureResult = draw[what](comparison, lang)
            return drawn
        self._require_shown(comparison, group)
        return self.analysis.figure(
            what,  # type: ignore[arg-type]
            outcome=outcome, from_wave=from_wave, to_wave=to_wave, group=group, lang=lang,
        )  # fmt: skip

    def _rows(self, part: str, comparison: Comparison) -> pd.DataFrame:
        frame = self.protected.frames[part]
        where = dict(zip(("outcome", "from_wave", "to_wave", "stratum"), _where(comparison), strict=True))
        for column, value in where.items():
            if column in frame.columns:
                frame = frame[frame[column] == value]
        return frame

    def _common(self, comparison: Comparison, what: str, lang: Language) -> dict[str, Any]:
        title = figure_title(comparison, what, lang)
        return {"title": title, "synthetic": comparison.change.synthetic, "lang": lang}

    def _require_shown(self, comparison: Comparison, group: str) -> None:
        """Refuse a figure of a difference that is withheld, by whichever definition of the networks."""
        where, wanted = _where(comparison), {group, comparison.reference}
        if any(k[0] == "n" and k[-5:-1] == where and k[-1] in wanted for k in self.protected.hidden):
            raise LarstudyError("The figure rests on groups of few people, and is withheld.")

    def _flow(self, comparison: Comparison, lang: Language) -> FigureResult:
        change = self._rows("change", comparison).set_index("group")["n"]
        groups = [(name, change[name]) for name in comparison.order if name in change.index]
        rows: list[dict[Any, Any]] = self._rows("flow", comparison).to_dict("records")
        return figures.plot_flow(rows, groups, **self._common(comparison, "flow", lang))

    def _transitions(self, comparison: Comparison, lang: Language) -> FigureResult:
        rows = self._rows("transitions", comparison)
        if not len(rows):
            raise LarstudyError("The study has no networks: there are no transitions to draw.")
        whole_rows = self.analysis.to_frame("transitions").loc[rows.index, "n"]
        if (rows["n"].isna() & (whole_rows >= self.protected.preset.minimum)).any():
            # Without a broad stream the figure would show something that is not so.
            raise LarstudyError("So much of the transitions is withheld that they are not drawn.")
        # What is withheld is drawn as a stream too thin to be shown, and said to be withheld.
        counts = np.zeros((len(_CATEGORIES), len(_CATEGORIES)), dtype=np.int64)
        for row in rows.to_dict("records"):
            at = _CATEGORIES.index(row["from_category"]), _CATEGORIES.index(row["to_category"])
            counts[at] = 1 if row["n"] != row["n"] else int(row["n"])
        whole, minimum = comparison.change, self.protected.preset.minimum
        return figures.plot_transitions(
            counts, _CATEGORIES, waves=(whole.from_wave, whole.to_wave), minimum=minimum,
            synthetic=whole.synthetic, lang=lang,
        )  # fmt: skip

    def _followup(self, comparison: Comparison, lang: Language) -> FigureResult:
        whole = comparison.change
        same = [c for c in self.analysis.comparisons if _where(c)[:3] == _where(comparison)[:3]]
        chosen = [c for c in same if c.change.stratum != ALL] or same
        found: list[pd.DataFrame] = []
        withheld: dict[str, list[str]] = {}
        for one in chosen:
            means, _ = followup_frames(one)
            hidden = self.protected.hidden_groups(_where(one))
            shown = means[~means["group"].isin(hidden) & (means["n"] >= self.protected.preset.minimum)]
            found.append(shown)
            withheld[one.change.stratum] = [name for name in one.order if name not in set(shown["group"])]
        frame = pd.concat(found, ignore_index=True)
        return figures.plot_baseline_to_followup(
            frame, None, private=True, higher_is=whole.higher_is, withheld=withheld,
            **self._common(comparison, "followup", lang),
        )  # fmt: skip

    def _change(self, comparison: Comparison, lang: Language) -> FigureResult:
        frame = self._rows("change", comparison)
        return figures.plot_change(
            with_cluster_errors(frame[frame["n"].notna()].astype({"n": int})),
            higher_is=comparison.change.higher_is,
            **self._common(comparison, "change", lang),
        )

    def _change_by_group(self, comparison: Comparison, lang: Language) -> FigureResult:
        frame = self._rows("change", comparison)
        shown = with_cluster_errors(frame[frame["n"].notna()].astype({"n": int}))
        values = comparison.change.after - comparison.change.before
        changes = {
            name: values[comparison.codes == code]
            for code, name in enumerate(comparison.order)
            if name in set(shown["group"])
        }
        return figures.plot_change_by_group(
            shown,
            changes,
            private=True,
            higher_is=comparison.change.higher_is,
            **self._common(comparison, "change_by_group", lang),
        )

    def _lost(self, comparison: Comparison, lang: Language) -> FigureResult:
        frame = self._rows("lost", comparison)
        shown = frame[frame["n_lost"].notna() & frame["n_seen"].notna()]
        return figures.plot_lost(
            shown.astype({"n_lost": int, "n_seen": int}), **self._common(comparison, "lost", lang)
        )

    def _bracket(self, comparison: Comparison, lang: Language) -> FigureResult:
        parts = [self._rows(part, comparison) for part in ("estimands", "regression")]
        kept = [part[part["n"].notna()].astype({"n": int}) for part in parts]
        return figures.plot_bracket(
            *kept, higher_is=comparison.change.higher_is, **self._common(comparison, "bracket", lang)
        )

    def _definitions(self, comparison: Comparison, lang: Language) -> FigureResult:
        frame = self._rows("definitions", comparison)
        complete = frame.groupby("definition")["n"].transform(lambda n: n.notna().all())
        shown = frame[complete & ~frame["group"].isin([ALL])] if len(frame) else frame
        if not len(shown):
            raise LarstudyError("There are no definitions of the networks that may be set beside each other.")
        return figures.plot_definitions(
            shown.astype({"n": int}), higher_is=comparison.change.higher_is,
            **self._common(comparison, "definitions", lang),
        )  # fmt: skip


def _where(comparison: Comparison) -> Key:
    whole = comparison.change
    return whole.outcome, whole.from_wave, whole.to_wave, whole.stratum
