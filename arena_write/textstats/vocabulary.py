"""How varied the words of a text are, whatever its length."""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from arena_write.textstats.tokens import cjk_share

WINDOW = 100
"""Tokens, or pairs of CJK characters, in one window."""


def variety(tokens: Sequence[str], window: int = WINDOW) -> float:
    """Return the moving-average type-token ratio: the mean share of distinct tokens over all windows of the text.

    The plain ratio falls as a text grows; this one does not (Covington and McFall 2010, "Cutting the Gordian knot: the
    moving-average type-token ratio"). Where most tokens are CJK characters, adjacent pairs are counted in place of
    single ones, because single characters recur in any text. A text shorter than the window is one window of `window`
    tokens whose missing tokens are repeats, so that a few words are not the most varied text of all.
    """
    items: Sequence[object] = tokens
    if cjk_share(tokens) > 0.5:
        items = list(pairwise(tokens))
    if len(items) <= window:
        return len(set(items)) / window
    counts = Counter(items[:window])
    distinct = total = len(counts)
    for index in range(window, len(items)):
        gone, new = items[index - window], items[index]
        counts[gone] -= 1
        distinct -= counts[gone] == 0
        distinct += counts[new] == 0
        counts[new] += 1
        total += distinct
    return total / (window * (len(items) - window + 1))
