"""Large and sparse sets take other ways through the same sums: the numbers must be the same."""

from __future__ import annotations

import numpy as np
import pytest

from arena_write.ratings import (
    Comparisons,
    cluster_covariance,
    cr1_covariance,
    fit,
    hc0_covariance,
    prompt_resamples,
    rate,
)
from arena_write.ratings.columns import clusters_per_entrant
from arena_write.ratings.pairs import compress, compress_by_cluster
from arena_write.ratings.refits import Refits


def draw(seed, *, size, rows, clusters, **change):
    rng = np.random.default_rng(seed)
    first = rng.integers(0, size, rows)
    second = (first + rng.integers(1, size, rows)) % size
    strength = rng.normal(0, 0.7, size)
    latent = strength[first] - strength[second] + rng.logistic(size=rows)
    columns = {
        "first": first,
        "second": second,
        "score": np.where(np.abs(latent) < 0.3, 0.5, (latent > 0).astype(float)),
        "cluster": rng.integers(0, clusters, rows),
        **change,
    }
    return Comparisons(names=tuple(f"m{code:03}" for code in range(size)), **columns)


def ring(size, laps):
    """Everybody meets the next one only: most pairs never meet. Each battle is a prompt of its own."""
    code = np.tile(np.arange(size), laps)
    score = np.random.default_rng(0).integers(0, 3, size * laps) / 2
    return Comparisons(
        names=tuple(f"m{code:03}" for code in range(size)),
        first=code,
        second=(code + 1) % size,
        score=score,
        cluster=np.arange(size * laps),
    )


def columns_of(data, rows=slice(None)):
    return {label: getattr(data, label)[rows] for label in ("first", "second", "score", "cluster")}


@pytest.fixture(scope="module")
def many():
    return draw(1, size=6, rows=150_000, clusters=300)


def test_many_rows_are_their_sums_by_cluster_and_pair(many):
    cells = compress_by_cluster(many)
    few = Comparisons(
        names=many.names,
        first=cells.whole.low[cells.pair],
        second=cells.whole.high[cells.pair],
        score=cells.score / cells.weight,
        cluster=cells.cluster,
        weight=cells.weight,
    )
    assert len(few) < len(many) / 30
    assert many.plain
    assert not few.plain
    fitted = fit(many)
    assert fitted.theta == pytest.approx(fit(few).theta, abs=1e-12)
    assert fitted.hessian == pytest.approx(fit(few).hessian, rel=1e-12)
    assert cr1_covariance(many, fitted) == pytest.approx(cr1_covariance(few, fit(few)), rel=1e-9)
    pairs = compress(many)
    assert pairs.rows.sum() == 150_000
    for label in ("weight", "score", "rows", "low_scored", "high_scored"):
        assert np.array_equal(getattr(pairs, label), getattr(cells.whole, label)), label


def test_many_rows_equal_few_blocks_of_them(many):
    def part(rows):
        return Comparisons(names=many.names, **columns_of(many, rows))

    parts = [compress(part(slice(begin, begin + 50_000))) for begin in range(0, 150_000, 50_000)]
    whole, fitted = compress(many), fit(many)
    assert np.array_equal(whole.weight, sum(one.weight for one in parts))
    assert np.array_equal(whole.score, sum(one.score for one in parts))
    # Squared residuals are summed by pair here and row by row there.
    gap = fitted.theta[many.first] - fitted.theta[many.second]
    residual = many.score - 1 / (1 + np.exp(-gap))
    design = np.zeros((len(many), 6))
    design[np.arange(len(many)), many.first] = 1.0
    design[np.arange(len(many)), many.second] -= 1.0
    bread = np.linalg.pinv(fitted.hessian)
    expected = bread @ (design.T * residual**2) @ design @ bread
    assert hc0_covariance(many, fitted) == pytest.approx(expected, rel=1e-8)


def test_many_rows_in_any_order_and_any_width_are_the_same_bytes(many):
    order = np.random.default_rng(2).permutation(len(many))
    expected = repr(rate(many, baselines=["m000"]))
    assert repr(rate(Comparisons(names=many.names, **columns_of(many, order)), baselines=["m000"])) == expected
    narrow = Comparisons(
        names=many.names,
        first=many.first.astype(np.int32),
        second=many.second.astype(np.uint8),
        score=many.score.astype(np.float32),
        cluster=many.cluster.astype(np.int16),
    )
    assert (narrow.first.dtype, narrow.score.dtype) == (np.int32, np.float32)
    assert repr(rate(narrow, baselines=["m000"])) == expected


