"""arena-rank on the same battles, run by a Python that has it: `python arena_rank_peer.py JOB SIZE`.

Its data set is made beforehand and not timed; the compilation of its functions happens in the run that warms up.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

from battles import make, report


def main() -> None:
    """Time one job."""
    job, size = sys.argv[1:]
    import pandas as pd
    from arena_rank.models.bradley_terry import BradleyTerry
    from arena_rank.utils.data_utils import PairDataset

    data = make(size)
    frame = pd.DataFrame(
        {"model_a": data.names_of(data.first), "model_b": data.names_of(data.second), "winner": data.labels()}
    )
    dataset = PairDataset.from_pandas(frame)

    def fit() -> np.ndarray:
        model = BradleyTerry(n_competitors=len(data.names))
        model.fit(dataset)
        return np.asarray(model.params["ratings"])

    def sandwich() -> None:
        model = BradleyTerry(n_competitors=len(data.names))
        np.asarray(model.compute_ratings_and_cis(dataset)["variances"])

    if job == "fit":
        report(fit, theta=fit())
    else:
        report(sandwich)


if __name__ == "__main__":
    main()
