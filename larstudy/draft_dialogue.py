"""Questions that complete a draft: one at a time, in plain words, with the guess as the answer to Enter.

Nothing is read from or shown on a terminal here: whoever calls gives a function that asks and one that tells.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from larstudy.column_guesses import marks_of, sounds_like_outcome
from larstudy.draft_facts import Answers, Draft, Source, alone, make_draft
from larstudy.draft_text import NO_ANSWER, draft_text, instruments_of, open_questions, scores_of
from larstudy.errors import nearest
from larstudy.guesses import MEANINGS, Categories, is_continuous
from larstudy.specs.data import WAVE_OF_FILE

Ask = Callable[[str], str]
Tell = Callable[[str], None]
BACK, EXPLAIN = "<", "?"
_MOST_CHOICES = 12
_NONE = ("", "none")
_MEANINGS = {
    "abstinent": "people who do not use alcohol or drugs",
    "drug_dominated": "people who use alcohol or drugs",
    "isolated": "nobody: socially isolated",
    "completed": "completed treatment",
    "in_treatment": "still in treatment",
    "dropped_out": "left treatment before its end",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question.

    Attributes
    ----------
    key : str
        What the answer decides.
    text : str
    choices : tuple of (value, words)
        The empty value means none.
    default : tuple of str or None
        What Enter takes; None where it must be decided.
    explain : str
        What ``?`` says.
    page : str
        Of the handbook.
    several : bool
        Whether more than one may be chosen.
    columns : tuple of str
        Columns that may be named beside the choices.
    """

    key: str
    text: str
    choices: tuple[tuple[str, str], ...]
    default: tuple[str, ...] | None
    explain: str
    page: str = "draft_a_study_file"
    several: bool = False
    columns: tuple[str, ...] = ()

    def shown(self) -> str:
        """Return the question as it is shown."""
        lines = [self.text]
        lines += [f"  {place}  {words}" for place, (_, words) in enumerate(self.choices, start=1)]
        if self.columns:
            lines.append("  or the name of another column")
        if self.default is not None:
            told = dict(self.choices)
            lines.append(f"  Enter: {', '.join(told.get(one, one) for one in self.default) or 'none'}")
        return "\n".join(lines)


# -- which questions ----------------------------------------------------------------------------------


def next_question(draft: Draft) -> Question | None:
    """Return the first question that has no answer yet, None where nothing is left to ask."""
    return next((one for one in _questions(draft) if one.key not in draft.answers), None)


def _questions(draft: Draft) -> Iterator[Question]:
    yield from _about_rows(draft)
    yield from _about_waves(draft)
    yield from _about_pairs(draft)
    yield from _about_outcomes(draft)
    outcomes = {one.name for one in scores_of(draft)}
    among = [one.name for one in draft.candidates if one.name not in outcomes]
    yield from _about_categories(draft, draft.network, "network", among)
    single = [name for name in draft.single if name not in outcomes]
    coded = [name for name in single if not is_continuous(draft.source.table, alone(name))]
    yield from _about_categories(draft, draft.status, "status", coded)
    yield from _about_persons(draft, single)


def _default(guess: str | None) -> tuple[str, ...]:
    return () if guess is None else (guess,)


def _column_choices(guess: str | None, columns: Sequence[str]) -> tuple[tuple[str, str], ...]:
    first = [] if guess is None else [guess]
    names = [*first, *(name for name in columns if name != guess)][:_MOST_CHOICES]
    return tuple((name, name) for name in names)


def _about_rows(draft: Draft) -> Iterator[Question]:
    columns = draft.source.columns
    if not draft.source.persons:
        yield Question(
            key="person",
            text="Which column says who a row is about (the id, a running number)?",
            choices=(*_column_choices(draft.person, columns[:_MOST_CHOICES]), _NONE),
            default=None if draft.person is None else (draft.person,),
            explain="Answers of one person are joined by this column and by nothing else. It should be"
            " a number of"
            " the study's own, never a national identity number.",
            columns=tuple(columns),
        )
    known = draft.wave is not None or draft.date is not None or draft.marks
    if not known or "layout" in draft.answers:
        yield Question(
            key="layout",
            text="How many rows does a person have?",
            choices=(
                ("wide", "one row; each time of asking has columns of its own"),
                ("long", "several rows, one for each time of asking"),
            ),
            default=(draft.layout,),
            explain="A file with one row for each person is called wide, one with a row for each person"
            " and time long.",
            page="study_file",
        )


