"""What is timed: our engine, numpy's single pass, and the peers that live in the same environment."""

from __future__ import annotations

import importlib
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "perf" / "ratings")]

from battles import Battles, make, report  # noqa: E402

from arena_write.ratings import Comparisons, cr1_covariance, fit, prompt_resamples, rate  # noqa: E402

RESAMPLES = 1000
COVARIATES = ("arena_write.ratings.covariates", "fit_covariates")


def comparisons(data: Battles) -> Comparisons:
    """Hand the columns over; they are read-only, so nothing is copied."""
    return Comparisons(names=data.names, first=data.first, second=data.second, score=data.score, cluster=data.cluster)


def one_pass(data: Battles) -> Callable[[], object]:
    """Return one pass over the columns as numpy does it: combine two codes, add up one weight per pair.

    It reads both codes and the scores, and gives less than a fit needs: the points, not the battles, of every pair.
    """
    size = len(data.names)
    return lambda: np.bincount(data.first * np.int64(size) + data.second, data.score, size * size)


def frame(data: Battles, kind: str) -> Callable[[], object]:
    """Return the way from a table of names to a fit."""
    import pandas as pd

    columns = {"a": data.names_of(data.first), "b": data.names_of(data.second), "winner": data.labels()}
    table = pd.DataFrame(columns).astype(kind)
    table["prompt"] = data.cluster
    return lambda: fit(Comparisons.from_frame(table, first="a", second="b", winner="winner", cluster="prompt"))


def covariates(data: Battles) -> Callable[[], object]:
    """Return a fit with the slot and a length as covariates, clustered by prompt."""
    module, name = COVARIATES
    solve, ours = getattr(importlib.import_module(module), name), comparisons(data)
    rng = np.random.default_rng(1)
    features = np.stack([np.ones(len(ours)), rng.normal(size=len(ours))], axis=1)
    return lambda: solve(ours, features)


def choix_pairs(data: Battles) -> Callable[[], np.ndarray]:
    """Return choix on a list of decisions: two for a win, one each way for a tie."""
    import choix

    decided: list[tuple[int, int]] = []
    for first, second, score in zip(data.first.tolist(), data.second.tolist(), data.score.tolist(), strict=True):
        decided += [(first, second)] * round(2 * score) + [(second, first)] * round(2 - 2 * score)
    return lambda: choix.ilsr_pairwise(len(data.names), decided)


def choix_counts(data: Battles) -> Callable[[], np.ndarray]:
    """Return choix on a matrix of wins that somebody else has counted."""
    import choix

    size = len(data.names)
    won = np.bincount(data.first * np.int64(size) + data.second, data.score, size * size).reshape(size, size)
    lost = np.bincount(data.second * np.int64(size) + data.first, 1 - data.score, size * size).reshape(size, size)
    return lambda: choix.ilsr_pairwise_dense(won + lost)


def evalica_outcomes(data: Battles) -> list[object]:
    """Return outcomes as evalica wants them."""
    import evalica

    outcome = {1.0: evalica.Winner.X, 0.0: evalica.Winner.Y, 0.5: evalica.Winner.Draw}
    return [outcome[score] for score in data.score.tolist()]


def evalica_codes(data: Battles) -> Callable[[], np.ndarray]:
    """Return evalica on the two columns of codes and its own outcomes, made beforehand."""
    import evalica

    winners = evalica_outcomes(data)

    def solve() -> np.ndarray:
        result = evalica.bradley_terry(data.first, data.second, winners)
        return np.log(result.scores.sort_index().to_numpy())

    return solve


def evalica_names(data: Battles) -> Callable[[], object]:
    """Return evalica on lists of names."""
    import evalica

    first, second = data.names_of(data.first).tolist(), data.names_of(data.second).tolist()
    winners = evalica_outcomes(data)
    return lambda: evalica.bradley_terry(first, second, winners)


def evalica_bootstrap(data: Battles, method: str, resamples: int) -> Callable[[], object]:
    """Return evalica's bootstrap, over battles."""
    import evalica
    import pandas as pd

    index, winners = pd.RangeIndex(len(data.names)), evalica_outcomes(data)
    first, second = data.first.tolist(), data.second.tolist()
    return lambda: evalica.bootstrap(
        evalica.bradley_terry,
        first,
        second,
        winners,
        index=index,
        n_resamples=resamples,
        bootstrap_method=method,
        random_state=0,
    )


def on_columns(solve: Callable[[Comparisons], object]) -> Callable[[Battles], Callable[[], object]]:
    """Return a job of ours that starts from checked columns."""

    def job(data: Battles) -> Callable[[], object]:
        ours = comparisons(data)
        return lambda: solve(ours)

    return job


def sandwich(data: Battles) -> Callable[[], object]:
    """Return the covariance clustered by prompt of a fit that is there already."""
    ours = comparisons(data)
    fitted = fit(ours)
    return lambda: cr1_covariance(ours, fitted)


def resample(ours: Comparisons) -> object:
    """Solve resamples of prompts."""
    return prompt_resamples(ours, baselines=ours.names[:1], resamples=RESAMPLES)


JOBS: dict[str, Callable[[Battles], Callable[[], object]]] = {
    "one pass": one_pass,
    "check": lambda data: lambda: comparisons(data),
    "fit": on_columns(fit),
    "sandwich by prompt": sandwich,
    "prompt resamples": on_columns(resample),
    "rate": on_columns(lambda ours: rate(ours, baselines=ours.names[:1])),
    "names to fit": lambda data: frame(data, "str"),
    "categories to fit": lambda data: frame(data, "category"),
    "covariates": covariates,
    "choix, pairs": choix_pairs,
    "choix, counts": choix_counts,
    "evalica": evalica_codes,
    "evalica, names": evalica_names,
    "evalica bootstrap, 1,000, BCa": lambda data: evalica_bootstrap(data, "BCa", RESAMPLES),
    "evalica bootstrap, 100, percentile": lambda data: evalica_bootstrap(data, "percentile", 100),
}
MEASURED = ("fit", "sandwich by prompt")
"""Jobs of which the memory is measured as well."""


def main() -> None:
    """Time one job on one size: `python jobs.py JOB SIZE`."""
    name, size = sys.argv[1:]
    data = make(size)
    job = JOBS[name](data)
    theta = extra = None
    if name in MEASURED:
        job()
        tracemalloc.start()
        comparisons(data)
        job()
        extra = tracemalloc.get_traced_memory()[1] / 1e6
        tracemalloc.stop()
    if name == "fit":
        theta = fit(comparisons(data)).theta
    elif name.startswith("choix") or name == "evalica":
        theta = np.asarray(job())
    report(job, theta=theta, extra=extra)


if __name__ == "__main__":
    main()
