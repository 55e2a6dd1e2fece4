"""Rows in one fixed order, so that equal facts give equal bytes however they came."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

_Columns = tuple[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any] | None]


def sorted_rows(
    low: NDArray[Any],
    high: NDArray[Any],
    cluster: NDArray[Any],
    score: NDArray[Any],
    weight: NDArray[Any] | None,
    *,
    plain: bool,
) -> _Columns:
    """Return (N,) columns sorted by entrants, cluster, score and weight.

    Args:
        low: codes, 0 or more; so are ``high`` and ``cluster``.
        high: see ``low``.
        cluster: see ``low``.
        score: in [0, 1].
        weight: 0 or more.
        plain: every score is 0, 0.5 or 1, and there are no weights. All that such a row says fits into one integer, and
            integers sort twenty times as fast as rows.
    """
    entrants, clusters = int(high.max()).bit_length(), int(cluster.max()).bit_length()
    if not plain or 2 * entrants + clusters + 2 > 63:
        rows = np.lexsort((score, cluster, high, low) if weight is None else (weight, score, cluster, high, low))
        return low[rows], high[rows], cluster[rows], score[rows], None if weight is None else weight[rows]
    key = low.astype(np.int64)
    for width, part in ((entrants, high), (clusters, cluster), (2, (score + score).astype(np.int64))):
        key <<= width
        key |= part
    key.sort()
    score = (key & 3) / 2.0
    key >>= 2
    cluster = key & ((1 << clusters) - 1)
    key >>= clusters
    return key >> entrants, key & ((1 << entrants) - 1), cluster, score, None