def test_one_prompt_a_battle_is_the_sandwich_over_battles():
    data = draw(3, size=30, rows=60_000, clusters=1)
    alone = Comparisons(names=data.names, **{**columns_of(data), "cluster": np.arange(len(data))})
    fitted = fit(alone)
    expected = hc0_covariance(alone, fitted) * (60_000 / 59_999)
    assert cr1_covariance(alone, fitted) == pytest.approx(expected, rel=1e-9)
    assert np.array_equal(
        clusters_per_entrant(alone), np.bincount(np.concatenate([alone.first, alone.second]), minlength=30)
    )
    frozen = fit(alone, offsets={"m003": 0.1, "m007": -0.1})
    assert cr1_covariance(alone, frozen)[[3, 7]].any() == np.False_


def test_hundreds_of_entrants_of_whom_most_never_met():
    data = ring(400, 6)
    fitted, pairs = fit(data), compress(data)
    assert len(pairs.low) == 400
    # On a ring only the mean scores of neighbours count, so every pair's is met, up to one shift round the ring.
    gap = fitted.theta[pairs.low] - fitted.theta[pairs.high]
    shortfall = pairs.score - pairs.weight / (1 + np.exp(-gap))
    around = np.where(pairs.high - pairs.low == 1, shortfall, -shortfall)
    assert around == pytest.approx(np.full(400, around[0]), abs=1e-7)
    squares = hc0_covariance(data, fitted) * (2400 / 2399)
    assert cr1_covariance(data, fitted) == pytest.approx(squares, rel=1e-8)


def test_refits_of_hundreds_of_entrants():
    data = ring(150, 12)
    fitted = fit(data)
    times = np.random.default_rng(1).integers(1, 3, (3, len(data)))
    found = Refits.of(compress_by_cluster(data), fitted).solve(times, tolerance=1e-10)
    for line, expected in zip(found, times, strict=True):
        weighted = Comparisons(names=data.names, **columns_of(data), weight=expected)
        assert line == pytest.approx(fit(weighted).theta, abs=1e-7)


def test_weights_beyond_sixteen_bits_are_counted_exactly():
    rows = {"first": [0, 0, 1], "second": [1, 1, 2], "score": [1.0, 0.0, 0.5], "cluster": [0, 1, 2]}
    data = Comparisons(names=("a", "b", "c"), **rows, weight=[30_000, 20_000, 7])
    found = Refits.of(compress_by_cluster(data), fit(data)).solve(np.array([[2, 2, 1], [1, 2, 9]]), tolerance=1e-10)
    assert found[:, 0] - found[:, 1] == pytest.approx(np.log([3 / 2, 3 / 4]), abs=1e-9)
    assert found[:, 1] - found[:, 2] == pytest.approx([0.0, 0.0], abs=1e-9)


def test_read_only_columns_are_taken_and_writeable_ones_copied():
    columns = {"first": np.zeros(4, dtype=np.int32), "second": np.ones(4, dtype=np.int32)}
    columns |= {"score": np.array([0.0, 1.0, 0.5, 1.0]), "cluster": np.arange(4)}
    copied = Comparisons(names=("a", "b"), **columns)
    assert not any(np.shares_memory(getattr(copied, label), column) for label, column in columns.items())
    views = {label: column[:] for label, column in columns.items()}
    for view in views.values():
        view.setflags(write=False)
    copied = Comparisons(names=("a", "b"), **views)
    assert not any(np.shares_memory(getattr(copied, label), column) for label, column in columns.items())
    for column in columns.values():
        column.setflags(write=False)
    taken = Comparisons(names=("a", "b"), **columns)
    assert all(np.shares_memory(getattr(taken, label), column) for label, column in columns.items())


def test_resamples_of_many_prompts_and_an_interval_of_many_battles(many):
    draws = prompt_resamples(many, baselines=["m000"], resamples=300)
    fitted = fit(many)
    covariance = cluster_covariance(many, fitted)
    assert (covariance.method, covariance.clusters) == ("CR1", 300)
    contrast = np.eye(6) - np.eye(6)[:, [0]].T
    errors = np.sqrt(np.diag(contrast @ covariance.matrix @ contrast.T)) * 400 / np.log(10)
    assert draws.std(axis=0)[1:] == pytest.approx(errors[1:], rel=0.15)
