"""From bytes to a completion, without a server."""

import asyncio
import itertools
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena_write.endpoints import (
    CutReplyError,
    GarbageReplyError,
    Pace,
    Patience,
    RateLimitedError,
    ReplyTooLargeError,
    RequestSettings,
    RetryPolicy,
)
from arena_write.endpoints.events import read_events
from arena_write.endpoints.replies import ReplyReader, read_usage
from arena_write.endpoints.retry import read_retry_after
from judges.ports import Usage


def read(pieces):
    async def source():
        for piece in pieces:
            yield piece

    async def collect():
        return [event async for events in read_events(source()) for event in events]

    return asyncio.run(collect())


@given(st.lists(st.text(max_size=20), max_size=6), st.lists(st.integers(0, 400), max_size=12), st.booleans())
def test_events_do_not_depend_on_how_the_bytes_are_cut(texts, cuts, done):
    body = b": keep-alive\n\n" + b"".join(
        f"event: x\r\ndata: {json.dumps({'t': text}, ensure_ascii=False)}\r\n\r\n".encode("utf-8", "replace")
        for text in texts
    )
    body += b"data: [DONE]\n\ndata: {never}\n\n" if done else b""
    places = sorted({0, len(body), *(cut for cut in cuts if cut < len(body))})
    pieces = [body[start:end] for start, end in itertools.pairwise(places)]
    expected = [{"t": text.encode("utf-8", "replace").decode()} for text in texts]
    assert read(pieces) == expected


def test_a_mark_of_byte_order_is_no_part_of_the_first_event():
    assert read([b'\xef\xbb\xbfdata: {"a": 1}\n\n', b'data: {"a": 2}\n\n']) == [{"a": 1}, {"a": 2}]


def test_names_with_half_a_character_or_without_an_end_can_be_stored():
    reader = ReplyReader(1000)
    reader.feed(
        {"model": "m\ud83d" + "x" * 5000, "choices": [{"delta": {"content": "a"}, "finish_reason": "st\udc00op"}]}
    )
    answer = reader.completion(1.0)
    assert answer.served_model.startswith("m\ufffd")
    assert len(answer.served_model) == 300
    assert answer.finish_reason == "st\ufffdop"


def test_a_last_line_without_an_end_is_read():
    assert read([b'data: {"a": 1}\n\nda', b'ta:{"a": 2}']) == [{"a": 1}, {"a": 2}]
    assert read([b"data: [DONE]"]) == read([]) == read([b"data:\n\n"]) == []


def test_events_before_a_line_that_is_none_are_not_lost():
    seen = []

    async def collect():
        async def source():
            yield b'data: {"a": 1}\n\ndata: {"a": 2}\n\ndata: {"a"\n\n'

        async for events in read_events(source()):
            seen.extend(events)

    with pytest.raises(ValueError):
        asyncio.run(collect())
    assert seen == [{"a": 1}, {"a": 2}]


def test_half_a_character_in_an_event_is_kept_for_its_other_half():
    assert read([b'data: {"t": "\\ud83d"}\n\n', b'data: {"t": "\\ude00"}\n\n']) == [{"t": "\ud83d"}, {"t": "\ude00"}]


@pytest.mark.parametrize("line", [b"data: {", b"data: \xff", b"data: {}{}"])
def test_a_broken_event_is_an_error(line):
    with pytest.raises(ValueError):  # of JSON or of Unicode
        read([line + b"\n\n"])


def reply_of(*deltas, finish="stop", limit=1000, **frame):
    reader = ReplyReader(limit)
    for delta in deltas:
        reader.feed({"choices": [{"index": 0, "delta": delta, "finish_reason": None}], **frame})
    if finish:
        reader.feed({"choices": [{"index": 0, "delta": {}, "finish_reason": finish}], **frame})
    return reader.completion(1.0)


def test_a_character_that_comes_in_two_halves_is_one():
    reply = reply_of({"content": "\ud83d"}, {"content": "\ude00 and \ud83d"})
    assert reply.text == "\U0001f600 and \ufffd"


def test_thinking_under_two_names_counts_once():
    reply = reply_of({"reasoning_content": "Hm", "reasoning": "Hm"}, {"reasoning": "m"}, {"content": "Yes"})
    assert (reply.thinking, reply.text) == ("Hmm", "Yes")


def test_a_refusal_is_a_reply_of_its_own_kind():
    reply = reply_of({"refusal": "I will "}, {"refusal": "not."})
    assert (reply.text, reply.finish_reason) == ("I will not.", "refusal")


