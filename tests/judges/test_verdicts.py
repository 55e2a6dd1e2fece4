"""What a judge can say."""

import pytest

from judges import Score, Verdict


def test_the_five_labels_and_their_scores():
    assert {verdict.value: verdict.score for verdict in Verdict} == {
        "A>>B": 1.0,
        "A>B": 1.0,
        "A=B": 0.5,
        "B>A": 0.0,
        "B>>A": 0.0,
    }


def test_a_flipped_verdict_swaps_the_names():
    flipped = {verdict.value: verdict.flipped.value for verdict in Verdict}
    assert flipped == {"A>>B": "B>>A", "A>B": "B>A", "A=B": "A=B", "B>A": "A>B", "B>>A": "A>>B"}


@pytest.mark.parametrize("value", [0, 11, -1, 7.0, "7", True, None])
def test_what_is_no_score_is_refused(value):
    with pytest.raises(ValueError, match="1 to 10"):
        Score(value)
