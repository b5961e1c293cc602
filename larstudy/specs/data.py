"""What a study file says of its data: which files there are, how to read them, and where the waves are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, get_args

Layout = Literal["long", "wide"]
Decimal = Literal["auto", ".", ","]
DateOrder = Literal["auto", "dmy", "mdy"]
Choice = Literal["refuse", "first", "last", "closest"]
Repeats = Literal["refuse", "first", "last"]
LAYOUTS: Final[tuple[Layout, ...]] = get_args(Layout)
DECIMALS: Final[tuple[Decimal, ...]] = get_args(Decimal)
DATE_ORDERS: Final[tuple[DateOrder, ...]] = get_args(DateOrder)
CHOICES: Final[tuple[Choice, ...]] = get_args(Choice)
REPEATS: Final[tuple[Repeats, ...]] = get_args(Repeats)
#: Codes that mean "no answer".
MissingCodes = tuple[str | float, ...]

#: Column of the waves where each wave is a file of its own; no file has a column of that name.
WAVE_OF_FILE = "(the file)"
#: Column of the waves where dates say which wave a visit belongs to.
WAVE_OF_DATE = "(window of the date)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wave:
    """A wave of the study: its name, and how the data file marks it."""

    name: str
    value: str | float


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Which days after a person's first day belong to a wave, both ends included."""

    wave: str
    low: float
    high: float
    target: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FilePart:
    """One data file and how to read it.

    Attributes
    ----------
    file : str
    wave : str
        The wave that the file holds; empty where it holds columns of all waves.
    person : str
        Its column of the ids.
    sheet : str
        Of a workbook; empty where it has one sheet only.
    separator, encoding : str
        Empty where they are to be found.
    decimal : {"auto", ".", ","}
    """

    file: str
    wave: str = ""
    person: str = ""
    sheet: str = ""
    separator: str = ""
    decimal: Decimal = "auto"
    encoding: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitSpec:
    """How the dates of visits become waves.

    Attributes
    ----------
    date : str
        Column of the date of each row.
    baseline_date : str
        Column of each person's day 0; where empty, it is the first date of the person.
    windows : tuple of Window
    two_visits : {"refuse", "first", "last", "closest"}
        What to do where a person has two visits in one window.
    date_order : {"auto", "dmy", "mdy"}
        How dates that are not written year-month-day are to be read.
    """

    date: str
    baseline_date: str
    windows: tuple[Window, ...]
    two_visits: Choice = "refuse"
    date_order: DateOrder = "auto"


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSpec:
    """Where the data are and how the file is laid out; see the keys of ``[data]`` in the handbook.

    ``file`` is the first file where there are several; ``parts`` is empty where there is one. ``repeats`` is
    about rows that REDCap marks as instances of a repeated form. Columns under ``drop`` are left out of each
    file before anything looks at them; those under ``not_identity_numbers`` hold numbers that only look like
    those of persons.
    """

    file: str
    layout: Layout = "wide"
    person: str = ""
    wave: str = ""
    waves: tuple[Wave, ...] = ()
    missing_codes: MissingCodes = ()
    cluster: str = ""
    separator: str = ""
    decimal: Decimal = "auto"
    encoding: str = ""
    sheet: str = ""
    parts: tuple[FilePart, ...] = ()
    visits: VisitSpec | None = None
    dictionary: str = ""
    repeats: Repeats = "refuse"
    drop: tuple[str, ...] = ()
    not_identity_numbers: tuple[str, ...] = ()

    @property
    def files(self) -> Sequence[FilePart]:
        """Every data file of the study."""
        if self.parts:
            return self.parts
        return (
            FilePart(
                file=self.file,
                person=self.person,
                sheet=self.sheet,
                separator=self.separator,
                decimal=self.decimal,
                encoding=self.encoding,
            ),
        )
