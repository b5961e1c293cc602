"""The rows of the checks of printed numbers: one function a kind of check, and the words around it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple, cast

import numpy as np

from larstudy.names import Language
from larstudy.specs.evidence import Words
from larstudy.specs.published import Check, PrintedFact, PrintedTable
from larstudy.specs.reading import resource_toml
from larstudy.stats.fit_indices import check_fit, degrees_of_freedom
from larstudy.stats.grim import check_sd_of_scale, grim
from larstudy.stats.printed_correlations import CorrelationCheck, check_correlation
from larstudy.stats.printed_intervals import check_interval, check_p_of_interval, check_rise
from larstudy.stats.printed_numbers import CONSISTENT, INCONSISTENT, PrintedCheck, Verdict
from larstudy.stats.published_checks import (
    check_drop,
    check_p,
    check_percentage,
    check_possible_percentage,
    check_sum,
    check_t_of_groups,
    difference_in_sds,
)
from larstudy.tables import show_fixed


@cache
def _words() -> Mapping[str, Mapping[str, Words]]:
    return resource_toml("evidence", "published_words")


def published_word(group: str, name: str, lang: Language) -> str:
    """Return how a column, a title, a verdict, a reason or a note on printed numbers is worded.

    Examples
    --------
    >>> published_word("values", "inconsistent", "nb"), published_word("columns", "follows", "nn")
    ('følger ikke', 'Kva som følgjer')
    """
    return _words()[group][name][lang]


def shown_number(value: float, digits: int, lang: Language) -> str:
    """Return a number with so many decimals; with a comma in Norwegian.

    Examples
    --------
    >>> shown_number(61.678, 1, "nb"), shown_number(-0.5, 2, "en")
    ('61,7', '−0.50')
    """
    text = show_fixed(value, digits)
    return text if lang == "en" else text.replace(".", ",")


class Num(NamedTuple):
    """A number and its decimals."""

    value: float
    digits: int


class P(NamedTuple):
    """A p-value."""

    value: float


class Counts(NamedTuple):
    """A range of counts; one where both ends are the same."""

    low: float
    high: float


class Span(NamedTuple):
    """A range of numbers and their decimals; one where both ends look the same."""

    low: float
    high: float
    digits: int


class Years(NamedTuple):
    """Pairs of years."""

    pairs: Sequence[tuple[int, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One check: what is printed, what follows, and whether both can be.

    Attributes
    ----------
    check, of : str
        The id of the row, and that of the check that it is of: a check may have two rows.
    printed, follows : (str, mapping)
        A name of the words, and what is filled in.
    verdict : str
    reason : str
        A name of the words' ``why``.
    more : tuple of (str, mapping)
        Further sentences of the words' ``follows``.
    low, high : float
        The range of what follows.
    """

    check: str
    of: str
    printed: tuple[str, dict[str, Any]]
    follows: tuple[str, dict[str, Any]]
    verdict: Verdict
    reason: str
    low: float = np.nan
    high: float = np.nan
    more: tuple[tuple[str, dict[str, Any]], ...] = field(default=())


def _row(
    check: Check,
    printed: tuple[str, dict[str, Any]],
    follows: tuple[str, dict[str, Any]],
    found: PrintedCheck,
    suffix: str = "",
) -> Row:
    reason = found.reason or ("inconsistent" if found.verdict == INCONSISTENT else "")
    return Row(
        check=check.id + suffix, of=check.id, printed=printed, follows=follows, verdict=found.verdict,
        reason=reason, low=found.low, high=found.high,
    )  # fmt: skip


def _text(check: Check, role: str, place: int = 0) -> str:
    return check.facts[role][0].printed[place]


def _whole(check: Check, role: str) -> int:
    return int(_text(check, role).replace(",", ""))


def _mean_sd(fact: PrintedFact) -> str:
    return f"{fact.printed[0]} ± {fact.printed[1]}"


