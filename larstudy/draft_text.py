"""A draft as the text of a study file: every guess a line, every doubt a remark."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from larstudy.draft_facts import Draft, chosen, file_waves, relative
from larstudy.guesses import MEANINGS, Categories, InstrumentGuess
from larstudy.identifiers import drop_line, quoted
from larstudy.specs.data import WAVE_OF_FILE
from larstudy.specs.instruments import Instrument
from larstudy.specs.study import as_code
from larstudy.wave_marks import Measured

NO_ANSWER = "missing"


def draft_text(draft: Draft, beside: Path) -> str:
    """Return the text of a study file that will stand in a folder.

    Parameters
    ----------
    draft : Draft
    beside : Path
        That folder.
    """
    source = draft.source
    body = [
        *_data(draft, beside),
        *(line for guess in instruments_of(draft) for line in _instrument(draft, guess)),
        *(line for one in scores_of(draft) for line in _outcome(draft, one)),
        *_questionnaires(draft),
        *(_categories(draft, draft.network, "network") if draft.network else _no_network()),
        *(_categories(draft, draft.status, "treatment_status") if draft.status else []),
        *_covariates(draft),
        "",
        *_listed("Could not be guessed:", open_questions(draft)),
        "# All columns of the file:" if len(source.paths) == 1 else "# All columns of the files:",
        *(f"#   {_comment(name)}" for name in source.columns),
    ]
    return "\n".join(body) + "\n"


def open_questions(draft: Draft) -> list[str]:
    """Return what neither the names and labels of the columns nor a person has said."""
    undirected = [one for one in scores_of(draft) if not draft.answers.get(f"higher:{one.name}")]
    waves = draft.wave or draft.windows or draft.layout == "wide"
    event = "redcap_event_name" in draft.source.columns and draft.source.dictionary is None
    missed = [
        (draft.person is None, "which column holds the ids of the persons"),
        (not waves, "which column marks the waves"),
        (not (instruments_of(draft) or scores_of(draft)), "which columns are outcomes"),
        (undirected, "which way each outcome points (higher_is), where it is not an instrument"),
        (not is_settled(draft, draft.network, "network"), "the network categories, or the rule for them"),
        (not is_settled(draft, draft.status, "treatment_status"), "the treatment status"),
        (event, "the labels of codes: name the data dictionary of REDCap too, larstudy init DATA DICTIONARY"),
    ]
    return [what for missing, what in missed if missing]


def instruments_of(draft: Draft) -> list[InstrumentGuess]:
    """Return the instruments that are outcomes: all that were found, unless somebody chose."""
    picked = draft.answers.get("outcomes")
    return [one for one in draft.instruments if picked is None or one.instrument.id in picked]


def scores_of(draft: Draft) -> list[Measured]:
    """Return the scores that are outcomes: all that may be, unless somebody chose."""
    picked = draft.answers.get("outcomes")
    return [one for one in draft.scores if picked is None or one.name in picked]


def is_settled(draft: Draft, found: Categories | None, key: str) -> bool:
    """Return whether it is known which code means what, or decided that there is no such column."""
    if found is None:
        return ("network" if key == "network" else "status") in draft.answers
    meanings = {code.meaning for code in found.codes} - {NO_ANSWER, ""}
    asked = any(name.startswith(("network:", "status:")) for name in draft.answers)
    return bool(found.rule) or meanings >= set(MEANINGS[key]) or (asked and bool(meanings))


def _comment(text: str) -> str:
    # A comment of TOML, and a terminal, take no control characters.
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in " ".join(text.split()))


def _listed(title: str, lines: Sequence[str]) -> list[str]:
    return [f"# {title}", *(f"#   {line}" for line in lines), ""] if lines else []


# -- [data] -------------------------------------------------------------------------------------------


def _data(draft: Draft, beside: Path) -> list[str]:
    source = draft.source
    paths = [relative(path, beside) for path in source.paths]
    names = ", ".join(_comment(path.name) for path in source.paths)
    dictionary = [] if source.dictionary is None else [relative(source.dictionary, beside)]
    return [
        f"# A draft for {names}: complete it, then run `larstudy check`.",
        "[study]",
        f"title = {quoted(source.paths[0].stem)}",
        "",
        "[data]",
        f"file = {quoted(paths[0])}" if len(paths) == 1 else f"files = {_files(draft, paths)}",
        *([f"sheet = {quoted(source.sheet)}"] if source.sheet else []),
        *(f"dictionary = {quoted(path)}" for path in dictionary),
        *([f"{drop_line(source.dropped)}   # they tell who somebody is"] if source.dropped else []),
        f'layout = "{draft.layout}"',
        '# person = "..."          # the column of the ids'
        if draft.person is None
        else f"person = {quoted(draft.person)}",
        *(_long_waves(draft) if draft.layout == "long" else _wide_waves(draft)),
        *(
            [f"cluster = {quoted(draft.cluster)}   # persons within it are alike: check"]
            if draft.cluster
            else []
        ),
        '# missing_codes = [9, 99]   # codes that mean "no answer", where there are some',
    ]


def _files(draft: Draft, paths: Sequence[str]) -> str:
    persons = draft.source.persons
    entries = [
        quoted(path) if person == persons[0] else f"{{ file = {quoted(path)}, person = {quoted(person)} }}"
        for path, person in zip(paths, persons, strict=True)
    ]
    if not draft.source.stacked:
        return f"[{', '.join(entries)}]   # joined by person"
    waves = file_waves(len(paths))
    pairs = ", ".join(f"{wave} = {entry}" for wave, entry in zip(waves, entries, strict=True))
    return f"{{ {pairs} }}   # one a wave, the baseline first: check the order"


def _long_waves(draft: Draft) -> list[str]:
    if draft.wave == WAVE_OF_FILE:
        return []
    if draft.wave is not None:
        marks = draft.marks
        numeric = not draft.source.table.numbers(draft.wave).bad.any()
        values = [as_code(mark.replace(",", ".")) if numeric else quoted(mark) for mark in marks]
        waves = ", ".join(f"{n} = {v}" for n, v in zip(_wave_names(marks), values, strict=True))
        return [
            f"wave = {quoted(draft.wave)}",
            f"waves = {{ {waves} }}   # the baseline first: check the order",
        ]
    if draft.date is not None and draft.windows:
        return [
            f"date = {quoted(draft.date)}",
            f"windows = {{ {', '.join(draft.windows)} }}   # days after the first visit: check",
            'two_visits = "closest"   # of two visits of a person in one window',
        ]
    return [
        '# wave = "..."            # the ids repeat: which column marks the waves?',
        "# waves = { baseline = 0, month12 = 12 }",
    ]


def _wave_names(marks: Sequence[str]) -> list[str]:
    names = ["baseline"]
    for mark in marks[1:]:
        name = f"wave_{re.sub(r'[^A-Za-z0-9]+', '_', mark).strip('_')}"
        names.append(name if name not in names else f"{name}_{len(names)}")
    return names


def _wide_waves(draft: Draft) -> list[str]:
    return [f"waves = [{', '.join(map(quoted, wide_waves(draft)))}]   # the baseline first: check the order"]


def wide_waves(draft: Draft) -> tuple[str, ...]:
    """Return the names of the waves of a wide file."""
    return draft.marks or ("baseline", "followup")


# -- outcomes -----------------------------------------------------------------------------------------


def _column(draft: Draft, one: Measured) -> str:
    if one.column:
        return quoted(one.column)
    # Two columns whose names have nothing in common: the first two waves, as they were chosen.
    pairs = zip(wide_waves(draft), one.columns, strict=False)
    return f"{{ {', '.join(f'{quoted(wave)} = {quoted(column)}' for wave, column in pairs)} }}"


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else quoted(name)


def _instrument(draft: Draft, guess: InstrumentGuess) -> list[str]:
    instrument = guess.instrument
    scale = chosen(draft.answers, f"scale:{instrument.id}", None) or guess.scales[0]
    others = [name for name in guess.scales if name != scale]
    pairs = ", ".join(f"{item} = {_column(draft, guess.items[item])}" for item in instrument.items_of(scale))
    every = ", ".join(f"{item} = {_column(draft, one)}" for item, one in guess.items.items())
    same = [one.instrument.id for one in instruments_of(draft)].count(instrument.id) > 1
    name = _key(f"{instrument.id}_{scale}{f'_{guess.stem}' if same else ''}")
    return [
        "",
        f"[outcomes.{name}]   # {instrument.name}, by the names and values of {_comment(guess.stem)}: check",
        f"instrument = {quoted(instrument.id)}",
        f"scale = {quoted(scale)}" + (f"   # or: {', '.join(others)}" if others else ""),
        f"items = {{ {pairs} }}",
        *([f"# all items: {{ {every} }}"] if every != pairs else []),
        *_of_the_form(instrument, scale),
    ]


def _of_the_form(instrument: Instrument, scale: str) -> list[str]:
    """Return what only the form on paper can tell: whether it numbers its answers as larstudy does."""
    tables = [instrument.items[item].points for item in instrument.items_of(scale)]
    worth = [
        ", ".join(f"{answer:g} is worth {points:g}" for answer, points in t.items()) for t in tables if t
    ]
    sets = [name for name, one in instrument.scales.items() if one.combine == "value_set"]
    return [
        *(f"# an answer of {told}: check that the form is numbered so" for told in dict.fromkeys(worth)),
        *(f"# the scale {name!r} needs a value set: larstudy docs instruments" for name in sets),
    ]


def _outcome(draft: Draft, one: Measured) -> list[str]:
    head = ["", f"[outcomes.{_key(one.name)}]", f"column = {_column(draft, one)}"]
    direction = chosen(draft.answers, f"higher:{one.name}", None)
    if direction:
        return [*head, f"higher_is = {quoted(direction)}"]
    head[1] += "   # keep it if it is an outcome, else delete these lines"
    return [
        *head,
        '# higher_is = "better"   # or "worse": decide',
        '# or, from items: instrument = "qol10", scale = "social", items = { 4 = "q4" }',
    ]


def _questionnaires(draft: Draft) -> list[str]:
    lines = [
        f"#   {_comment(items[0].name)} ... {_comment(items[-1].name)}: {len(items)} columns"
        for items in draft.unknown.values()
    ]
    head = "# Items of questionnaires that larstudy does not know, or whose answers do not fit (larstudy docs"
    return ["", f"{head} instruments):", *lines] if lines else []


def _covariates(draft: Draft) -> list[str]:
    if not draft.covariates:
        return []
    coded = [f"categorical = [{', '.join(map(quoted, draft.coded))}]"] if draft.coded else []
    columns = ", ".join(map(quoted, draft.covariates))
    return [
        "",
        "[covariates]   # one more analysis that holds these equal: check",
        f"columns = [{columns}]",
        *coded,
    ]


# -- categories ---------------------------------------------------------------------------------------


def _categories(draft: Draft, found: Categories, key: str) -> list[str]:
    column = _column(draft, found.measured)
    if found.rule:
        return [
            "",
            f"[{key}]   # the question of EuropASI, with whom most free time is spent, by its name: check",
            f"rule = {quoted(found.rule)}",
            f"columns = {{ free_time_with = {column} }}",
        ]
    by_meaning: dict[str, list[str]] = {meaning: [] for meaning in sorted(MEANINGS[key])}
    rest: dict[str, list[str]] = {NO_ANSWER: [], "": []}
    for code in found.codes:
        {**by_meaning, **rest}[code.meaning].append(quoted(code.code) if code.text else code.code)
    hidden = f"{found.hidden} more, too rare to be shown" if found.hidden else ""
    left = ", ".join([*rest[""], *([hidden] if hidden else [])])
    if not is_settled(draft, found, key):
        return [
            "",
            f"# [{key}]   # by its name: which code means what?",
            f"# column = {column}",
            f"# values = {{ {', '.join(f'{meaning} = [...]' for meaning in by_meaning)} }}",
            *([f"# its codes: {left}"] if left else []),
        ]
    values = ", ".join(f"{m} = [{', '.join(codes)}]" for m, codes in by_meaning.items() if codes)
    how = (
        ""
        if any(name.startswith(("network:", "status:")) for name in draft.answers)
        else "   # by its labels: check each"
    )
    return [
        "",
        f"[{key}]{how}",
        f"column = {column}",
        f"values = {{ {values} }}",
        *([f"missing_codes = [{', '.join(rest[NO_ANSWER])}]"] if rest[NO_ANSWER] else []),
        *([f"# codes without a meaning: {left}"] if left else []),
    ]


def _no_network() -> list[str]:
    return [
        "",
        "# [network]                # the categories that your file has ...",
        '# column = "network"',
        "# values = { abstinent = [1], drug_dominated = [2], isolated = [3] }",
        '# rule = "europasi"        # ... or a rule over columns',
        '# columns = { free_time_with = "ASI_F9" }',
        "",
        "# [group]                  # or any fixed grouping instead",
        '# column = "clinic"',
    ]
