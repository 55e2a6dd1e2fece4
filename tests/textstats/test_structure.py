"""Lines, paragraphs, sentences and marks."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textstats.samples import english

from arena_write.textstats import split_sentences, structure
from arena_write.textstats.structure import line_kind


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("", "blank"),
        ("  \t", "blank"),
        ("# Title", "heading"),
        ("###### Deep", "heading"),
        ("**A bold line**", "heading"),
        ("#hashtag", "prose"),
        ("- item", "item"),
        ("  * item", "item"),
        ("12. item", "item"),
        ("a) item", "item"),
        ("1、第一点", "item"),
        ("（二）第二点", "item"),
        ("2024 was a year", "prose"),
        ("-5 degrees", "prose"),
        ("---", "rule"),
        ("* * *", "rule"),
        ("> said", "quote"),
        ("| a | b |", "table"),
        ("```python", "fence"),
        ("Plain **bold** words.", "prose"),
    ],
)
def test_line_kind(line, kind):
    assert line_kind(line) == kind


@pytest.mark.parametrize(
    ("line", "sentences"),
    [
        ("One. Two! Three? Four", ["One.", "Two!", "Three?", "Four"]),
        (
            "Dr. Smith paid 3.50 to Mr. J. Doe at 5 p.m. yesterday. Fine.",
            ["Dr. Smith paid 3.50 to Mr. J. Doe at 5 p.m. yesterday.", "Fine."],
        ),
        ("He said, “Go home.” She did.", ["He said, “Go home.”", "She did."]),
        ("Wait... what?! Yes.", ["Wait...", "what?!", "Yes."]),
        ("你好。今天怎么样？很好！", ["你好。", "今天怎么样？", "很好！"]),
        ("他说：“走吧。”她走了。", ["他说：“走吧。”", "她走了。"]),
        ("等等……他回来了。", ["等等……", "他回来了。"]),
        ("version 2.0.1 is out", ["version 2.0.1 is out"]),
        ("!!! ...", []),
        ("", []),
    ],
)
def test_split_sentences(line, sentences):
    assert split_sentences(line) == sentences


DOCUMENT = """# Harbour

First paragraph. It has **two** sentences.
Second paragraph of one sentence.

## Lists

- one item
- two items

| a | b |
|---|---|
| 1 | 2 |

```
# not a heading
x = 1
```

**Bold heading**

Last words here.
"""


def test_structure_of_a_document():
    found = structure(DOCUMENT)
    assert (found.headings, found.paragraphs, found.list_items, found.tables) == (3, 3, 2, 1)
    assert found.bold == 2
    assert found.sentences == 6
    assert found.sentence_length == pytest.approx((2 + 4 + 5 + 2 + 2 + 3) / 6)
    assert found.paragraph_length == pytest.approx((6 + 5 + 3) / 3)
    assert found.longest_paragraph == pytest.approx(6 / 14)
    assert found.markup_share == pytest.approx(12 / 15)


def test_structure_of_nothing():
    found = structure("")
    assert (found.paragraphs, found.sentences, found.sentence_length, found.markup_share) == (0, 0, 0, 0)


def test_sentence_spread_is_standard_deviation_over_mean():
    assert structure("One two. One two three four.").sentence_spread == pytest.approx(1 / 3)
    assert structure("One two three. Four five six.").sentence_spread == 0


@settings(deadline=None)
@given(
    st.lists(
        st.sampled_from(["A line. Of two.", "# Head", "- item one", "中文一句。", "> quote here", "", "| a | b |"]),
        max_size=12,
    )
)
def test_counts_add_up_over_paragraph_joins(lines):
    first, second = "\n".join(lines[:5]), "\n".join(lines[5:])
    whole, left, right = structure(f"{first}\n\n{second}"), structure(first), structure(second)
    for name in ("headings", "paragraphs", "list_items", "bold", "tables", "sentences"):
        assert getattr(whole, name) == getattr(left, name) + getattr(right, name)


def test_unicode_line_separators_part_paragraphs():
    assert structure("One here.\u2028Two here.\u2029Three here.").paragraphs == 3


def test_prose_has_no_markup():
    found = structure(english(40))
    assert (found.paragraphs, found.sentences, found.markup_share) == (10, 40, 0)
