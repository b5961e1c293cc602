"""Numbers and addresses that tell who somebody is, found in text.

A Norwegian identity number has eleven digits: a date of birth, three more, and two check digits by modulus
11. A D-number has 4 added to the first digit; a help number (H-number) has 4 added to the third. Numbers of
made-up persons have 65 or 80 added to the month. A common help number (FH-number) begins with 8 or 9 and
holds no date.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_FIRST: Final = (3, 7, 6, 1, 8, 9, 4, 5, 2)
_SECOND: Final = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
#: What is added to the month: nothing, by an H-number, by two registers of made-up persons, and by both.
_MONTHS: Final = (0, 40, 65, 80)
_DAYS: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
# Not a part of a longer number, of a decimal, of a hash or of a name.
_ELEVEN: Final = re.compile(r"(?<![\w.,+-])(\d{6})[ \N{NO-BREAK SPACE}.-]?(\d{5})(?![\w-]|[.,]\d)")
_EMAIL: Final = re.compile(r"[^\s@;,:<>()\[\]\"'|]+@[^\s@;,:<>()\[\]\"'|]+\.[^\W\d_]{2,}")
#: The number of a cell that a spreadsheet has read as a number.
_CELL: Final = re.compile(r"(\d{10,11})(?:[.,]0+)?")


def is_identity_number(digits: str) -> bool:
    """Return whether eleven digits may be a national identity number: its date, and both check digits.

    Of eleven digits by chance about one in 240 is: half hold such a date, or begin with 8 or 9, and of
    those one in 11 times 11 has both check digits.

    Examples
    --------
    By hand: the sum of 3, 7, 6, 1, 8, 9, 4, 5, 2 times 0, 1, 0, 1, 0, 1, 1, 2, 3 is 37, which lacks 7 of 44;
    the sum of 5, 4, 3, 2, 7, 6, 5, 4, 3, 2 times these and 7 is 48, which lacks 7 of 55.

    >>> is_identity_number("01010112377"), is_identity_number("01010112376")
    (True, False)
    """
    if len(digits) != 11 or not digits.isascii() or not digits.isdigit():
        return False
    numbers = [int(digit) for digit in digits]
    return _has_date(digits) and _checks(numbers, _FIRST, 9) and _checks(numbers, _SECOND, 10)


def _checks(numbers: list[int], weights: tuple[int, ...], place: int) -> bool:
    rest = -sum(w * n for w, n in zip(weights, numbers, strict=False)) % 11
    return rest == numbers[place]


def _has_date(digits: str) -> bool:
    if digits[0] in "89":
        return True
    day, month = int(digits[:2]), int(digits[2:4])
    day -= 40 if day > 40 else 0
    return any(1 <= month - added <= 12 and 1 <= day <= _DAYS[month - added - 1] for added in _MONTHS)


def identity_numbers(text: str) -> Iterator[str]:
    """Yield the identity numbers in a text, each as eleven digits.

    Examples
    --------
    >>> list(identity_numbers("moved in 2019, 010101 12377, see file"))
    ['01010112377']
    """
    for match in _ELEVEN.finditer(text):
        found = match.group(1) + match.group(2)
        if is_identity_number(found):
            yield found


def cell_has_identity_number(text: str) -> bool:
    """Return whether a cell is an identity number, also without its first zero, or holds one in its text.

    Examples
    --------
    >>> [cell_has_identity_number(cell) for cell in ("1010112377", "1010112377.0", "see 01010112377", "12")]
    [True, True, True, False]
    """
    alone = _CELL.fullmatch(text.strip())
    if alone and is_identity_number(alone.group(1).zfill(11)):
        return True
    return next(identity_numbers(text), None) is not None


def email_addresses(text: str) -> list[str]:
    """Return the e-mail addresses in a text.

    Examples
    --------
    >>> email_addresses("write to somebody@clinic.example, or call")
    ['somebody@clinic.example']
    """
    return _EMAIL.findall(text) if "@" in text else []
