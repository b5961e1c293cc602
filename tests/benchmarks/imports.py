"""`import larstudy` against `import pandas`, both net of the interpreter."""

from __future__ import annotations

from tests.benchmarks.timing import Row, at_most, medians, python


def run() -> Row:
    found = medians(
        {
            "nothing": python("pass"),
            "pandas": python("import pandas"),
            "larstudy": python("import larstudy"),
        },
        turns=15,
    )
    ratio = (found["larstudy"] - found["nothing"]) / (found["pandas"] - found["nothing"])
    return at_most("import", ratio, 0.30)
