"""What a review found, as data: its claims, the works they come from, what is wrong, how it searched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, get_args

from larstudy.names import Language
from larstudy.specs.bibliography import Reference

#: A text in each language of the registry.
Words = Mapping[str, str]

ClaimKind = Literal[
    "quantitative", "qualitative", "survey", "guideline", "statistic", "descriptive", "recommendation",
    "opinion", "synthesis",
]  # fmt: skip
#: How a claim is decided on numbers; which numbers, its outcomes and its contrast say.
Rule = Literal[
    "greatest_change",      # the contrast's groups changed most of all groups
    "least_change",         # ... least
    "greater_change",       # they changed more than those they are held against
    "no_improvement",       # within them no change for the better beyond the smallest that matters
    "no_difference",        # they changed alike, within the smallest difference that matters
    "higher_level",         # they stand higher at follow-up, given where they began
    "lower_level",          # they stand lower at every wave
    "share",                # a share is what is printed
    "all_present",          # each of several kinds is there
    "share_above_half",     # a share is above a half
    "rising_series",        # a count rises from each year to the next
    "count",                # a count is what is printed
    "conclusion",           # nothing of its own: it holds as far as the claims that it rests on
]  # fmt: skip
#: Whom a claim of a share counts.
Counts = Literal["drug_dominated_at_entry", "second_stratum", "low_score_at_entry", "every_status"]
Support = Literal["supported", "partly", "weaker", "not_checkable", "not_evidence"]
FlagKind = Literal[
    "spelling",
    "citation",
    "page",
    "sources_differ",
    "superseded",
    "omission",
    "wording",
    "scope",
    "arithmetic",
]
Role = Literal["reviewed", "context"]
HowRead = Literal["full_text", "chapters", "abstract", "institution_page", "secondary", "review_only"]
Answer = Literal["yes", "no", "unclear", "not_reported", "not_applicable"]
EvidenceKind = Literal["published", "real", "synthetic"]
#: The confidence codes of what a flag or a count rests on.
Basis = Literal["T", "A", "N", "S", "REVIEW", "D", "OWN"]

#: What kind of number a source prints.
Quantity = Literal[
    "n", "count", "share", "years", "mean", "norm", "sd", "se", "change", "sd_change", "d_z", "d_av",
    "correlation",
]  # fmt: skip
#: Of whom an n is: those analysed, those at the start, the cohort behind the sample, a part of the sample.
NRole = Literal["analysed", "enrolled", "source", "part"]
Wave = Literal["start", "follow_up"]

KINDS: Final[tuple[ClaimKind, ...]] = get_args(ClaimKind)
COUNTS: Final[tuple[Counts, ...]] = get_args(Counts)
RULES: Final[tuple[Rule, ...]] = get_args(Rule)
SUPPORTS: Final[tuple[Support, ...]] = get_args(Support)
FLAG_KINDS: Final[tuple[FlagKind, ...]] = get_args(FlagKind)
ROLES: Final[tuple[Role, ...]] = get_args(Role)
READINGS: Final[tuple[HowRead, ...]] = get_args(HowRead)
ANSWERS: Final[tuple[Answer, ...]] = get_args(Answer)
EVIDENCE_KINDS: Final[tuple[EvidenceKind, ...]] = get_args(EvidenceKind)
BASES: Final[tuple[Basis, ...]] = get_args(Basis)
QUANTITIES: Final[tuple[Quantity, ...]] = get_args(Quantity)
N_ROLES: Final[tuple[NRole, ...]] = get_args(NRole)
WAVES: Final[tuple[Wave, ...]] = get_args(Wave)
#: What stands for a page where the review cites none.
NO_PAGE: Final = "none"
#: The rules that compare groups, and so need a contrast.
CONTRAST_RULES: Final = frozenset(
    {
        "greatest_change", "least_change", "greater_change", "no_improvement", "no_difference",
        "higher_level", "lower_level",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """An outcome that claims speak of: its label, and its column in each data set that has it."""

    id: str
    label: Words
    columns: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimContrast:
    """Which groups a claim sets against which; nothing against them where it speaks of them alone."""

    id: str
    of: tuple[str, ...]
    against: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSet:
    """Something that a claim can be tested on, and which kind of evidence it then is."""

    id: str
    evidence: EvidenceKind
    label: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One thing that a review states.

    Attributes
    ----------
    id, kind, source : str
        ``source`` is a key of the bibliography.
    page : str
        Where the source says it, as the review cites it; ``"none"`` where it cites no page.
    sections : tuple of str
        Where the review says it.
    text : mapping of str to str
        The claim by language.
    population : str
        A key of the registry's populations.
    requires : tuple of str
        The claims that it rests on.
    themes : tuple of str
    estimand : mapping of str to str
        What would be estimated, by language; empty where it is not testable.
    rule, contrast : str
        How it is decided, and between which groups; empty where it is not testable.
    outcomes, testable_on : tuple of str
    counts : str
        Whom a claim of a share counts; empty for others.
    value, limit : float
        The share that is printed, and the score below which somebody counts; NaN where there is none.
    why_not : tuple of str
        Keys of the registry's reasons: what stands in the way of a test, or limits it.
    support : str
        What the texts that could be read say of it; empty where nobody looked.
    support_note : mapping of str to str
    """

    id: str
    kind: ClaimKind
    source: str
    page: str
    sections: tuple[str, ...]
    text: Words
    population: str
    requires: tuple[str, ...]
    themes: tuple[str, ...]
    estimand: Words
    rule: Rule | Literal[""]
    contrast: str
    outcomes: tuple[str, ...]
    testable_on: tuple[str, ...]
    counts: Counts | Literal[""]
    value: float
    limit: float
    why_not: tuple[str, ...]
    support: Support | Literal[""]
    support_note: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """Something that a reader of the review should know: what it says, what to do, and who says so."""

    id: str
    kind: FlagKind
    claims: tuple[str, ...]
    sources: tuple[str, ...]
    page: str
    basis: Basis
    text: Words
    remedy: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """What a source says on a theme that is no finding: a norm, a theory, a guideline."""

    id: str
    theme: str
    source: str
    page: str
    text: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Appraised:
    """The answer to one item of a checklist, and what it rests on."""

    answer: Answer
    why: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Checklist:
    """A list of questions for one kind of design."""

    id: str
    label: Words
    source: str
    items: Mapping[str, Words]


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """One work: what was done, and how it was read. A text that is not there is not reported."""

    key: str
    role: Role
    read: HowRead
    texts: Mapping[str, Words]
    appraisal: Mapping[str, Mapping[str, Appraised]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """A search as the review reports it; an empty text is not reported."""

    id: str
    database: str
    terms: tuple[str, ...]
    texts: Mapping[str, Words]


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowStep:
    """A step of the selection of studies; ``n`` is None where the review does not report it."""

    id: str
    n: int | None
    label: Words
    note: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherWork:
    """A work that a review does not cite, and that has printed numbers all the same."""

    key: str
    authors: tuple[str, ...]
    year: int
    design: Words
    country: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One printed number.

    Attributes
    ----------
    id, work : str
        ``work`` is a key of the bibliography or of the other works.
    quantity : str
    label : mapping of str to str
        What it is, by language.
    printed : str
        As the source prints it, with a decimal point.
    role, measure, wave : str
        Of whom an n is; what is measured, and when.
    n : int or None
        How many persons an SD is of.
    cues : tuple of str
        Words beside which a number of running text is this one; an asterisk stands for the rest of a word.
    place : str
        Page or table; empty where not known.
    confidence : str
    """

    id: str
    work: str
    quantity: Quantity
    label: Words
    printed: str
    role: NRole | Literal[""]
    measure: str
    wave: Wave | Literal[""]
    n: int | None
    cues: tuple[str, ...]
    place: str
    confidence: Basis

    @property
    def value(self) -> float:
        """The number; a percentage as it is printed, between 0 and 100."""
        return float(self.printed.rstrip("% "))

    @property
    def digits(self) -> int:
        """How many decimals are printed."""
        return len(self.printed.rstrip("% ").partition(".")[2])


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A review: its claims, flags, passages, works, references, search and printed numbers, each by id."""

    title: Words
    languages: tuple[Language, ...]
    claims: Mapping[str, Claim]
    flags: Mapping[str, Flag]
    passages: Mapping[str, Passage]
    themes: Mapping[str, Words]
    reasons: Mapping[str, Words]
    populations: Mapping[str, Words]
    outcomes: Mapping[str, Outcome]
    contrasts: Mapping[str, ClaimContrast]
    data_sets: Mapping[str, DataSet]
    references: Mapping[str, Reference]
    studies: Mapping[str, Study]
    checklists: Mapping[str, Checklist]
    searches: Mapping[str, Search]
    flow: Mapping[str, FlowStep]
    facts: Mapping[str, Fact] = field(default_factory=dict)
    other_works: Mapping[str, OtherWork] = field(default_factory=dict)
