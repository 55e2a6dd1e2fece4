"""How long work takes, as a probe tells it."""

import pytest

from arena_write.checkpoints import Pace, Workload
from arena_write.checkpoints.opened import describe_time
from arena_write.checkpoints.pace import measure

PACE = Pace(prompt_second=1_000.0, step_seconds=0.1, rows=8)


@pytest.mark.parametrize(
    ("work", "seconds"),
    [
        ([], 0.0),
        ([Workload("m", 16, prompt_tokens=5_000, reply_tokens=800)], 5.0 + 100 * 0.1),
        ([Workload("m", 1, prompt_tokens=0, reply_tokens=800)], 800 * 0.1),
        ([Workload("m", 8, 1_000, 80), Workload("m", 2, 2_000, 80)], 1.0 + 1.0 + 2.0 + 4.0),
    ],
    ids=["nothing", "full batches", "a batch of one", "two kinds of calls"],
)
def test_reading_and_writing_add_up(work, seconds):
    assert PACE.predict(work) == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.2, "1 s"), (90, "90 s"), (1_700, "28 min"), (9_000, "2 h"), (400_000, "5 days")],
)
def test_times_are_said_in_the_unit_that_suits_them(seconds, text):
    assert describe_time(seconds) == text


@pytest.mark.hf
def test_the_probe_measures_what_the_model_does(loaded):
    few, many = measure(loaded, rows=1), measure(loaded, rows=64)
    assert 1e-5 < few.step_seconds < 10
    assert 1 < few.prompt_second < 1e7
    # Many rows take longer than one, and less long than one after the other.
    assert many.step_seconds < 64 * few.step_seconds
    assert many.predict([Workload("m", 64, 0, 64_000)]) < few.predict([Workload("m", 64, 0, 64_000)])
