"""Printed numbers of the sources, held against each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final, Literal

from larstudy.errors import unknown_name
from larstudy.evidence import require_language, text_columns, word
from larstudy.names import CORRELATION_COLUMNS, PUBLISHED_COLUMNS, Language
from larstudy.results import Result, frame_of
from larstudy.specs.reading import resource_toml
from larstudy.stats import printed_numbers as numbers
from larstudy.stats.printed_numbers import Follows, printed
from larstudy.tables import Table, table_from_frame

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

CONSISTENT: Final = "consistent"
INCONSISTENT: Final = "inconsistent"
UNDECIDED: Final = "cannot_tell"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What a check found: the printed numbers, what follows from them, the verdict, a word on it."""

    printed: str
    follows: str
    verdict: str
    note: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


Check = Callable[[Mapping[str, Any]], _Found]


def _range(found: Follows, digits: int = 3) -> str:
    return f"{found.value:.{digits}f} ({found.low:.{digits}f}-{found.high:.{digits}f})"


def _verdict(holds: bool) -> str:
    return CONSISTENT if holds else INCONSISTENT


def _sum(values: Mapping[str, Any]) -> _Found:
    total = sum(printed(part).value for part in values["parts"])
    shown = f"{' + '.join(values['parts'])} = {values['total']}"
    return _Found(
        printed=shown, follows=f"{total:g}", verdict=_verdict(total == printed(values["total"]).value)
    )


def _difference(values: Mapping[str, Any]) -> _Found:
    found = printed(values["first"]).value - printed(values["second"]).value
    shown = f"{values['first']} - {values['second']} = {values['printed']}"
    return _Found(
        printed=shown, follows=f"{found:g}", verdict=_verdict(found == printed(values["printed"]).value)
    )


def _share_below(values: Mapping[str, Any]) -> _Found:
    value, norm, share = (printed(values[name]) for name in ("value", "norm", "printed"))
    found = numbers.share_below(value, norm)
    above = numbers.share_below(value, norm, printed(values["floor"]).value)
    holds = found.allows(share)
    return _Found(
        printed=f"{value.text}, {norm.text}: {share.text}",
        follows=f"{100 * found.value:.0f} % ({100 * found.low:.1f}-{100 * found.high:.1f})",
        verdict=_verdict(holds),
        note="above_floor" if not holds and above.allows(share) else "",
        details={"floor": values["floor"], "share": f"{100 * above.value:.0f}"},
    )


def _share_of(values: Mapping[str, Any]) -> _Found:
    share = printed(values["share"])
    found, possible = [], 0
    for base in values["bases"]:
        low, high = numbers.possible_counts(share, int(base))
        possible += low <= high
        found.append(f"{low}-{high} / {base}" if low <= high else f"- / {base}")
    return _Found(
        printed=share.text,
        follows="; ".join(found),
        verdict=UNDECIDED if possible > 1 else _verdict(possible == 1),
        note="several_bases" if possible > 1 else "",
    )


def _ratios(values: Mapping[str, Any]) -> _Found:
    wrong = []
    for name, estimate, low, high in values["rows"]:
        if not numbers.ratio_from_limits(printed(low), printed(high)).allows(printed(estimate)):
            wrong.append(name)
    return _Found(
        printed=f"n = {len(values['rows'])}",
        follows=f"{len(values['rows']) - len(wrong)} / {len(values['rows'])}"
        + "".join(f"; {w}" for w in wrong),
        verdict=_verdict(not wrong),
    )


def _correlations(values: Mapping[str, Any]) -> _Found:
    n = int(values["n"])
    wrong = []
    total = 0
    for name, *cells in values["rows"]:
        for column, cell in zip(values["columns"], cells, strict=True):
            total += 1
            r = printed(cell)
            stars = numbers.correlation_stars(r, n)
            if r.stars not in stars:
                wrong.append(f"{name} / {column} {cell} ({'*' * max(stars) or '-'})")
    return _Found(
        printed=f"r, n = {n}",
        follows="; ".join([f"{total - len(wrong)} / {total}", *wrong]),
        verdict=_verdict(not wrong),
        note="stars" if wrong else "",
        details={"count": len(wrong)},
    )


