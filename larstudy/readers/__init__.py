"""Readers of data files, one module a family of formats; each finds the same table in the same data."""

from __future__ import annotations

from pathlib import Path

from larstudy.raw_table import RawTable
from larstudy.readers.base import fail, read_bytes, table_of
from larstudy.readers.excel import read_excel
from larstudy.readers.labelled import read_labelled
from larstudy.readers.parquet import read_parquet
from larstudy.readers.text import read_text_table
from larstudy.specs.data import FilePart

_TEXT = (".csv", ".tsv", ".txt", ".tab", ".dat", ".asc", "")
_LABELLED = (".sav", ".zsav", ".dta")
_EXCEL = (".xlsx", ".xlsm")
FORMATS = ".csv .tsv .txt .xlsx .sav .zsav .dta .parquet"

#: How files begin, what they then are, and the names that such files have.
_SIGNATURES = (
    (b"PK\x03\x04", "an Excel or other zip file", _EXCEL),
    (b"$FL", "an SPSS file", (".sav", ".zsav")),
    (b"<stata_dta>", "a Stata file", (".dta",)),
    (b"PAR1", "a Parquet file", (".parquet",)),
)
_OLE = b"\xd0\xcf\x11\xe0"
_NOT_READ = {
    ".xls": ("is a workbook of Excel 2003 or older", "Save it as .xlsx or as CSV"),
    ".xlsb": ("is a binary workbook", "Save it as .xlsx or as CSV"),
    ".ods": ("is a LibreOffice workbook", "Save it as .xlsx or as CSV"),
    ".por": ("is a portable SPSS file", "Save it as .sav"),
    ".sas7bdat": ("is a SAS file", "Save it as CSV, SPSS or Stata"),
    ".rds": ("is a file of R", "Save it as CSV or Parquet"),
    ".rdata": ("is a file of R", "Save it as CSV or Parquet"),
}


def read_file(part: FilePart, folder: Path) -> RawTable:
    """Read one data file, by what its name ends with.

    Parameters
    ----------
    part : FilePart
    folder : Path
        Where the study file stands.

    Returns
    -------
    RawTable

    Raises
    ------
    DataError
        Where the file is absent, empty, damaged, encrypted, or of a format or encoding that is not read.
    """
    path = folder / part.file
    suffix = path.suffix.lower()
    if suffix in _NOT_READ:
        what, remedy = _NOT_READ[suffix]
        raise fail("format", path.name, f"{what}, which is not read", remedy)
    content = read_bytes(path)
    _check_kind(content, suffix, path.name)
    if suffix in _LABELLED:
        return table_of(read_labelled(part, path), part, path, content)
    if suffix in _EXCEL:
        return table_of(read_excel(part, path, content), part, path, content)
    if suffix == ".parquet":
        return table_of(read_parquet(path), part, path, content)
    sheet, separator = read_text_table(part, path, content)
    return table_of(sheet, part, path, content, separator=separator)


def _check_kind(content: bytes, suffix: str, name: str) -> None:
    """Refuse a file that is something else than its name says."""
    if content.startswith(_OLE):
        what = "is encrypted with a password, or a workbook of Excel 2003 or older"
        raise fail("format", name, what, "Take the password off and save it as .xlsx")
    known = (*_TEXT, *_LABELLED, *_EXCEL, ".parquet")
    if suffix not in known:
        what = f"'{suffix}' is the end of no name of a format that is read"
        raise fail("format", name, what, f"Formats that are read: {FORMATS}")
    for signature, kind, suffixes in _SIGNATURES:
        if content.startswith(signature) and suffix not in suffixes:
            own = (
                f"Name it {suffixes[0]}"
                if suffix not in _TEXT
                else f"Save it as CSV, or name it {suffixes[0]}"
            )
            raise fail("format", name, f"looks like {kind}, not {_said(suffix)}", own)


def _said(suffix: str) -> str:
    return "text" if suffix in _TEXT else f"a {suffix} file"
