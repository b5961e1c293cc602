"""Pages that are made from what they describe: functions, commands, instruments, rules, messages, words."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, Final

import larstudy
from larstudy.handbook.pages import PARTS, pages
from larstudy.handbook.problem_codes import said_problems
from larstudy.names import LANGUAGES
from larstudy.specs import (
    Instrument,
    NetworkRules,
    list_instruments,
    list_network_rules,
    read_instrument,
    read_network_rules,
)
from larstudy.specs.reading import resource_toml
from larstudy.synthetic.worlds import list_worlds, read_world

_MADE: Final = "This page is made from the code by `larstudy docs --made`."
_CONFIDENCE: Final = {
    "T": "read in the source itself",
    "A": "read in the abstract of the source",
    "N": "read on a page of the research institution",
    "S": "read in another work that reports it",
    "PK": "prior knowledge, not held against a source: check it against your own form",
    "OWN": "a choice of larstudy's",
}
_HEADINGS: Final = (
    "Parameters",
    "Attributes",
    "Returns",
    "Raises",
    "Notes",
    "References",
    "Examples",
    "See Also",
    "Yields",
    "Warns",
)


def made_pages(parser: Any) -> dict[str, str]:
    """Return the pages that are made from the code, by the name of their file.

    Parameters
    ----------
    parser : ArgumentParser
        Of the command line.

    Returns
    -------
    dict of str to str
    """
    return {
        "functions.md": functions_page(),
        "commands.md": commands_page(parser),
        "instruments.md": instruments_page(),
        "network_rules.md": network_rules_page(),
        "worlds.md": worlds_page(),
        "messages.md": messages_page(),
        "glossary.md": glossary_page(),
        "all_pages.md": all_pages_page(),
    }


def _page(title: str, opening: str, blocks: Sequence[str]) -> str:
    return "\n\n".join([f"# {title}", f"{opening} {_MADE}", *blocks]) + "\n"


def _table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines)


def _cell(value: object) -> str:
    return str(value).replace("|", "\\|").replace("\n", " ") or "-"


def functions_page() -> str:
    """Return every public name with its docstring: functions first, then what they return."""
    things = [(name, getattr(larstudy, name)) for name in sorted(larstudy.__all__)]
    functions = [(name, thing) for name, thing in things if inspect.isfunction(thing)]
    classes = [(name, thing) for name, thing in things if inspect.isclass(thing)]
    blocks = [
        "All are used as `import larstudy as ls`, then `ls.load(...)`. `help(ls.load)` shows the same.",
        "## Functions",
        *(_described(name, thing) for name, thing in functions),
        "## What functions return, and errors",
        *(_described(name, thing) for name, thing in classes),
    ]
    return _page("Every function", "What Python programs can call, with an example each.", blocks)


def _described(name: str, thing: Any) -> str:
    head = f"### {name}"
    if inspect.isfunction(thing):
        head += f"\n\n```text\nls.{name}{_signature(thing)}\n```"
    return f"{head}\n\n{_as_markdown(inspect.getdoc(thing) or '')}"


def _signature(function: Any) -> str:
    """Return what a function takes and gives, over several lines where it is long."""
    signature = inspect.signature(function)
    shown = _bare(str(signature))
    if len(shown) <= 90:
        return shown
    lines: list[str] = []
    for parameter in signature.parameters.values():
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY and "*" not in lines:
            lines.append("*")
        lines.append(_bare(str(parameter)))
    return "(\n    " + ",\n    ".join(lines) + f",\n) -> {signature.return_annotation}"


def _bare(signature: str) -> str:
    """Return a signature without the quotes round annotations, which are texts here; defaults keep theirs."""
    return re.sub(r"""(: |-> )(['"])(.*?)\2(?=[,)]| =|$)""", r"\1\3", signature)


def _as_markdown(doc: str) -> str:
    """Return a numpydoc docstring as Markdown."""
    parts = re.split(rf"^({'|'.join(_HEADINGS)})\n-+\n", doc, flags=re.MULTILINE)
    blocks = [_prose(parts[0])]
    for heading, body in zip(parts[1::2], parts[2::2], strict=True):
        if heading in ("Parameters", "Attributes", "Returns", "Raises", "Yields", "Warns"):
            blocks.append(f"**{heading}**\n\n" + "\n".join(_entries(body)))
        elif heading == "Examples":
            blocks.append(f"**{heading}**\n\n```pycon\n{body.strip()}\n```")
        else:
            blocks.append(f"**{heading}**\n\n{_prose(body)}")
    return "\n\n".join(blocks)


def _entries(body: str) -> Iterator[str]:
    """Yield one line of a list for each parameter: its name and type, and what is said of it."""
    for entry in re.split(r"\n(?=\S)", body.strip()):
        first, _, rest = entry.partition("\n")
        name, colon, kind = first.partition(" : ")
        said = " ".join(_prose(rest).split())
        yield f"- `{name}`" + (f" ({kind})" if colon else "") + (f": {said}" if said else "")


def _prose(text: str) -> str:
    """Return text of a docstring with the marks of Markdown for those of reStructuredText."""
    lines = [line.strip() for line in text.strip().splitlines()]
    return re.sub(r"(?<!`)`([A-Za-z_.]+)`(?!`)", r"`\1`", "\n".join(lines)).replace("``", "`")


def commands_page(parser: Any) -> str:
    """Return every command with its options, as the command line itself describes them."""
    blocks = [
        "Exit code 0 when it ran; 1 when the input is bad, and then every problem is listed and nothing is"
        " written; 2 for wrong usage; 130 when Ctrl-C stopped it. Nothing is sent over a network."
    ]
    choices = next(action for action in parser._actions if isinstance(action.choices, Mapping))
    told = {action.dest: action.help for action in choices._choices_actions}
    for name, command in choices.choices.items():
        rows = [
            (f"`{' '.join(action.option_strings) or action.dest}{_value(action)}`", _help(action))
            for action in command._actions
            if action.dest != "help"
        ]
        blocks += [
            f"## larstudy {name}",
            f"{told[name][0].upper()}{told[name][1:]}.",
            _table(["option", "what it does"], rows),
        ]
    return _page("Every command", "What can be typed in a terminal after `larstudy`.", blocks)


def _value(action: Any) -> str:
    if action.nargs == 0:
        return ""
    shown = action.metavar or ("|".join(map(str, action.choices)) if action.choices else "")
    return f" {shown}" if action.option_strings and shown else ""


def _help(action: Any) -> str:
    needed = " (needed)" if action.required and action.option_strings else ""
    among = f" One of {', '.join(map(str, action.choices))}." if action.choices and action.metavar else ""
    return f"{action.help or ''}{needed}{among}".strip()


def all_pages_page() -> str:
    """Return a list of every page, with links, for those who read the pages where they lie."""
    title = "All pages"
    blocks = []
    for part, heading in PARTS.items():
        own = [page for page in pages() if page.part == part and page.title != title]
        blocks += [f"## {heading}", "\n".join(f"- [{page.title}](../{page.path}.md)" for page in own)]
    return _page(title, "`larstudy docs` lists the same in a terminal.", blocks)


def instruments_page() -> str:
    """Return every instrument: where it is from, its items by their themes, and how scales are made."""
    instruments = [read_instrument(name) for name in list_instruments()]
    opening = (
        "Instruments are data: one file each in `larstudy/resources/instruments/`, to be read and corrected"
        " by people who do not program. Item wording is not shipped, only themes. What differs in your study"
        " goes under `[instruments.ID]` in your [study file](study_file.md); an instrument of your own is a"
        " `.toml` file beside it."
    )
    return _page("Instruments", opening, [_instrument(instrument) for instrument in instruments])


def _instrument(instrument: Instrument) -> str:
    lines = [
        f"- source: {instrument.reference}",
        f"- known by: {_known(instrument.confidence)}",
        f"- verified by: {instrument.verified_by or 'nobody yet'}",
        *(f"- {note}" for note in instrument.notes),
    ]
    items = [
        (
            item.id,
            item.theme or "-",
            _number(item.low),
            _number(item.high),
            _turned(item.reversed, item.points),
        )
        for item in instrument.items.values()
    ]
    scales = [
        (
            f"`{s.id}`",
            s.label,
            ", ".join(s.items or s.of),
            s.combine.replace("_", " "),
            s.min_answered,
            _span(s.range),
            s.higher_is or "-",
        )
        for s in instrument.scales.values()
    ]
    return "\n\n".join(
        [
            f"## {instrument.id}",
            f"{instrument.name}.",
            "\n".join(lines),
            _table(["scale", "label", "made of", "how", "answers needed", "range", "higher is"], scales),
            _table(["item", "theme", "lowest", "highest", "points"], items),
        ]
    )


def _known(confidence: str) -> str:
    return "; ".join(_CONFIDENCE.get(part, part) for part in re.split(r"\W+", confidence) if part)


def _turned(is_reversed: bool, points: Mapping[float, float]) -> str:
    if points:
        return ", ".join(f"{_number(a)} = {_number(b)}" for a, b in points.items())
    return "turned round" if is_reversed else "as answered"


def _number(value: float) -> str:
    return f"{value:g}"


def _span(span: tuple[float, float] | None) -> str:
    return "no ends" if span is None else f"{_number(span[0])} to {_number(span[1])}"


def network_rules_page() -> str:
    """Return every network rule: what it looks at, and which answers give which category."""
    opening = (
        "A rule says which answers make a network abstinent, drug-dominated or isolated. Of its categories"
        " the first that fits is taken. Rules are data, in `larstudy/resources/networks/`; for one of your"
        " own see [a network rule of your own](../do/network_rule_of_your_own.md)."
    )
    rules = [read_network_rules(name) for name in list_network_rules()]
    return _page("Network rules", opening, [_rule(rule) for rule in rules])


def _rule(rule: NetworkRules) -> str:
    inputs = [(f"`{name}`", given.label) for name, given in rule.inputs.items()]
    raw = resource_toml("networks", rule.id)
    categories = [(f"`{entry['id']}`", _condition(entry)) for entry in raw["category"]]
    groups = [(f"`{t['from']}`", f"`{t['to']}`", f"`{t['group']}`") for t in raw["transition"]]
    lines = [
        f"- source: {rule.reference}",
        f"- known by: {_known(rule.confidence)}",
        f"- verified by: {rule.verified_by or 'nobody yet'}",
        *(f"- {note}" for note in rule.notes),
    ]
    return "\n\n".join(
        [
            f"## {rule.id}",
            f"{rule.name[0].upper()}{rule.name[1:]}.",
            "\n".join(lines),
            _table(["what it looks at", "answers"], inputs),
            _table(["category", "when"], categories),
            _table(["first wave", "second wave", "change group"], groups),
        ]
    )


def _condition(entry: Mapping[str, Any]) -> str:
    if entry.get("otherwise"):
        return "otherwise"
    joined = " or " if "when_any" in entry else " and "
    return joined.join(
        f"`{name}` {_limits(limits)}" for name, limits in (entry.get("when_any") or entry["when"]).items()
    )


def _limits(limits: Mapping[str, Any]) -> str:
    words = {"min": "at least", "max": "at most", "in": "is one of"}
    return " and ".join(
        f"{words[key]} {', '.join(map(str, value)) if isinstance(value, list) else value}"
        for key, value in limits.items()
    )


def worlds_page() -> str:
    """Return every world that data can be made in, with what is true there."""
    rows = [(f"`{name}`", read_world(name).says, read_world(name).truth) for name in list_worlds()]
    opening = (
        "A world is a set of assumptions from which made-up persons are drawn, so that the truth is known."
        " See [what synthetic data can show](../understand/synthetic_data.md)."
    )
    return _page("Worlds", opening, [_table(["world", "in short", "what is true in it"], rows)])


def messages_page() -> str:
    """Return every code of a message with what it says and advises."""
    rows = [
        (
            f"`{code}`",
            " / ".join(_different(s.what for s in said)),
            " / ".join(_different(s.remedy for s in said)),
        )
        for code, said in (
            (code, list(group)) for code, group in groupby(said_problems(), key=lambda s: s.code)
        )
    ]
    opening = (
        "Messages of `larstudy check` begin with a code in brackets. `…` stands for a name, a count or a"
        " number; no message holds what a person answered."
    )
    return _page(
        "Messages and their codes", opening, [_table(["code", "what was found", "what to do"], rows)]
    )


def _different(texts: Iterator[str]) -> list[str]:
    found: list[str] = []
    for text in texts:
        if text.strip(" ….") and text not in found:
            found.append(text)
    return found


def glossary_page() -> str:
    """Return the words of the report, in three languages."""
    words = resource_toml("reporting", "glossary")
    rows = [
        [*(f"**{entry['term'][lang]}**" for lang in LANGUAGES), entry["means"]["en"]]
        for entry in sorted(words.values(), key=lambda entry: str(entry["term"]["en"]).lower())
    ]
    meant = [
        f"- **{entry['term']['nb']}**: {entry['means']['nb']}"
        for entry in sorted(words.values(), key=lambda entry: str(entry["term"]["nb"]).lower())
    ]
    return _page(
        "Glossary",
        "The words of the report in English, Bokmål and Nynorsk.",
        [_table(["English", "Bokmål", "Nynorsk", "what it means"], rows), "## På bokmål", "\n".join(meant)],
    )
