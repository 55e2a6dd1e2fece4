"""Which calls are computed together."""

from hypothesis import given
from hypothesis import strategies as st

from arena_write.checkpoints.batches import FREE_PADDING, PROMPT_TOKENS, Ask, choose_batch
from arena_write.endpoints import RequestSettings

SETTINGS = [RequestSettings(temperature=0.5), RequestSettings(temperature=0.5, stop=("x",))]
asks = st.lists(
    st.builds(
        Ask,
        ids=st.integers(1, 40_000).map(lambda length: (1,) * length),
        settings=st.sampled_from(SETTINGS),
        budget=st.integers(1, 5_000),
        seed=st.just(0),
    ),
    min_size=1,
    max_size=12,
)


def size(batch):
    longest = max(len(ask.ids) for ask in batch)
    return len(batch) * longest, len(batch) * (longest + max(ask.budget for ask in batch))


@given(asks, st.integers(1, 100_000))
def test_a_batch_holds_the_oldest_and_its_like_and_keeps_its_bounds(waiting, cache_tokens):
    places = choose_batch(waiting, cache_tokens=cache_tokens)
    batch = [waiting[place] for place in places]
    assert 0 in places
    assert len(set(places)) == len(places)
    assert {ask.settings for ask in batch} == {waiting[0].settings}
    if len(batch) > 1:
        prompts, whole = size(batch)
        real = sum(len(ask.ids) for ask in batch)
        assert prompts - real <= max(real, FREE_PADDING)
        assert prompts <= PROMPT_TOKENS
        assert whole <= cache_tokens


@given(asks)
def test_nobody_in_between_is_left_out(waiting):
    places = choose_batch(waiting, cache_tokens=10**9)
    lengths = [len(waiting[place].ids) for place in places]
    others = [ask for place, ask in enumerate(waiting) if place not in places and ask.settings == waiting[0].settings]
    assert not [ask for ask in others if min(lengths) < len(ask.ids) < max(lengths)]


def make(*lengths, settings=SETTINGS[0], budget=10):
    return [Ask((1,) * length, settings, budget, 0) for length in lengths]


def test_similar_lengths_go_together():
    assert sorted(choose_batch(make(100, 9_000, 110, 8_000, 90, 9_900), cache_tokens=10**9)) == [0, 2, 4]


def test_all_that_fit_go_together():
    assert sorted(choose_batch(make(*[1_000] * 16), cache_tokens=10**9)) == list(range(16))


def test_calls_that_are_asked_in_another_way_wait():
    waiting = [*make(5, 6), *make(5, settings=SETTINGS[1]), *make(7)]
    assert sorted(choose_batch(waiting, cache_tokens=10**9)) == [0, 1, 3]


def test_the_cache_bounds_a_batch_by_its_whole_replies():
    waiting = make(*[100] * 10, budget=900)
    assert len(choose_batch(waiting, cache_tokens=4_500)) == 4
    assert len(choose_batch(waiting, cache_tokens=1)) == 1
