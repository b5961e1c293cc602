"""Numbers held against a work's numbers, one by one, with what probably went wrong."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from larstudy.checker.headers import NUMBER_KINDS
from larstudy.checker.known import Figure, is_of_people
from larstudy.checker.lexicon import lexicon, pattern, words_pattern
from larstudy.checker.matching import same_digits
from larstudy.checker.remarks import Cell, Remark, number_shown
from larstudy.checker.written import Written, numbers_of
from larstudy.specs.evidence import WAVES

#: How near after a number its wave stands, in letters.
_WAVE_NEAR: Final = 28
#: The quantities that a heading, or a word before the number, may mean.
_MEANT: Final = {
    "n": ("n",),
    "mean": ("mean", "norm"),
    "sd": ("sd",),
    "se": ("se",),
    "change": ("change",),
    "d_z": ("d_z",),
    "d_av": ("d_av",),
    "share": ("share",),
    "correlation": ("correlation",),
}
_SIGNED: Final = frozenset({"change", "d_z", "d_av", "correlation"})


def number_remarks(cell: Cell) -> list[Remark]:
    """Return a remark on each number of a cell that can be held against one of the work."""
    numbers = [n for n in numbers_of(cell.text) if n.label not in ("page", "other")]
    if not numbers:
        return []
    labels = [_label(cell, number, place) for place, number in enumerate(numbers)]
    right_ns = [
        number.readings[-1][0]
        for number, label in zip(numbers, labels, strict=True)
        if label in ("", "n") and any(f.fits(number) and f.role == "analysed" for f in cell.work.of("n"))
    ]
    found = []
    for number, label in zip(numbers, labels, strict=True):
        remark = _one(cell, number, label, right_ns)
        if remark is not None:
            found.append(remark)
    return found


def _label(cell: Cell, number: Written, place: int) -> str:
    """Return what a number is called: by the word before it, or else by the heading, or the noun after it."""
    if number.label:
        return number.label
    kind = cell.heading.kind
    if kind == "mean" and cell.heading.second and place:
        return cell.heading.second
    if kind in NUMBER_KINDS and not (kind in ("n", "mean") and number.percent):
        return kind
    # In the column of the sample a number of people is the n; elsewhere it may be any of them.
    if "sample" not in (kind, cell.heading.second) or number.percent:
        return ""
    timed = any(pattern("waves", wave).match(re.sub(r"^\W*(ved |at )?", "", number.after)) for wave in WAVES)
    return "n" if timed or is_of_people(number) else ""


def _one(cell: Cell, number: Written, label: str, right_ns: Sequence[float]) -> Remark | None:
    meant = _of_label(cell, number, label) if label else _of_running_text(cell, number)
    fitting = [figure for figure in meant if _same(cell, figure, number)]
    if fitting:
        return _fits(cell, number, fitting, right_ns)
    for diagnose in _DIAGNOSES:
        remark = diagnose(cell, number, label, meant)
        if remark is not None:
            return remark
    return _unlike(cell, number, label, meant, right_ns)


def _same(cell: Cell, figure: Figure, number: Written) -> bool:
    if figure.quantity == "n" and number.percent:
        return False
    if figure.percent and not number.percent:
        # In a column of shares the sign may stand in the heading, and 0.64 may stand for 64 %.
        in_column = cell.heading.kind == "share"
        return in_column and (figure.fits(number) or figure.fits(number, factor=100.0))
    # A mean of percentages is written with the sign or without it; a count and a share are not the same.
    alike = figure.percent == number.percent or figure.quantity not in ("n", "count", "years", "share")
    return alike and figure.fits(number) and not _turned(figure, number)


def _of_label(cell: Cell, number: Written, label: str) -> list[Figure]:
    """Return the figures that a named number may be: of the quantity, and of the instrument that is named."""
    meant = cell.work.of(*_MEANT[label])
    around = f"{cell.heading.text} {number.near}"
    if label == "share":
        # A share is of something: without its cue in the heading or near by it may be of anything.
        return [f for f in meant if not f.cues or words_pattern(f.cues).search(around) or f.fits(number)]
    named = [_letters(match) for match in pattern("instruments", "words").findall(around)]
    if label == "n" or not named:
        return meant
    return [f for f in meant if any(name in _letters(" ".join(f.label.values())) for name in named)]


def _letters(text: str) -> str:
    return re.sub(r"[\W_]", "", text.casefold())


def _of_running_text(cell: Cell, number: Written) -> list[Figure]:
    """Return the figures that a number in running text may be: those of its kind, by its cues."""
    counted = is_of_people(number) and not number.percent
    return [
        figure
        for figure in cell.work.figures
        # Of what was computed only a change is told in words, as "fell by 0.03".
        if (figure.digits is not None or (figure.quantity == "change" and _cued(figure, number)))
        and (figure.quantity != "n" or counted or figure.fits(number))
        and (not figure.cues or _cued(figure, number) or figure.quantity == "n")
    ]


def _cued(figure: Figure, number: Written) -> bool:
    if words_pattern(figure.cues).search(number.near):
        return True
    turns = (pattern("directions", name) for name in ("up", "down"))
    return figure.quantity == "change" and any(words.search(number.near) for words in turns)


# -- what fits ------------------------------------------------------------------------------------


def _fits(cell: Cell, number: Written, fitting: Sequence[Figure], right_ns: Sequence[float]) -> Remark | None:
    figure = fitting[0]
    if figure.quantity == "n" and figure.role != "analysed":
        return _other_n(cell, number, figure, right_ns)
    wave = _wave(cell, number)
    if wave and figure.measure and all(f.wave and f.wave != wave for f in fitting):
        pairs = [f for f in cell.work.of(figure.quantity) if f.measure == figure.measure and f.wave == wave]
        if pairs:
            says = cell.shown(pairs[0])
            return cell.remark("wrong", "wave", written=number.text, says=says, place=cell.place_of(pairs[0]))
    diagnosis = "n" if figure.quantity == "n" else "number"
    return _right(cell, number, figure, diagnosis)


def _right(cell: Cell, number: Written, figure: Figure, diagnosis: str) -> Remark:
    return cell.remark(
        "right",
        diagnosis,
        why="same",
        written=number.text,
        says=cell.shown(figure),
        place=cell.place_of(figure),
    )


def _wave(cell: Cell, number: Written) -> str:
    """Return the wave that a column of numbers or the words after one name; "" for neither or both."""
    if cell.heading.kind in NUMBER_KINDS and cell.heading.wave:
        return cell.heading.wave
    after = number.near.partition(" | ")[2][:_WAVE_NEAR]
    named = [wave for wave in WAVES if pattern("waves", wave).search(after)]
    return named[0] if len(named) == 1 else ""


def _other_n(cell: Cell, number: Written, figure: Figure, right_ns: Sequence[float]) -> Remark:
    """Return what there is to say of an n at the start, of the cohort behind the sample, or of a part."""
    analysed = [f for f in cell.work.of("n") if f.role == "analysed"]
    role = figure.role
    told = pattern("roles", role).search(number.around) or pattern("roles", role).search(cell.heading.text)
    if told or right_ns or not analysed:
        return _right(cell, number, figure, "n")
    diagnosis = {"enrolled": "baseline_n", "source": "source_n", "part": "part_n"}[role]
    known = number_shown(analysed[0].printed, cell.lang)
    return cell.remark(
        "wrong",
        diagnosis,
        written=number.text,
        says=f"{cell.shown(analysed[0])}; {cell.shown(figure)}",
        place=cell.place_of(analysed[0]),
        fill={"written": number.text, "known": known},
    )


# -- what probably went wrong, tried in this order --------------------------------------------------


def _standard_error(cell: Cell, number: Written, label: str, meant: Sequence[Figure]) -> Remark | None:
    for sd in (f for f in cell.work.of("sd") if f.n and label in ("sd", "se")):
        like = (sd.measure, sd.wave, sd.n)
        se = next(f for f in cell.work.of("se") if (f.measure, f.wave, f.n) == like)
        fill = {"known": number_shown(sd.printed, cell.lang), "n": str(sd.n)}
        if label == "sd" and se.fits(number):
            return _wrong(cell, number, "se_for_sd", sd, fill=fill)
        if label == "se" and sd.fits(number):
            return _wrong(cell, number, "sd_for_se", se, fill=fill)
    return None


def _effect_size(cell: Cell, number: Written, label: str, meant: Sequence[Figure]) -> Remark | None:
    other = {"d_av": "d_z", "d_z": "d_av"}.get(label)
    if other is None:
        return None
    swapped = [figure for figure in cell.work.of(other) if figure.fits(number)]
    if not swapped:
        return None
    if not meant:
        says = f"{other}: {cell.shown(swapped[0])}"
        place = cell.place_of(swapped[0])
        diagnosis = f"{other}_for_{label}"
        return cell.remark("unclear", diagnosis, why="d_other", written=number.text, says=says, place=place)
    return _wrong(cell, number, f"{other}_for_{label}", meant[0])


def _sign(cell: Cell, number: Written, label: str, meant: Sequence[Figure]) -> Remark | None:
    for figure in meant:
        if figure.quantity in _SIGNED and figure.percent == number.percent and _turned(figure, number):
            return _wrong(cell, number, "sign", figure)
    return None


def _turned(figure: Figure, number: Written) -> bool:
    """Say whether a number is a change turned round, by its own sign or by the words beside it."""
    if figure.quantity not in _SIGNED or not figure.value:
        return False
    if figure.fits(number, factor=-1.0):
        return True
    if figure.quantity != "change" or number.signed or not figure.fits(number):
        return False
    up, down = (bool(pattern("directions", name).search(number.near)) for name in ("up", "down"))
    return down and not up if figure.value > 0 else up and not down


def _percent(cell: Cell, number: Written, label: str, meant: Sequence[Figure]) -> Remark | None:
    if not number.percent and (label == "n" or is_of_people(number)):
        for figure in cell.work.of("share"):
            if figure.fits(number):
                return _wrong(cell, number, "percent_for_count", figure)
    if number.percent or label == "share":
        for figure in cell.work.of("n", "count"):
            if figure.fits(number):
                return _wrong(cell, number, "count_for_percent", figure)
    return None


def _decimal(cell: Cell, number: Written, label: str, meant: Sequence[Figure]) -> Remark | None:
    for figure in meant:
        digits = re.sub(r"\D", "", figure.printed).strip("0")
        if number.digits != digits or len(digits) < 2 or number.percent != figure.percent:
            continue
        # A bare whole number in running text is too little to tell a lost comma by, unless its cue is there.
        if label or _cued(figure, number) or not number.text.strip("+-−– ").isdigit():
            return _wrong(cell, number, "decimal", figure)
    return None


def _swapped(cell: Cell, number: Written, label: str, meant: Sequence[Figure]) -> Remark | None:
    for figure in meant:
        own = re.sub(r"\D", "", number.text)
        printed = re.sub(r"\D", "", figure.printed)
        sure = label or _cued(figure, number) or (figure.quantity == "n" and len(own) > 2)
        if sure and same_digits(own, printed) and number.percent == figure.percent:
            return _wrong(cell, number, "digits", figure)
    return None


_Diagnosis = Callable[[Cell, Written, str, Sequence[Figure]], Remark | None]
_DIAGNOSES: Final[tuple[_Diagnosis, ...]] = (
    _standard_error,
    _effect_size,
    _sign,
    _percent,
    _decimal,
    _swapped,
)


def _wrong(
    cell: Cell,
    number: Written,
    diagnosis: str,
    figure: Figure,
    *,
    why: str = "",
    fill: dict[str, str] | None = None,
) -> Remark:
    return cell.remark(
        "wrong",
        diagnosis,
        why=why,
        written=number.text,
        says=cell.shown(figure),
        place=cell.place_of(figure),
        fill=fill,
    )


# -- what fits nothing ----------------------------------------------------------------------------


def _unlike(
    cell: Cell, number: Written, label: str, meant: Sequence[Figure], right_ns: Sequence[float]
) -> Remark | None:
    """Return that a number is another than the source's, where it is told which number it is."""
    if pattern("about", "words").search(number.before[-12:]):
        # "About 340" for 338 is no mistake, and "about 500" is not told apart from one.
        return None
    wave = _wave(cell, number)
    of_wave = [f for f in meant if f.wave and f.wave == wave]
    if label == "n" and not of_wave:
        # Beside the right n a smaller one is of a part.
        if right_ns and number.readings[-1][0] < max(right_ns):
            return None
        return _differs(cell, number, [f for f in meant if f.role == "analysed"], "n")
    if label:
        return _differs(cell, number, of_wave or list(meant), "n" if label == "n" else "number")
    cued = [f for f in meant if f.cues and f.percent == number.percent and _cued(f, number)]
    whole = not number.readings[-1][1]
    cued = [f for f in cued if f.percent or bool(f.digits) != whole]
    if len(cued) == 1 and not _years_of_age(number, cued[0]):
        return _differs(cell, number, cued, "number")
    return None


def _years_of_age(number: Written, figure: Figure) -> bool:
    """Say whether a whole number beside the cue of a count of years is no count of years."""
    years = words_pattern(["år", "years", "year"])
    return figure.quantity == "years" and not years.match(number.after.lstrip())


def _differs(cell: Cell, number: Written, meant: Iterable[Figure], diagnosis: str) -> Remark:
    known = list(meant)
    if not known:
        return cell.remark("not_checked", diagnosis, why="nothing_known", written=number.text)
    joined = f" {_or(cell)} ".join(dict.fromkeys(cell.shown(figure) for figure in known[:3]))
    return cell.remark(
        "wrong", diagnosis, why="differs", written=number.text, says=joined, place=cell.place_of(known[0])
    )


def _or(cell: Cell) -> str:
    text: str = lexicon("remarks")["words"]["or"][cell.lang]
    return text
