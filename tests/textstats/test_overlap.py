"""Near duplicates and overlap: worked by hand, held against brute force, and quick where many texts share a formula."""

import random
import time

import pytest
from writing import write_text

from arena_write.textstats.overlap import find_near_duplicates, find_overlaps
from arena_write.textstats.tokens import tokenize

WORDS = [f"w{number}" for number in range(60)]


def grams(text, size):
    tokens = tokenize(text)
    size = min(size, len(tokens))
    return {tuple(tokens[start : start + size]) for start in range(len(tokens) - size + 1)} if tokens else set()


def test_one_changed_word_worked_by_hand():
    """20 tokens have 16 grams of 5; a changed word in the middle leaves 11 of them, so 11 of 21 are common."""
    text = " ".join(WORDS[:20])
    (found,) = find_near_duplicates([text, text.replace("w10", "else")])
    assert (found.first, found.second) == (0, 1)
    assert found.share == pytest.approx(11 / 21)


def test_case_punctuation_and_line_breaks_do_not_matter():
    one = "Write a story about the old bridge over the river, please."
    (found,) = find_near_duplicates([one, one.upper().replace(",", " --").replace(" over", "\n\u2028over")])
    assert found.share == 1


def test_other_texts_are_no_duplicates():
    texts = [write_text(seed, words=80) for seed in range(50)] + ["", "!!!", "", "word", "other"]
    assert find_near_duplicates(texts) == []


def test_short_texts_are_compared_whole():
    (found,) = find_near_duplicates(["Write a poem.", "write a song", "Write a poem!"])
    assert (found.first, found.second, found.share) == (0, 2, 1)


def test_each_copy_finds_the_one_it_repeats_most():
    base, other = " ".join(WORDS[:40]), " ".join(WORDS[20:60])
    near = base.replace("w39", "x")
    found = find_near_duplicates([base, other, near, near.replace("w30", "y")])
    assert [(one.first, one.second) for one in found] == [(0, 2), (2, 3)]


@pytest.mark.parametrize("seed", range(5))
def test_every_text_with_a_near_duplicate_is_found(seed):
    """Against all pairs by brute force, where copies of several texts are changed in some words."""
    draw = random.Random(seed)
    originals = [draw.choices(WORDS, k=draw.randint(6, 40)) for _ in range(6)]
    texts = []
    for _ in range(60):
        words = list(draw.choice(originals))
        for _ in range(draw.randint(0, 6)):
            words[draw.randrange(len(words))] = draw.choice(WORDS)
        texts.append(" ".join(words))
    sets = [grams(text, 5) for text in texts]

    def share(first, second):
        return len(sets[first] & sets[second]) / len(sets[first] | sets[second])

    expected = {second for second in range(60) if any(share(first, second) >= 0.5 for first in range(second))}
    found = find_near_duplicates(texts)
    assert {one.second for one in found} <= expected
    assert len(expected - {one.second for one in found}) <= len(expected) // 20
    assert all(one.share == pytest.approx(share(one.first, one.second)) for one in found)


def test_overlap_says_where_and_how_much():
    text = " ".join(WORDS[:30])
    shared = " ".join(WORDS[5:25])
    others = [(1, "nothing of it"), (4, f"Before. {shared} and after."), (7, " ".join(WORDS[:13])), (7, text[:1])]
    (found,) = find_overlaps([text, "another text"], others)
    assert (found.text, found.place, found.grams, found.places) == (0, 4, 8, 2)
    assert found.share == pytest.approx(8 / 18)


def test_twelve_words_in_common_are_no_overlap_and_thirteen_are():
    text = " ".join(WORDS[:30])
    assert find_overlaps([text], [(1, " ".join(WORDS[3:15]))]) == []
    assert find_overlaps([text], [(1, " ".join(WORDS[3:16]))])[0].grams == 1


def test_a_short_text_overlaps_where_it_stands_as_a_text_of_its_own():
    assert find_overlaps(["Write a poem."], [(1, "Please write a poem about spring.")]) == []
    assert find_overlaps(["Write a poem."], [(1, "write a poem")])[0].share == 1
    assert find_overlaps(["", "!"], [(1, ""), (2, "!")]) == []
    assert find_overlaps([], [(1, "text")]) == []


def test_chinese_is_compared_by_characters():
    text = "请写一篇关于秋天的散文，不少于八百字，语言优美。"
    (found,) = find_overlaps([text], [(3, f"题目：{text}")])
    assert found.share == 1


def test_ten_thousand_texts_take_seconds_also_where_all_share_a_formula():
    formula = "Write a long and well organised essay of at least eight hundred words on the following subject: "
    texts = [formula + write_text(number, words=60) for number in range(10_000)]
    begun = time.monotonic()
    assert len(find_near_duplicates([*texts, texts[17] + " Go on."])) == 1
    near = time.monotonic() - begun
    found = find_overlaps(texts, ((line, text) for line, text in enumerate(texts[:1000])))
    assert len(found) == 10_000
    assert sum(one.share == 1 for one in found) == 1000
    assert near < 30
    assert time.monotonic() - begun < 90