def _fit(values: Mapping[str, Any]) -> _Found:
    cfi, low, high = (printed(values[name]) for name in ("cfi", "rmsea_low", "rmsea_high"))
    found = numbers.implied_fit(
        printed(values["rmsea"]), printed(values["nfi"]), df=values["df"], baseline_df=values["baseline_df"],
        n=int(values["n"]),
    )  # fmt: skip
    # The interval rests on chi-square, and RMSEA is printed with three decimals only.
    near = 0.0015
    limits = abs(found.rmsea_low - low.value) <= near and abs(found.rmsea_high - high.value) <= near
    return _Found(
        printed=f"RMSEA {values['rmsea']} ({low.text}-{high.text}), NFI {values['nfi']}, CFI {cfi.text}",
        follows=(
            f"chi-square {_range(found.chi_square, 1)}, df {values['df']}; CFI {_range(found.cfi)};"
            f" RMSEA {found.rmsea_low:.3f}-{found.rmsea_high:.3f}"
        ),
        verdict=_verdict(found.cfi.allows(cfi) and limits),
    )


def _two_means(values: Mapping[str, Any]) -> _Found:
    first, second = (printed(text) for text in values["means"])
    one, two = (printed(text) for text in values["sds"])
    found = numbers.two_means_d(first, second, (one, two))
    least = numbers.d_from_t(printed(values["t"]), int(values["n"]))
    groups = f"{first.text} ({one.text}), {second.text} ({two.text})"
    return _Found(
        printed=f"{groups}; t = {values['t']}, n = {values['n']}",
        follows=f"d {_range(found, 2)}; |t|: d >= {_range(least, 2)}",
        # Groups of unequal size would make the d that belongs to this t larger.
        verdict=_verdict(found.high >= least.low),
        note="equal_groups",
    )


def _series(values: Mapping[str, Any]) -> _Found:
    counts = [
        count
        for count in resource_toml("evidence", "lar_counts")["counts"].values()
        if count["measure"] == values["measure"]
    ]
    known = sorted((c["year"], c["patients"], c.get("approximate", False)) for c in counts if "patients" in c)
    falls, unsure = [], False
    for (y0, a, about_a), (y1, b, about_b) in pairwise(known):
        before, after = printed(str(a), approximate=about_a), printed(str(b), approximate=about_b)
        if after.high < before.low:
            falls.append(f"{y0}-{y1}: {b - a:+d}")
        unsure = unsure or (after.low <= before.high and after.high >= before.low)
    years = [year for year, _, _ in known]
    gaps = len(years) < years[-1] - years[0] + 1
    verdict = INCONSISTENT if falls else UNDECIDED if gaps or unsure else CONSISTENT
    return _Found(
        printed=", ".join(f"{year} {'~' if about else ''}{count}" for year, count, about in known),
        follows="; ".join(falls) or "+",
        verdict=verdict,
        note="missing_years" if not falls and gaps else "falls" if falls else "",
    )


def _change(values: Mapping[str, Any]) -> _Found:
    change, low, high = (printed(values[name]) for name in ("change", "low", "high"))
    middle = Follows(
        value=(low.value + high.value) / 2.0,
        low=(low.low + high.low) / 2.0,
        high=(low.high + high.high) / 2.0,
    )
    d = numbers.change_d_z(change, low, high, int(values["n"]))
    return _Found(
        printed=f"{change.text} ({low.text}-{high.text}), n = {values['n']}",
        follows=f"{_range(middle)}; d_z {_range(d, 2)}",
        verdict=_verdict(middle.allows(change)),
    )


def _grim(values: Mapping[str, Any]) -> _Found:
    mean, n = printed(values["mean"]), int(values["n"])
    possible = numbers.grim(mean, n, items=values["items"], step=values["step"])
    fine = values["step"] / (n * values["items"]) < (mean.high - mean.low)
    return _Found(
        printed=f"{mean.text}, n = {n}",
        follows=f"{values['step'] / (n * values['items']):.5f}",
        verdict=UNDECIDED if fine else _verdict(possible),
        note="grim_fine" if fine else "",
    )


_CHECKS: Final[Mapping[str, Check]] = {
    "sum": _sum,
    "difference": _difference,
    "share_below": _share_below,
    "share_of": _share_of,
    "ratios": _ratios,
    "correlations": _correlations,
    "fit": _fit,
    "two_means": _two_means,
    "series": _series,
    "change": _change,
    "grim": _grim,
}


