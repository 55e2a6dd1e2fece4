"""Tables of named battles: the same whatever their columns are made of; bad rows are refused with their number."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from ratings.simulate import baselines, simulate

from arena_write.ratings import ColumnError, Comparisons, rate
from arena_write.ratings.frames import OUTCOMES

ROWS = {
    "model_a": ["x", "y", "x", "z"],
    "model_b": ["y", "z", "z", "x"],
    "winner": ["A>>B", "A=B", "B>A", "model_a"],
    "points": [1.0, 0.5, 0.0, 1.0],
    "prompt": ["p9", "p1", "p1", "p9"],
    "times": [1.0, 2.0, 0.0, 1.0],
}


def read(change=None, **columns):
    frame = pd.DataFrame({**ROWS, **(change or {})}, index=[7, 7, 0, 3])
    return from_frame(frame, **columns)


def from_frame(frame, **columns):
    if not columns.keys() & {"score", "winner"}:
        columns["winner"] = "winner"
    return Comparisons.from_frame(frame, **{"first": "model_a", "second": "model_b", "cluster": "prompt", **columns})


def test_names_are_sorted_and_outcomes_scored():
    data = read()
    assert data.names == ("x", "y", "z")
    assert (data.first.tolist(), data.second.tolist()) == ([0, 1, 0, 2], [1, 2, 2, 0])
    assert data.score.tolist() == [1.0, 0.5, 0.0, 1.0]
    # Prompts are numbered by name, not by who came first.
    assert data.cluster.tolist() == [1, 0, 0, 1]
    assert data.weight is None
    assert data.plain
    assert read(score="points").score.tolist() == data.score.tolist()
    assert read(weight="times").weight.tolist() == [1.0, 2.0, 0.0, 1.0]


def test_every_verdict_and_every_chatbot_arena_label_has_a_score():
    labels = list(OUTCOMES)
    frame = pd.DataFrame({"model_a": "x", "model_b": "y", "winner": labels, "prompt": range(len(labels))})
    expected = [1, 1, 0.5, 0, 0, 1, 0, 0.5, 0.5, 0.5]
    assert from_frame(frame).score.tolist() == expected


@pytest.mark.parametrize("kind", ["object", "category", "string[python]", "string[pyarrow]", "str"])
def test_the_kind_of_column_changes_nothing(kind):
    data = simulate(np.random.default_rng(3), prompts=12, strengths=(0.3, 0.0, 0.0), bank=True)
    names = np.array(data.names, dtype=object)
    frame = pd.DataFrame(
        {
            "model_a": pd.Series(names[data.first], dtype=object),
            "model_b": pd.Series(names[data.second], dtype=object),
            "winner": np.array(["B>A", "A=B", "A>B"], dtype=object)[(2 * data.score).astype(int)],
            "prompt": [f"prompt {number:02}" for number in data.cluster],
        }
    )
    # Rows in another order, so that nothing may depend on who comes first.
    frame = frame.astype(kind).sample(frac=1.0, random_state=1)
    assert frame["model_a"].dtype == kind
    assert repr(rate(from_frame(frame), baselines=baselines(3))) == repr(rate(data, baselines=baselines(3)))


def test_categories_that_do_not_occur_are_nobody():
    kind = pd.CategoricalDtype(["absent", "z", "y", "x", "gone"])
    frame = pd.DataFrame(ROWS).astype({"model_a": kind, "model_b": kind})
    assert from_frame(frame).names == ("x", "y", "z")
    assert from_frame(frame).first.tolist() == [0, 1, 0, 2]


def test_integer_prompts_are_taken_as_they_are():
    assert read({"prompt": [-5, 10**12, 10**12, 3]}).cluster.tolist() == [-5, 10**12, 10**12, 3]
    assert read({"prompt": pd.array([4, 3, 3, 4], dtype="Int64")}).cluster.tolist() == [4, 3, 3, 4]
    assert read({"prompt": ["b", 2, 1, "a"]}).cluster.tolist() == [3, 1, 0, 2]


@pytest.mark.parametrize(
    ("change", "columns", "message"),
    [
        ({"winner": ["A>B", "A=B", "a>b", "A>B"]}, {}, "row 2: winner is 'a>b'; known outcomes are A>>B, A>B"),
        ({"winner": ["A>B", "A=B", None, "A>B"]}, {}, "row 2: winner holds nothing"),
        ({"winner": [1, 1, 1, 1]}, {}, "row 0: winner is 1; known outcomes"),
        ({"model_a": ["x", None, "x", "z"]}, {}, "row 1: model_a holds nothing"),
        ({"model_b": ["y", "z", np.nan, "x"]}, {}, "row 2: model_b holds nothing"),
        ({"model_b": pd.Categorical(["y", "z", None, "x"])}, {}, "row 2: model_b holds nothing"),
        ({"model_a": ["x", "y", "", "z"]}, {}, "row 2: model_a is '', which is no name"),
        ({"model_a": ["x", "y", 4, "z"]}, {}, "row 2: model_a is 4, which is no name"),
        ({"model_a": [["x"], ["y"], ["x"], ["z"]]}, {}, "model_a holds values of no use as labels"),
        ({"model_a": ["x", "z", "x", "z"]}, {}, "row 1: 'z' is compared with itself"),
        ({"model_a": ["x"] * 4, "model_b": ["x"] * 4}, {}, "at least two names, got 1"),
        ({"prompt": ["p", None, "p", "p"]}, {}, "row 1: prompt holds nothing"),
        ({"prompt": [1.0, np.nan, 2.0, 2.0]}, {}, "row 1: prompt holds nothing"),
        ({"prompt": pd.array([4, None, 3, 4], dtype="Int64")}, {}, "row 1: prompt holds nothing"),
        ({"points": [1.0, 0.5, np.nan, 1.0]}, {"score": "points"}, "row 2: score nan is not in"),
        ({"points": [1.0, 2.0, 0.0, 1.0]}, {"score": "points"}, "row 1: score 2.0 is not in"),
        ({"points": ["a", "b", "c", "d"]}, {"score": "points"}, "points must be a column of numbers"),
        ({"times": [1.0, 1.0, 1.0, -2.0]}, {"weight": "times"}, "row 3: weight -2.0 is not a finite number"),
        ({"times": [1.0, np.nan, 1.0, 1.0]}, {"weight": "times"}, "row 1: weight nan is not a finite number"),
        ({"times": [0.0] * 4}, {"weight": "times"}, "every row has weight 0"),
        ({}, {"first": "model"}, "the table has no columns 'model'; its columns are 'model_a', 'model_b'"),
        ({}, {"score": "points", "winner": "winner"}, "either the column with the score or the one with the winner"),
    ],
)
def test_refused_with_the_row(change, columns, message):
    with pytest.raises(ColumnError, match=message):
        read(change, **columns)


def test_neither_score_nor_winner_an_empty_table_or_a_doubled_column_are_refused():
    frame = pd.DataFrame(ROWS)
    with pytest.raises(ColumnError, match="either the column with the score"):
        Comparisons.from_frame(frame, first="model_a", second="model_b", cluster="prompt")
    with pytest.raises(ColumnError, match="the table has no rows"):
        from_frame(frame[:0])
    with pytest.raises(ColumnError, match="the table has 2 columns 'winner'"):
        from_frame(pd.concat([frame, frame[["winner"]]], axis=1))


def test_the_table_may_change_afterwards():
    frame = pd.DataFrame({**ROWS, "prompt": [4, 3, 3, 4]})
    data = from_frame(frame, score="points", weight="times")
    frame.loc[:, ["prompt", "points", "times"]] = 0
    assert data.cluster.tolist() == [4, 3, 3, 4]
    assert data.score.tolist() == ROWS["points"]
    assert data.weight.tolist() == ROWS["times"]