def _percentage(check: Check) -> list[Row]:
    count, total = _whole(check, "count"), _whole(check, "total")
    printed = _text(check, "printed") if "printed" in check.facts else ""
    found = check_percentage(count, total, printed)
    name = "percentage" if printed else "percentage_alone"
    shown = {"count": count, "total": total, "printed": printed}
    return [_row(check, (name, shown), ("percentage", {"low": Num(found.low, 1)}), found)]


def _possible_percentage(check: Check) -> list[Row]:
    total = _whole(check, "total")
    found = check_possible_percentage(_text(check, "printed"), total)
    printed = {"printed": _text(check, "printed"), "total": total}
    if found.verdict == INCONSISTENT:
        follows = {"total": total, "low": Num(found.low, 2), "high": Num(found.high, 2)}
        return [_row(check, ("possible_percentage", printed), ("nearest_percentage", follows), found)]
    follows = {"total": total, "range": Counts(found.low, found.high)}
    return [_row(check, ("possible_percentage", printed), ("possible_percentage", follows), found)]


def _sum(check: Check) -> list[Row]:
    parts = [fact.printed[0] for fact in check.facts["parts"]]
    less = [fact.printed[0] for fact in check.facts.get("less", ())]
    found = check_sum([*parts, *(f"−{text}" for text in less)], _text(check, "total"))
    shown = " + ".join(parts) + "".join(f" − {text}" for text in less)
    printed = {"parts": shown, "total": _text(check, "total")}
    return [_row(check, ("sum", printed), ("sum", {"low": Num(found.low, 0)}), found)]


def _drop(check: Check) -> list[Row]:
    roles = [role for role in ("level", "reference", "drop", "lowest") if role in check.facts]
    printed = {role: _text(check, role) for role in roles}
    # The end of a scale is what it is: nothing was rounded to it.
    lowest = float(printed.get("lowest", 0.0))
    found = check_drop(printed["level"], printed["reference"], printed["drop"], lowest=lowest)
    follows = {"low": Num(found.low, 1), "high": Num(found.high, 1)}
    name = "drop_from_lowest" if "lowest" in printed else "drop"
    return [_row(check, (name, printed), ("drop", follows), found)]


def _fit(check: Check) -> list[Row]:
    df, df_null = degrees_of_freedom(int(check.options["items"]), int(check.options["factors"]))
    named = {role: _text(check, role) for role in ("rmsea", "cfi", "nfi", "n")}
    limits = check.facts["interval"][0].printed if "interval" in check.facts else None
    found = check_fit(
        rmsea=named["rmsea"], cfi=named["cfi"], nfi=named["nfi"], n=_whole(check, "n"), df=df,
        df_null=df_null, rmsea_interval=None if limits is None else (limits[0], limits[1]),
    )  # fmt: skip
    one = found.chi_square
    follows = {
        "df": df, "low": Num(one.low, 1), "high": Num(one.high, 1), "other_low": Num(one.printed_low, 1),
        "other_high": Num(one.printed_high, 1),
    }  # fmt: skip
    rows = [_row(check, ("fit", named), ("fit", follows), one)]
    if limits is not None:
        (low, low_high), (high_low, high) = found.limits
        printed = {"rmsea": named["rmsea"], "low": limits[0], "high": limits[1]}
        numbers = {"low": low, "low_high": low_high, "high_low": high_low, "high": high}
        follows = {name: Num(value, 4) for name, value in numbers.items()}
        rows.append(
            _row(check, ("fit_interval", printed), ("fit_interval", follows), found.interval, "_interval")
        )
    return rows


def _difference(check: Check) -> list[Row]:
    first, second = check.facts["first"][0], check.facts["second"][0]
    found = difference_in_sds(*first.printed, *second.printed)
    printed = {"first": _mean_sd(first), "second": _mean_sd(second)}
    follows = {"low": Num(found.low, 2), "high": Num(found.high, 2)}
    return [_row(check, ("difference", printed), ("difference", follows), found)]