def _about_waves(draft: Draft) -> Iterator[Question]:
    table, columns = draft.source.table, draft.source.columns
    if draft.layout == "long" and not draft.source.stacked:
        few = [name for name in columns if name != draft.person and marks_of(table, name)]
        yield Question(
            key="wave",
            text="Which column says when the person was asked (start, 12 months ...)?",
            choices=(*_column_choices(draft.wave, few), ("", "none: there are dates")),
            default=_default(draft.wave),
            explain="Each time of asking is called a wave. The first is the baseline, from which change"
            " is counted.",
            columns=tuple(columns),
        )
    if draft.layout == "long" and draft.wave is None:
        yield Question(
            key="date",
            text="Which column holds the date of the visit?",
            choices=(*_column_choices(draft.date, ()), _NONE),
            default=_default(draft.date),
            explain="Visits are placed at waves by the days since each person's first visit.",
            page="dates_to_waves",
            columns=tuple(columns),
        )
    if draft.marks and draft.wave != WAVE_OF_FILE:
        yield Question(
            key="baseline",
            text="Which is the start, from which change is counted?",
            choices=tuple((mark, _labelled(draft, mark)) for mark in draft.marks),
            default=(draft.marks[0],),
            explain="Change is what came later less what was at the start.",
        )


def _labelled(draft: Draft, mark: str) -> str:
    labels = draft.source.table.value_labels.get(draft.wave or "", {})
    return f"{mark} ({labels[mark]})" if mark in labels else mark


def _about_pairs(draft: Draft) -> Iterator[Question]:
    """Ask for columns of two waves whose names say nothing of it."""
    if draft.layout == "long" or draft.marks:
        return
    columns = [name for name in draft.source.columns if name != draft.person]
    for key, what in (
        ("pair", "the outcome, such as a score of quality of life,"),
        ("network_pair", "the network"),
    ):
        for when, words in (("first", "at the start"), ("later", "at follow-up")):
            yield Question(
                key=f"{key}:{when}",
                text=f"Which column holds {what} {words}?",
                choices=(*_column_choices(None, columns), _NONE),
                default=(),
                explain="No names of columns go together as the start and a follow-up, so they are"
                " asked for one by one.",
                page="study_file",
                columns=tuple(columns),
            )


def _about_outcomes(draft: Draft) -> Iterator[Question]:
    known = tuple(
        (one.instrument.id, f"{one.instrument.name}, from its items {one.stem} ...")
        for one in draft.instruments
    )
    choices = (*known, *((one.name, one.name) for one in draft.scores))
    if not choices:
        return
    likely = [one.name for one in draft.scores if sounds_like_outcome(one.name)]
    picked = tuple(dict.fromkeys([*(name for name, _ in known), *likely]))
    yield Question(
        key="outcomes",
        text="Whose change is the question? Several numbers may be given, with commas between them.",
        choices=tuple(dict.fromkeys(choices)),
        default=picked or ((choices[0][0],) if len(choices) == 1 else None),
        explain="An outcome is what is compared between the waves: quality of life, distress. Where the"
        " items of a known"
        " questionnaire are in the file, it is scored for you.",
        page="score_a_questionnaire",
        several=True,
    )
    for guess in instruments_of(draft):
        scales = guess.instrument.scales
        if len(guess.scales) > 1:
            yield Question(
                key=f"scale:{guess.instrument.id}",
                text=f"Which scale of {guess.instrument.name}?",
                choices=tuple((name, scales[name].label or name) for name in guess.scales),
                default=(guess.scales[0],),
                explain="A questionnaire may have several scores. Further ones can be added to the"
                " study file.",
                page="instruments",
            )
    for one in scores_of(draft):
        yield Question(
            key=f"higher:{one.name}",
            text=f"Is a higher number in {one.name} better or worse for the person?",
            choices=(("better", "better, as in quality of life"), ("worse", "worse, as in distress")),
            default=None,
            explain="This is never guessed: the wrong way round, every result would be.",
        )


def _about_categories(
    draft: Draft, found: Categories | None, question: str, columns: Sequence[str]
) -> Iterator[Question]:
    key = "network" if question == "network" else "treatment_status"
    words = {
        "network": "with whom people spend their time (their network)",
        "status": "whether treatment was completed",
    }[question]
    page = {"network": "network_rules", "status": "treatment_status"}[question]
    guess = found.measured.name if found else None
    if not columns:
        return
    yield Question(
        key=question,
        text=f"Which column says {words}?",
        choices=(*_column_choices(guess, columns), _NONE),
        default=_default(guess),
        explain="Persons are grouped by it: by how their network changed, or by what became of their"
        " treatment.",
        page=page,
        columns=tuple(columns),
    )
    if found is None:
        return
    if found.rule or f"{question}_rule" in draft.answers:
        yield Question(
            key=f"{question}_rule",
            text=f"Does {found.measured.name} hold the question of EuropASI, with whom most free time"
            f" is spent?",
            choices=(("europasi", "yes: 1 to 5, from family without problems to alone"), _NONE),
            default=("europasi",),
            explain="1 family and 3 friends without, 2 family and 4 friends with a problem with alcohol"
            " or drugs, 5 alone.",
            page=page,
        )
    if found.rule:
        return
    for code in found.codes:
        yield Question(
            key=f"{question}:{code.code}",
            text=f"What does {code.code} mean in {found.measured.name}?",
            choices=(
                *((meaning, _MEANINGS[meaning]) for meaning in MEANINGS[key]),
                (NO_ANSWER, "no answer was given"),
                ("", "it is left open"),
            ),
            default=(code.meaning,) if code.meaning else None,
            explain="A program cannot know what a code means; the codebook or the form says it.",
            page=page,
        )