def test_content_in_parts_is_joined():
    assert reply_of({"content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}).text == "ab"


def test_without_a_finish_reason_there_is_no_reply():
    with pytest.raises(CutReplyError, match="after 1 pieces"):
        reply_of({"content": "Half of"}, finish=None)


def test_too_much_text_is_broken_off():
    with pytest.raises(ReplyTooLargeError):
        reply_of(*[{"content": "x" * 100}] * 11)


FIELDS = ["choices", "delta", "message", "content", "text", "finish_reason", "usage", "model", "reasoning", "index",
          "prompt_tokens", "prompt_tokens_details", "cached_tokens"]  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=3),
    max_leaves=8,
)


@given(JSON)
def test_any_json_is_read_or_is_garbage(event):
    reader = ReplyReader(100)
    try:
        reader.feed(event)
        reply = reader.completion(0.0)
    except (GarbageReplyError, CutReplyError):
        return
    assert isinstance(reply.text, str)
    assert isinstance(reply.finish_reason, str)


def test_usage_in_the_dialects_of_servers():
    assert read_usage({"prompt_tokens": 5, "completion_tokens": 3}) == Usage(5, None, 3, None)
    assert read_usage({"prompt_tokens": 5, "prompt_cache_hit_tokens": 4}) == Usage(5, 4)
    assert read_usage({"prompt_tokens": 5, "prompt_tokens_details": {"cached_tokens": 0}}) == Usage(5, 0)
    assert read_usage({"prompt_tokens": -1, "completion_tokens": True, "prompt_tokens_details": []}) == Usage()


@pytest.mark.parametrize("absurd", [10**9 + 1, 2**63, 10**30, 10**400])
def test_a_count_of_tokens_that_no_call_can_take_is_none(absurd):
    """Stored, it closed the results folder for good: the columns could not hold it."""
    assert read_usage({"prompt_tokens": absurd, "completion_tokens": 3}) == Usage(None, None, 3, None)
    details = {
        "prompt_tokens_details": {"cached_tokens": absurd},
        "completion_tokens_details": {"reasoning_tokens": absurd},
    }
    assert read_usage({"prompt_tokens": 10**9, **details}) == Usage(10**9)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [(None, None), ("", None), ("soon", None), ("nan", None), ("2", 2.0), ("0.25", 0.25), ("-3", 0.0),
     ("Thu, 01 Jan 1970 00:16:50 GMT", 10.0), ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0)],
)  # fmt: skip
def test_retry_after_is_seconds_or_a_date(value, seconds):
    assert read_retry_after(value, now=1000.0) == seconds


@pytest.mark.parametrize(
    "value",
    ["inf", "-inf", "1e400", "9" * 400, "Fri, 31 Dec 9999 23:59:59 GMT", "Mon, 01 Jan 0001 00:00:00 GMT",
     "Fri, 31 Dec 99999 23:59:59 GMT", "Thu, 01 Jan 1970 00:16:50 -9999"],
)  # fmt: skip
def test_a_wait_is_bounded_whatever_a_server_asks_for(value):
    asked = read_retry_after(value, now=1000.0)
    hold = RetryPolicy().allowed_hold(RateLimitedError("", retry_after=asked))
    assert hold is None or 0 <= hold <= RetryPolicy().longest_retry_after


def test_pace_falls_fast_and_rises_slowly():
    pace, patience = Pace(10.0), Patience(first_token=0, slack=2)
    assert pace.deadline(100, patience) == pytest.approx(20)
    pace.observe(10, 1000.0)  # too short to say anything
    pace.observe(1000, 10.0)
    assert pace.tokens_per_second == 100
    pace.observe(1000, 100.0)
    assert pace.tokens_per_second == 55
    pace.observe(1000, 10.0)
    assert pace.tokens_per_second == pytest.approx(59.5)
    pace.slow_down(5, 10.0)
    assert pace.tokens_per_second == 0.5
    pace.slow_down(500, 10.0)
    pace.slow_down(0, 10.0)  # nothing came: that says nothing of the pace
    assert pace.tokens_per_second == 0.5


def test_the_token_budget_is_answer_and_thinking():
    assert RequestSettings(max_tokens=100, thinking_tokens=40).token_budget == 140
    assert RequestSettings().token_budget == 32_768
    assert RequestSettings(thinking_tokens=40).body(chat=True) == {}
    assert RequestSettings(reasoning_effort="low").body(chat=False) == {}
    assert RequestSettings(stop=("a",), temperature=0).decoding() == {"temperature": 0, "stop": ["a"]}
