"""How the next token is chosen."""

import pytest

from arena_write.checkpoints import BrokenWeightsError
from arena_write.checkpoints.sampling import Draw, make_processors
from arena_write.endpoints import RequestSettings

pytestmark = pytest.mark.hf


def draw(scores, settings, seeds):
    """Pass scores through the processors of a batch and return the token of each row."""
    for processor in make_processors(settings, seeds, grammar=None):
        scores = processor(None, scores)
    return scores.argmax(-1).tolist()


def rows(probabilities, count):
    import torch

    return torch.tensor(probabilities).log().repeat(count, 1)


def frequencies(settings, probabilities, count=4_000):
    chosen = draw(rows(probabilities, count), settings, range(count))
    return [chosen.count(token) / count for token in range(len(probabilities))]


def test_tokens_come_as_often_as_they_are_likely():
    shares = frequencies(RequestSettings(temperature=1.0), [0.5, 0.0, 0.3, 0.2])
    assert shares[1] == 0
    assert shares == pytest.approx([0.5, 0.0, 0.3, 0.2], abs=0.03)


def test_a_temperature_that_is_not_set_is_one():
    scores = rows([0.5, 0.3, 0.2], 200)
    assert draw(scores, RequestSettings(), range(200)) == draw(scores, RequestSettings(temperature=1.0), range(200))


def test_the_temperature_sharpens():
    shares = frequencies(RequestSettings(temperature=0.5), [0.5, 0.3, 0.2])
    assert shares == pytest.approx([0.25 / 0.38, 0.09 / 0.38, 0.04 / 0.38], abs=0.03)


def test_greedy_takes_the_likeliest_and_draws_nothing():
    assert draw(rows([0.3, 0.4, 0.3], 3), RequestSettings(temperature=0), [1, 2, 3]) == [1, 1, 1]


@pytest.mark.parametrize(
    ("settings", "left"),
    [
        ({"top_k": 2}, {0, 1}),
        ({"top_k": 0}, {0, 1, 2, 3}),
        ({"top_p": 0.75}, {0, 1}),
        ({"top_p": 1.0}, {0, 1, 2, 3}),
        ({"min_p": 0.35}, {0, 1}),
        ({"min_p": 0.1, "top_k": 3}, {0, 1, 2}),
    ],
    ids=str,
)
def test_warpers_leave_out_unlikely_tokens(settings, left):
    shares = frequencies(RequestSettings(temperature=1.0, **settings), [0.5, 0.3, 0.15, 0.05])
    assert {token for token, share in enumerate(shares) if share} == left


def test_a_row_draws_the_same_alone_and_beside_others():
    import torch

    scores = torch.randn(8, 500, generator=torch.Generator().manual_seed(1))
    together, alone = Draw(range(8)), [Draw([seed]) for seed in range(8)]
    for _ in range(5):
        chosen = together(None, scores).argmax(-1).tolist()
        assert chosen == [draw(None, scores[row : row + 1]).argmax(-1).item() for row, draw in enumerate(alone)]


def test_the_largest_random_number_never_picks_a_token_without_a_chance():
    import torch

    class Last:
        def random(self):
            return 1 - 2**-53

    drawing = Draw([0])
    drawing._streams = [Last()]
    scores = torch.tensor([[0.0, 3.0, float("-inf")]])
    assert drawing(None, scores).argmax(-1).tolist() == [1]


def test_scores_that_are_no_numbers_stop_the_run():
    import torch

    for settings in (RequestSettings(), RequestSettings(temperature=0)):
        with pytest.raises(BrokenWeightsError) as caught:
            draw(torch.tensor([[0.0, float("nan")]]), settings, [1])
        assert caught.value.fatal