def _about_persons(draft: Draft, single: Sequence[str]) -> Iterator[Question]:
    # Only what stands still in a person: in a wide file, what has no wave in its name.
    columns = tuple(dict.fromkeys([*_default(draft.cluster), *single]))
    if not columns:
        return
    yield Question(
        key="cluster",
        text="Did people come from several clinics? Which column says from which?",
        choices=(*_column_choices(draft.cluster, ()), _NONE),
        default=_default(draft.cluster),
        explain="People of one clinic are more alike than others; errors allow for it where the column"
        " is named.",
        page="clusters",
        columns=columns,
    )
    choices = _column_choices(None, [*draft.covariates, *(n for n in single if n not in draft.covariates)])
    yield Question(
        key="covariates",
        text="What should be held equal in one more analysis, such as age and sex? Numbers with commas,"
        " or none.",
        choices=(*choices, _NONE),
        default=draft.covariates,
        explain="An analysis of covariance with these beside the score at the start. The main answers"
        " do not use them.",
        several=True,
        columns=columns,
    )


# -- asking -------------------------------------------------------------------------------------------


def converse(source: Source, ask: Ask, tell: Tell) -> Answers:
    """Ask until nothing is left to ask, and return what was decided.

    Parameters
    ----------
    source : Source
    ask : callable
        Takes a prompt, returns what was typed. What it raises to stop goes through.
    tell : callable
        Shows a text.
    """
    given: list[tuple[str, tuple[str, ...]]] = []
    tell(
        "A few questions about your data. Enter takes the proposal, a number another answer; ?"
        " explains, < goes one"
        " back, Ctrl-C stops. Nothing is written before the end."
    )
    while True:
        question = next_question(make_draft(source, dict(given)))
        if question is None:
            return dict(given)
        tell(f"\n{question.shown()}")
        answer = _answer(question, ask, tell)
        if answer is not None:
            given.append((question.key, answer))
        elif given:
            given.pop()
        else:
            tell("This is the first question.")


def _answer(question: Question, ask: Ask, tell: Tell) -> tuple[str, ...] | None:
    """Return what was chosen, None to go back."""
    while True:
        typed = ask("> ").strip()
        if typed == BACK:
            return None
        if typed == EXPLAIN:
            tell(f"{question.explain}\nMore: larstudy docs {question.page}")
            continue
        if not typed and question.default is not None:
            return question.default
        values, wrong = _chosen(question, typed)
        if not wrong:
            return values
        tell(wrong)


def _chosen(question: Question, typed: str) -> tuple[tuple[str, ...], str]:
    """Return the values of what was typed, or what is the matter with it."""
    parts = [part.strip() for part in typed.split(",")] if question.several else [typed]
    known = [value for value, _ in question.choices]
    values: list[str] = []
    for part in parts:
        if part.isdecimal() and 1 <= int(part) <= len(known):
            values.append(known[int(part) - 1])
        elif part and part in (*known, *question.columns):
            values.append(part)
        else:
            near = nearest(part, [*filter(None, known), *question.columns]) if part else None
            hint = f" Is {near} meant?" if near else ""
            return (), f"Type a number from 1 to {len(known)}, or ? for an explanation.{hint}"
    return tuple(dict.fromkeys(filter(None, values))), ""


def finish(
    source: Source, answers: Answers, ask: Ask, tell: Tell, *, proposed: Path | None = None
) -> tuple[Path, str]:
    """Show the draft and what remains open, and ask where it is to be written.

    Parameters
    ----------
    source : Source
    answers : mapping
    ask, tell : callable
    proposed : Path, optional
        The file that Enter takes; study.toml beside the data unless given.

    Returns
    -------
    Path, str
        A file that is not there yet, and the text for it.
    """
    draft = make_draft(source, answers)
    default = proposed or source.paths[0].parent / "study.toml"
    tell(f"\n{draft_text(draft, default.parent)}")
    left = open_questions(draft)
    tell("Nothing is left open." if not left else "Left open:\n" + "\n".join(f"  {what}" for what in left))
    while True:
        typed = ask(f"Write it to which file? Enter: {default}\n> ").strip()
        out = Path(typed) if typed else default
        if out.exists():
            tell(f"'{out}' is already there, and nothing is overwritten: name another file.")
        else:
            return out, draft_text(draft, out.parent)