def _group_t(check: Check) -> list[Row]:
    first, second, n = check.facts["first"][0], check.facts["second"][0], _whole(check, "n")
    found = check_t_of_groups(*first.printed, *second.printed, n=n, t=_text(check, "t"))
    printed = {"first": _mean_sd(first), "second": _mean_sd(second), "n": n, "t": _text(check, "t")}
    follows = {
        "low": Num(found.check.low, 2), "high": Num(found.check.high, 2), "n": n, "n_low": found.smaller_low,
        "n_high": found.smaller_high,
    }  # fmt: skip
    name = "group_t" if found.smaller_low else "group_t_none"
    return [_row(check, ("group_t", printed), (name, follows), found.check)]


def _p(check: Check) -> list[Row]:
    test, df = cast("Any", check.options["test"]), float(check.options["df"])
    statistic, p = _text(check, "statistic"), _text(check, "p")
    found = check_p(test, statistic, df, p)
    printed = {"test": test, "statistic": statistic, "p": p if p[0] in "<>" else f"= {p}"}
    follows = {"p_low": P(found.low), "p_high": P(found.high)}
    return [_row(check, ("p", printed), ("p", follows), found)]


def _interval(check: Check) -> list[Row]:
    estimate, low, high = check.facts["interval"][0].printed
    df = float(check.options["df"]) if "df" in check.options else None
    found = check_interval(estimate, low, high, scale=cast("Any", check.options["scale"]), df=df)
    printed: dict[str, Any] = {"estimate": estimate, "low": low, "high": high}
    digits = 3 if "." in estimate and len(estimate.split(".")[1]) > 1 else 2
    follows = {
        "low": Num(found.middle.low, digits), "high": Num(found.middle.high, digits), "p_low": P(found.p_low),
        "p_high": P(found.p_high),
    }  # fmt: skip
    name = "interval_apart" if found.middle.verdict == INCONSISTENT else "interval"
    if "p" not in check.facts:
        return [_row(check, ("interval", printed), (name, follows), found.middle)]
    p = _text(check, "p")
    both = check_p_of_interval(found, p)
    return [_row(check, ("interval_p", {**printed, "p": p}), (name, follows), both)]


def _sd_of_scale(check: Check) -> list[Row]:
    mean, sd = check.facts["score"][0].printed
    lowest, highest = (float(check.options[name]) for name in ("lowest", "highest"))
    found = check_sd_of_scale(mean, sd, lowest=lowest, highest=highest)
    return [
        _row(
            check,
            ("sd_of_scale", {"mean": mean, "sd": sd}),
            ("sd_of_scale", {"high": Num(found.high, 1)}),
            found,
        )
    ]


def _grim(check: Check) -> list[Row]:
    n = _whole(check, "n")
    found = grim(_text(check, "mean"), n)
    return [
        _row(
            check,
            ("grim", {"mean": _text(check, "mean"), "n": n}),
            ("grim", {"step": Num(1.0 / n, 4)}),
            found,
        )
    ]


def lar_rows(measure: str) -> list[dict[str, Any]]:
    """Return the rows of the counts of patients in LAR by one way of counting, with their sources."""
    rows = resource_toml("evidence", "lar_counts")["counts"].values()
    return [row for row in rows if row["measure"] == measure and "patients" in row]


def lar_counts(measure: str) -> dict[int, str]:
    """Return the printed counts of patients in LAR by one way of counting, by year.

    Examples
    --------
    >>> lar_counts("dispensed")[2015], lar_counts("year_end")[2019]
    ('7,958', '≈ 7,900')
    """
    return {
        row["year"]: ("≈ " if row.get("approximate") else "") + f"{row['patients']:,}"
        for row in lar_rows(measure)
    }


