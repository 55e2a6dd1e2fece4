"""Texts that repeat each other: near duplicates within a set, and what one set shares with another.

Both compare *grams*: runs of consecutive tokens (see `tokens`), so that case, punctuation and line breaks do not
matter. A text with fewer tokens than a gram has one gram, all of it. Grams are held as 64-bit hashes: among a billion
of them the chance that any two different ones agree is 3 %.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from arena_write.textstats.tokens import tokenize

Grams = NDArray[np.uint64]

NEAR_SIZE = 5
"""Tokens of a gram for near duplicates: short enough to survive a few changed words."""
NEAR_SHARE = 0.5
OVERLAP_SIZE = 13
"""Tokens of a gram for overlap with another set, as in GPT-3's check of test sets (arXiv 2005.14165, appendix C)."""

_FACTOR = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, slots=True)
class NearDuplicate:
    """A text that repeats an earlier one.

    Args:
        first: Position of the earlier text.
        second: Position of the text.
        share: Grams in both, as a share of the grams in either (Jaccard's index).
    """

    first: int
    second: int
    share: float


@dataclass(frozen=True, slots=True)
class Overlap:
    """What a text shares with another set.

    Args:
        text: Position of the text.
        place: Where in the other set most of it stands.
        grams: Its grams that stand there.
        share: These as a share of all its grams: how far it is contained there.
        places: How many places of the other set hold any of its grams.
    """

    text: int
    place: int
    grams: int
    share: float
    places: int


class _Codes(dict[str, int]):
    """A 64-bit code for every token, the same in every process."""

    def __missing__(self, token: str) -> int:
        code = int.from_bytes(blake2b(token.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")
        self[token] = code
        return code


def find_near_duplicates(
    texts: Sequence[str], *, size: int = NEAR_SIZE, share: float = NEAR_SHARE
) -> list[NearDuplicate]:
    """Return for each text that repeats an earlier one the one that it repeats most, in the order of the texts.

    Time is about linear in the tokens. Of the texts that hold a gram each is compared with the one before it and with
    the first, not with all: where many share a formula, that finds each of them a partner and not every pair.

    Args:
        texts: The texts.
        size: Tokens of a gram.
        share: Least share of common grams (Jaccard's index) that makes a near duplicate.
    """
    codes = _Codes()
    grams = [_grams(text, size, codes) for text in texts]
    best: dict[int, NearDuplicate] = {}
    for first, second in _candidates(grams, share):
        common = _common(grams[first], grams[second])
        found = common / (len(grams[first]) + len(grams[second]) - common)
        known = best.get(second)
        if found >= share and (known is None or found > known.share):
            best[second] = NearDuplicate(first, second, found)
    return [best[second] for second in sorted(best)]


def find_overlaps(
    texts: Sequence[str], others: Iterable[tuple[int, str]], *, size: int = OVERLAP_SIZE
) -> list[Overlap]:
    """Return for each text that shares a gram with another set where it shares most, in the order of the texts.

    Time is about linear in the tokens of both; the other set is read once; of it only the different words are held.

    Args:
        texts: The texts.
        others: The texts of the other set, each with its place; one place may have several, one after the other.
        size: Tokens of a gram. A text of fewer tokens overlaps where the other set has it as a text of its own.
    """
    codes = _Codes()
    mine = [_grams(text, size, codes) for text in texts]
    known, owners, starts = _index(mine)
    most, where, places, last = (np.full(len(texts), empty) for empty in (0, -1, 0, -1))
    for place, other in others if len(known) else ():
        grams = _grams(other, size, codes)
        found = np.searchsorted(known, grams).clip(max=len(known) - 1)
        hits = found[known[found] == grams]
        if not len(hits):
            continue
        holders = np.concatenate([owners[starts[hit] : starts[hit + 1]] for hit in hits.tolist()])
        shared = np.bincount(holders, minlength=len(texts))
        places += (shared > 0) & (last != place)
        last[shared > 0] = place
        better = shared > most
        most[better], where[better] = shared[better], place
    return [
        Overlap(text, int(where[text]), int(most[text]), int(most[text]) / len(mine[text]), int(places[text]))
        for text in np.flatnonzero(most).tolist()
    ]


def _grams(text: str, size: int, codes: _Codes) -> Grams:
    """Return the different grams of a text, sorted; none for a text without tokens."""
    found = np.array([codes[token] for token in tokenize(text)], dtype=np.uint64)
    if not len(found):
        return found
    size = min(size, len(found))
    hashed = np.full(len(found) - size + 1, size, dtype=np.uint64)
    for offset in range(size):
        hashed = hashed * _FACTOR + found[offset : offset + len(hashed)]
    return np.unique(hashed)


def _index(grams: Sequence[Grams]) -> tuple[Grams, NDArray[np.intp], NDArray[np.intp]]:
    """Return all grams once, sorted; the texts that hold them, gram by gram; and where each gram's texts begin."""
    rows = np.repeat(np.arange(len(grams)), [len(one) for one in grams])
    flat = np.concatenate([*grams, np.empty(0, dtype=np.uint64)])
    order = np.lexsort((rows, flat))
    known, starts = np.unique(flat[order], return_index=True)
    return known, rows[order], np.append(starts, len(flat))


def _candidates(grams: Sequence[Grams], share: float) -> Iterator[tuple[int, int]]:
    """Yield pairs of texts, the earlier first, that hold a common gram and are of a size to share enough of them."""
    _, owners, starts = _index(grams)
    heads = np.repeat(owners[starts[:-1]], np.diff(starts)) if len(owners) else owners
    later = np.ones(len(owners), dtype=bool)
    later[starts[:-1]] = False
    place = np.flatnonzero(later)
    pairs = np.concatenate([owners[place - 1] * len(grams), heads[place] * len(grams)]) + np.tile(owners[place], 2)
    first, second = np.divmod(np.unique(pairs), len(grams)) if len(pairs) else (pairs, pairs)
    sizes = np.array([len(one) for one in grams], dtype=np.intp)
    fits = np.minimum(sizes[first], sizes[second]) >= share * np.maximum(sizes[first], sizes[second])
    yield from zip(first[fits].tolist(), second[fits].tolist(), strict=True)


def _common(one: Grams, other: Grams) -> int:
    """Return how many grams two texts have in common."""
    return len(np.intersect1d(one, other, assume_unique=True))
