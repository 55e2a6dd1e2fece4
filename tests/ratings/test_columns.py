"""Bad columns are refused at the door, with the row."""

from __future__ import annotations

import numpy as np
import pytest
from ratings.tables import comparisons

from arena_write.ratings import ColumnError, Comparisons, RatingError, fit, rate, win_rates

GOOD = {
    "names": ("a", "b"),
    "first": np.array([0, 1, 0]),
    "second": np.array([1, 0, 1]),
    "score": np.array([1.0, 0.5, 0.0]),
    "cluster": np.array([7, 7, -3]),
}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"score": [1.0, np.nan, 0.0]}, "row 1: score nan is not in"),
        ({"score": [1.0, 0.5, 1.0001]}, "row 2: score 1.0001 is not in"),
        ({"score": [-0.1, 0.5, 1.0]}, "row 0: score -0.1 is not in"),
        ({"score": ["x", 0.5, 1.0]}, "score must be one column of numbers"),
        ({"score": [[1.0], [0.5], [1.0]]}, "score must be one column of numbers"),
        ({"weight": [1.0, 1.0, -1.0]}, "row 2: weight -1.0 is not a finite number"),
        ({"weight": [1.0, np.inf, 1.0]}, "row 1: weight inf is not a finite number"),
        ({"weight": [1.0, np.nan, 1.0]}, "row 1: weight nan is not a finite number"),
        ({"weight": [0.0, 0.0, 0.0]}, "every row has weight 0"),
        ({"first": [0, 0, 0]}, "row 1: 'a' is compared with itself"),
        ({"first": [0, 1, 2]}, "row 2: first is code 2, but there are 2 names"),
        ({"second": [1, -1, 1]}, "row 1: second is code -1"),
        ({"first": [0.0, 1.0, 0.0]}, "first must be one column of integer codes, got float64"),
        ({"cluster": [0.5, 1.0, 2.0]}, "cluster must be one column of integer codes"),
        ({"cluster": [1, 2]}, "different lengths: first 3, second 3, score 3, cluster 2"),
        ({"weight": [1.0]}, "different lengths"),
        ({"names": ("a",)}, "at least two names, got 1"),
        ({"names": ("a", "a")}, "'a' occurs twice"),
        ({"names": ("a", "")}, "non-empty strings"),
        ({"names": "ab"}, "not one string"),
        ({"first": [], "second": [], "score": [], "cluster": []}, "there are no comparisons"),
    ],
)
def test_refused_with_the_row(change, message):
    with pytest.raises(ColumnError, match=message) as caught:
        Comparisons(**{**GOOD, **change})
    assert isinstance(caught.value, RatingError)
    assert isinstance(caught.value, ValueError)


def test_accepted_copied_and_frozen():
    score = np.array([1.0, 0.5, 0.0])
    data = Comparisons(**{**GOOD, "score": score})
    score[0] = 0.25
    assert data.score[0] == 1.0
    assert len(data) == 3
    with pytest.raises(ValueError, match="read-only"):
        data.score[0] = 0.25
    with pytest.raises(AttributeError):
        data.names = ("x", "y")


def test_rows_of_weight_zero_do_not_count():
    rows = [("a", "b", 1.0, 0), ("a", "b", 0.0, 1), ("a", "b", 0.0, 2)]
    with_zero = comparisons(rows, weight=[1, 1, 0])
    assert fit(with_zero).theta == pytest.approx(fit(comparisons(rows[:2])).theta, abs=1e-12)
    assert fit(with_zero).battles == 2
    assert repr(rate(with_zero, baselines=["a"])) == repr(rate(comparisons(rows[:2]), baselines=["a"]))
    assert win_rates(with_zero).between("a", "b") == (0.5, 2)


def test_canonical_is_one_form_for_equal_facts():
    data = Comparisons(**{**GOOD, "names": ("b", "a")}).canonical()
    assert data.names == ("a", "b")
    assert data.first.tolist() == [0, 0, 0]
    # Prompt -3 comes first; seen from "a", whose code was 1, scores turn round.
    assert (data.cluster.tolist(), data.score.tolist()) == ([0, 1, 1], [1.0, 0.0, 0.5])