def _rise(check: Check) -> list[Row]:
    counts = lar_counts(str(check.options["measure"]))
    first = int(check.options["first"]) if "first" in check.options else None
    found = check_rise(counts, first=first)
    printed = {"counts": "; ".join(f"{year}: {text}" for year, text in counts.items())}
    follows = {"rises": Years(found.rises), "falls": Years(found.falls), "missing": len(found.missing)}
    reason = "falls" if found.falls else found.reason
    return [
        Row(
            check=check.id, of=check.id, printed=("rise", printed), follows=("rise", follows),
            verdict=found.verdict, reason=reason,
        )
    ]  # fmt: skip


_KINDS: Mapping[str, Callable[[Check], list[Row]]] = {
    "percentage": _percentage,
    "possible_percentage": _possible_percentage,
    "sum": _sum,
    "drop": _drop,
    "fit": _fit,
    "difference": _difference,
    "group_t": _group_t,
    "p": _p,
    "interval": _interval,
    "sd_of_scale": _sd_of_scale,
    "grim": _grim,
    "rise": _rise,
}


def rows_of(check: Check, tables: Mapping[str, PrintedTable]) -> list[Row]:
    """Return the rows of one check; for a table of correlations one row that counts its stars."""
    if check.kind == "correlations":
        return [_correlations(check, tables[str(check.options["table"])])]
    return _KINDS[check.kind](check)


def cells_of(table: PrintedTable) -> list[tuple[str, str, str, CorrelationCheck]]:
    """Return every cell of a table of correlations: row, column, what is printed, what follows."""
    return [
        (row, column, printed, check_correlation(printed, table.n))
        for row, cells in table.rows.items()
        for column, printed in zip(table.columns, cells, strict=True)
    ]


def _correlations(check: Check, table: PrintedTable) -> Row:
    cells = cells_of(table)
    off = [cell for cell in cells if cell[3].stars.verdict != CONSISTENT]
    more: list[tuple[str, dict[str, Any]]] = []
    for row, column, printed, found in off:
        where = {"row": table.labels[row], "column": column, "printed": printed}
        expected = found.expected or _words()["values"]["no_stars"]
        persons = {"low": found.n_low, "high": found.n_high}
        name = "stars" if found.n_low else "stars_never"
        more.append((name, {**where, "expected": expected, "n": table.n, **persons}))
    if off and max(cell[3].n_low for cell in off) > min(cell[3].n_high for cell in off):
        more.append(("stars_of_no_n", {}))
    return Row(
        check=check.id,
        of=check.id,
        printed=("correlations", {"k": len(cells), "n": table.n}),
        follows=("correlations", {"right": len(cells) - len(off), "k": len(cells)}),
        verdict=INCONSISTENT if off else CONSISTENT,
        reason="inconsistent" if off else "",
        more=tuple(more),
    )


def worded(group: str, said: tuple[str, Mapping[str, Any]], lang: Language) -> str:
    """Return a sentence of the words with everything filled in.

    Words in three languages are taken in this one.

    Examples
    --------
    >>> worded("follows", ("percentage", {"low": Num(61.678, 1)}), "nn")
    '61,7 %'
    """
    name, values = said
    filled = {key: _filled(value, lang) for key, value in values.items()}
    return published_word(group, name, lang).format(**filled)


def _filled(value: Any, lang: Language) -> str:
    if isinstance(value, Mapping):
        return str(value[lang])
    if isinstance(value, Num):
        return shown_number(value.value, value.digits, lang)
    if isinstance(value, P):
        least = 0.0001
        below = value.value < least
        return ("< " if below else "") + shown_number(least if below else value.value, 4, lang)
    if isinstance(value, Counts):
        low, high = (f"{end:.0f}" for end in value)
        return low if low == high else f"{low} {published_word('values', 'to', lang)} {high}"
    if isinstance(value, Span):
        low, high = (shown_number(end, value.digits, lang) for end in value[:2])
        return low if low == high else f"{low} {published_word('values', 'to', lang)} {high}"
    if isinstance(value, Years):
        shown = ", ".join(f"{before}–{after}" for before, after in value.pairs)
        return shown or published_word("values", "none", lang)
    return str(value)
