"""Which claim of the registry a sentence states, by its words, and whether it turns the claim round."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from larstudy.checker.known import pages_in
from larstudy.checker.lexicon import folded, lexicon, pattern_of_all, words_pattern
from larstudy.checker.remarks import Cell, Remark
from larstudy.evidence import in_language
from larstudy.names import LANGUAGES
from larstudy.specs.evidence import NO_PAGE, Claim

#: Of the words of a claim, how many must stand in a sentence for it to be that claim.
_CLAIM_SHARE = 0.6
#: To say that a claim is turned round, more of them.
_SURE_SHARE = 0.75
_HARDLY = 0.25
_SENTENCE = re.compile(r"(?<=[.!?;])\s+|\n+")


def claim_stated(sentence: str, claims: Sequence[Claim], *, page: int) -> Claim | None:
    """Return the claim that a sentence states, where that is sure and the registry has it from another page.

    It is sure where most words of the claim stand in the sentence, of no other claim nearly as many, and of
    the claims of the page that is cited hardly any.
    """
    said = _stems(sentence)
    scored = sorted(((_share(claim, said), claim) for claim in claims), key=lambda pair: -pair[0])
    if not scored or scored[0][0] < _CLAIM_SHARE:
        return None
    share, best = scored[0]
    rivals = [other for other, _ in scored[1:] if other > share - 0.2]
    of_page = [other for other, claim in scored if page in pages_in(claim.page) and other >= _HARDLY]
    return None if rivals or of_page or not pages_in(best.page) else best


def direction_remarks(cell: Cell) -> list[Remark]:
    """Return a remark for each sentence that says of a claim "least" where it says "most", or the like."""
    found = []
    for sentence in _SENTENCE.split(cell.text):
        # Denied, or of those who lack what the claim is about, it may say the same in other words.
        if pattern_of_all("denied").search(sentence):
            continue
        claim = _turned_round(sentence, cell.work.claims)
        if claim is not None:
            place = cell.read_place() if claim.page == NO_PAGE else cell.cited_page(claim.page)
            says = in_language(claim.text, cell.lang)
            found.append(cell.remark("wrong", "direction", written=sentence, says=says, place=place))
    return found


def _turned_round(sentence: str, claims: Sequence[Claim]) -> Claim | None:
    """Return the claim of which a sentence has nearly all words, but the opposite of one of them."""
    said = _stems(sentence)
    for pair in lexicon("wordings")["opposites"].values():
        one, other = words_pattern(pair["one"]), words_pattern(pair["other"])
        if bool(one.search(sentence)) == bool(other.search(sentence)):
            continue
        own, against = (one, other) if other.search(sentence) else (other, one)
        for claim in claims:
            for text in claim.text.values():
                stems = _stems(own.sub(" ", text))
                enough = len(stems) > 2 and len(stems & said) / len(stems) >= _SURE_SHARE
                if enough and own.search(text) and not against.search(text):
                    return claim
    return None


def _share(claim: Claim, said: frozenset[str]) -> float:
    texts = [_stems(claim.text.get(lang, "")) for lang in LANGUAGES]
    return max((len(stems & said) / len(stems) for stems in texts if stems), default=0.0)


@lru_cache(maxsize=2048)
def _stems(text: str) -> frozenset[str]:
    return frozenset(word[:6] for word in re.findall(r"[^\W\d_]{4,}", folded(text)))
