"""Agreement of judges: published values, by hand, an interval by prompt, and what cannot be said."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arena_write.ratings import ColumnError, RatingError, agreement

# evalica's codings.csv, Krippendorff's own example: four observers, twelve units; and gcl.csv with NN = 1, VBP = 2.
CODINGS = ["123321412...", "1233224125..", ".33323422513", "12332441251."]
TAGS = ["1122", ".221", "1221", "1112"]


def labels(lines, prompts=None):
    """Rows of (judge, unit, label) from one line of digits a judge, a point for a gap."""
    rows = [
        (judge, unit, float(mark)) for judge, line in enumerate(lines) for unit, mark in enumerate(line) if mark != "."
    ]
    judge, unit, label = (np.array(column) for column in zip(*rows, strict=True))
    return {"judge": judge, "unit": unit, "label": label, "prompt": unit if prompts is None else unit // prompts}


@pytest.mark.parametrize(
    ("scale", "alpha"), [("nominal", 904 / 1216), ("ordinal", 0.815388), ("interval", 0.849107), ("ratio", 0.797403)]
)
def test_published_values(scale, alpha):
    found = agreement(**labels(CODINGS), scale=scale, draws=10)
    assert found.alpha == pytest.approx(alpha, abs=1e-6)
    # The twelfth unit has one label only.
    assert (found.judges, found.units, found.prompts) == (4, 11, 11)


def test_published_value_of_tags():
    assert agreement(**labels(TAGS), draws=1).alpha == pytest.approx(0.083333, abs=1e-6)


def test_two_judges_by_hand():
    found = agreement(**labels(["1112222112", "1112221221"]), draws=10)
    # Six of ten agree; both say 1 half of the time.
    assert (found.raw, found.kappa) == (pytest.approx(0.6), pytest.approx((0.6 - 0.5) / 0.5))
    assert found.shares == ((1.0, 0.5), (2.0, 0.5))
    # Ten pairs, each both ways: 8 of 20 disagree, and by chance 10 x 10 x 2 of 20 x 19.
    assert found.alpha == pytest.approx(1 - (8 / 20) / (200 / 380))


def test_raw_agreement_counts_units_alike():
    assert agreement(**labels(["11", "11", "12"]), draws=1).raw == pytest.approx((1 + 1 / 3) / 2)
    assert agreement(**labels(["11", "11", "12"]), draws=1).kappa is None


def test_high_agreement_on_lopsided_labels_is_no_agreement_beyond_chance():
    found = agreement(**labels(["1111111112", "1111111121"]), draws=10)
    assert found.raw == pytest.approx(0.8)
    assert found.alpha < 0


def test_the_interval_counts_prompts():
    # Two judges agree prompt by prompt: forty units on four prompts know less than on forty.
    rng = np.random.default_rng(1)
    first = rng.integers(1, 3, 400)
    second = np.where(np.repeat(rng.random(40) < 0.7, 10), first, 3 - first)
    lines = ["".join(map(str, first)), "".join(map(str, second))]
    singly, by_prompt = (agreement(**labels(lines, prompts=size), draws=300) for size in (1, 10))
    assert singly.alpha == by_prompt.alpha
    assert by_prompt.prompts == 40
    assert by_prompt.high - by_prompt.low > 2.0 * (singly.high - singly.low)
    assert by_prompt.low < by_prompt.alpha < by_prompt.high


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_order_and_codes_change_nothing(seed):
    rng = np.random.default_rng(seed)
    rows = labels(CODINGS)
    order = rng.permutation(len(rows["label"]))
    moved = {name: column[order] for name, column in rows.items()}
    assert agreement(**moved, draws=20) == agreement(**rows, draws=20)
    moved["judge"] = rng.permutation(4)[moved["judge"]] - 7
    recoded = agreement(**moved, draws=20)
    assert recoded.alpha == pytest.approx(agreement(**rows, draws=1).alpha)


def test_what_cannot_be_said_is_said_in_words():
    alone = agreement(**labels(["12", ".."]))
    assert (alone.alpha, alone.reason) == (None, "no unit was labelled by two judges")
    same = agreement(**labels(["11", "11"]))
    assert (same.alpha, same.raw, same.kappa) == (None, 1.0, None)
    assert same.reason.startswith("there is one label only")
    single = agreement(**labels(["12", "21"], prompts=2))
    assert single.alpha == pytest.approx(-0.5)
    assert (single.low, single.reason) == (None, "there is one prompt only: nothing says how much prompts vary")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"label": [1.0, math.nan]}, "row 1: label nan"),
        ({"judge": [0]}, "different lengths: judge 1, unit 2, prompt 2, label 2"),
        ({"judge": [0, 0]}, "row 1: judge 0 labelled unit 5 before"),
        ({"prompt": [1, 2]}, "row 1: unit 5 belongs to prompt 1 in an earlier row"),
        ({"unit": [0.5, 1.0]}, "unit must be one column of integer codes"),
        ({name: [] for name in ("judge", "unit", "prompt", "label")}, "there are no labels"),
    ],
)
def test_bad_columns_are_refused_with_the_row(change, message):
    good = {"judge": [0, 1], "unit": [5, 5], "prompt": [1, 1], "label": [1.0, 2.0]}
    with pytest.raises(ColumnError, match=message):
        agreement(**{**good, **change})
    with pytest.raises(RatingError, match="strictly between"):
        agreement(**good, confidence=95)