@dataclass(frozen=True, slots=True, eq=False, kw_only=True, repr=False)
class PublishedChecks(Result):
    """Printed numbers held against each other.

    Attributes
    ----------
    rows : tuple of mapping
        One a check.
    lang : {"en", "nb", "nn"}

    Examples
    --------
    >>> import larstudy as ls
    >>> frame = ls.published_checks().to_frame().set_index("check")
    >>> frame.loc["below_norm", "verdict"], frame.loc["two_factors", "verdict"]
    ('inconsistent', 'consistent')
    """

    rows: tuple[Mapping[str, Any], ...]
    lang: Language

    def _say(self, row: Mapping[str, Any]) -> str:
        return word("values", row["verdict"], self.lang)

    def of_claim(self, claim: str) -> list[str]:
        """Return what the checks of a claim's numbers come to, in words."""
        return [
            f"{row['label']}: {self._say(row)} ({row['printed']}). {row['note']}".rstrip()
            for row in self.rows
            if claim in row["claims"]
        ]

    def to_frame(self, part: Literal["checks", "correlations"] = "checks") -> pd.DataFrame:
        """Return one row a check: what is printed, what follows from it, and whether the two agree.

        Parameters
        ----------
        part : {"checks", "correlations"}
            ``correlations``: one row a printed correlation, with Fisher's 95 % interval, the asterisks
            printed, and those that can follow (.05, .01 and .001 are 1, 2 and 3).
        """
        if part == "correlations":
            return frame_of(_correlation_rows(), CORRELATION_COLUMNS)
        if part != "checks":
            raise unknown_name("part", part, ("checks", "correlations"))
        return frame_of(self.rows, PUBLISHED_COLUMNS)

    def summary(self) -> str:
        """Return how many checks come out how, and those that do not agree."""
        counts: dict[str, int] = {}
        for row in self.rows:
            counts[row["verdict"]] = counts.get(row["verdict"], 0) + 1
        lines = [", ".join(f"{word('values', name, self.lang)} {n}" for name, n in counts.items()) + "."]
        lines += [
            f"{row['label']} ({row['sources']}): {row['printed']}; {word('values', 'follows', self.lang)}"
            f" {row['follows']}. {row['note']}".rstrip()
            for row in self.rows
            if row["verdict"] == INCONSISTENT
        ]
        return "\n".join(lines)

    def table(self) -> Table:
        """Return the checks as a table, with headings and verdicts in the language."""
        frame = self.to_frame()
        frame["verdict"] = [word("values", name, self.lang) for name in frame["verdict"]]
        names = ("label", "sources", "place", "printed", "follows", "verdict", "note")
        return table_from_frame(
            frame,
            text_columns(names, self.lang),
            title=word("titles", "published_checks", self.lang),
            notes=[word("notes", "published_checks", self.lang)],
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw one square a check, by its verdict."""
        from larstudy import figures

        kinds = {CONSISTENT: "supported", INCONSISTENT: "contradicted", UNDECIDED: "inconclusive"}
        words = {kinds[name]: word("values", name, self.lang) for name in kinds}
        return figures.plot_verdicts(
            [row["label"] for row in self.rows],
            [word("columns", "verdict", self.lang)],
            [[kinds[row["verdict"]]] for row in self.rows],
            words,
            ax=ax,
            title=word("titles", "published_checks", self.lang),
        )


def _correlation_rows() -> list[dict[str, Any]]:
    rows = []
    for check, values in resource_toml("published", "checks").items():
        if values["kind"] != "correlations":
            continue
        n = int(values["n"])
        for name, *cells in values["rows"]:
            for column, cell in zip(values["columns"], cells, strict=True):
                r = printed(cell)
                low, high = numbers.correlation_interval(r.value, n)
                follow = ", ".join(str(stars) for stars in sorted(numbers.correlation_stars(r, n)))
                rows.append(
                    {
                        "check": check, "variable": name, "column": column, "n": n, "printed": cell,
                        "correlation": r.value, "conf_low": low, "conf_high": high, "stars": r.stars,
                        "stars_follow": follow,
                    }
                )  # fmt: skip
    return rows


def published_checks(*, lang: Language = "en") -> PublishedChecks:
    """Hold the numbers that the reviewed sources print against each other.

    What follows from printed numbers is a range, because each was rounded. Where a printed number lies
    outside, a rounding or typing error is likely; which number is wrong cannot be told.

    Parameters
    ----------
    lang : {"en", "nb", "nn"}

    Returns
    -------
    PublishedChecks

    Raises
    ------
    UnknownNameError
        Where the language is not one of the three.

    Examples
    --------
    >>> import larstudy as ls
    >>> ls.published_checks().to_frame().query("check == 'net_2017'")[["printed", "follows"]].values.tolist()
    [['884 - 681 = 197', '203']]
    """
    require_language(lang)
    rows = []
    for name, values in resource_toml("published", "checks").items():
        found = _CHECKS[values["kind"]](values)
        note = word("notes", found.note, lang).format(**found.details) if found.note else ""
        rows.append(
            {
                "check": name,
                "claims": tuple(values.get("claims", ())),
                "label": values["label"][lang],
                "sources": values["sources"],
                "place": values["place"],
                "confidence": values["confidence"],
                "printed": found.printed,
                "follows": found.follows,
                "verdict": found.verdict,
                "note": note,
            }
        )
    return PublishedChecks(rows=tuple(rows), lang=lang)
