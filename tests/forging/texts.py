"""Text replies: a verdict is the last label, a score the last fenced block, behind all thoughts."""

import json
import random

from forging.objects import SCORE_OBJECTS, VERDICT_OBJECTS, well_formed_score
from forging.pieces import (
    LABELS,
    Said,
    any_label,
    broken_label,
    label,
    musing,
    open_thought,
    opening,
    prose,
    thought,
)

# Verdicts.


def _plain(draw: random.Random) -> tuple[str, Said]:
    name = draw.choice(LABELS)
    return f"{prose(draw, tags=True, least=1)}\n\n{label(name)}{_behind(draw)}", name


def _behind_thought(draw: random.Random) -> tuple[str, Said]:
    name = draw.choice(LABELS)
    return f"{thought(draw)}{prose(draw)}\n{label(name)}", name


def _taken_back(draw: random.Random) -> tuple[str, Said]:
    name = draw.choice(LABELS)
    earlier = [draw.choice([any_label, broken_label])(draw) for _ in range(draw.randint(1, 6))]
    return f"{prose(draw)}\n{' no: '.join(earlier)}\n{prose(draw, tags=True)}\n{label(name)}{_behind(draw)}", name


def _dressed(draw: random.Random) -> tuple[str, Said]:
    name = draw.choice(LABELS)
    frame = draw.choice([
        "**{}**", "`{}`", "```\n{}\n```", "```json\n{}\n```", "> {}", "# {}", "最终结论：{}。", "({})", "{}]", "[{}]",
        "<b>{}</b>", '"{}"', "{}\u200b", "\u202e{}", "[[ {}",
    ])  # fmt: skip
    return f"{prose(draw)}\n{frame.format(label(name))}", name


def _behind(draw: random.Random) -> str:
    """Words behind the label that take nothing back."""
    return draw.choice(
        ["", "", "\n", "\r\n  ", f"\n{prose(draw)}", " because A keeps the thread", "\u2028", "]]", "\x00"]
    )


def _no_label(draw: random.Random) -> tuple[str, Said]:
    exotic = draw.choice(["", "⟦A>B⟧", "〚B>A〛", "［A>B］", "[ [A>B] ]", "[\u200b[A>B]]", "[\n[B>A]]", "{{A>B}}"])
    return f"{prose(draw, tags=True)}\n{exotic}", None


def _broken_last(draw: random.Random) -> tuple[str, Said]:
    earlier = f"At first {any_label(draw)}, " if draw.random() < 0.6 else ""
    return f"{prose(draw, tags=True)}\n{earlier}then {broken_label(draw)}\n{prose(draw)}", None


def _cut(draw: random.Random) -> tuple[str, Said]:
    head = draw.choice([lambda: "", lambda: f"{opening(draw)}{musing(draw)}\n</think>\n"])()
    if head:  # cut within the thought, or the thought is whole and the rest is cut
        head = head[: draw.randint(1 + head.index(">"), len(head) - 1)] if draw.random() < 0.5 else head
        if not head.endswith("</think>\n"):
            return head, None
    body = f"{prose(draw)}\n\n{any_label(draw)}"
    return head + body[: draw.randint(0, len(body) - 1)], None


def _thought_alone(draw: random.Random) -> tuple[str, Said]:
    return thought(draw) + draw.choice(["", "\n\n", " \u3000", prose(draw)]), None


def _thought_open(draw: random.Random) -> tuple[str, Said]:
    ended = thought(draw) if draw.random() < 0.4 else ""
    said = f"{prose(draw)}\n{any_label(draw)}\n" if draw.random() < 0.5 else ""
    return f"{ended}{said}{open_thought(draw)}", None


def _nothing(draw: random.Random) -> tuple[str, Said]:
    return draw.choice(["", " ", "\n\n", "\u3000\t", "\u200b", "\x00", "\ufeff", "...", "?"]), None


def _json_for_text(draw: random.Random) -> tuple[str, Said]:
    text, _ = draw.choice(list(VERDICT_OBJECTS.values()))(draw)
    return text.replace("[[", "[ ["), None


VERDICT_TEXTS = {
    "well formed": _plain,
    "well formed, behind a thought": _behind_thought,
    "well formed, earlier labels taken back": _taken_back,
    "well formed, dressed up": _dressed,
    "no label": _no_label,
    "last label broken": _broken_last,
    "cut before the end of its label": _cut,
    "nothing behind a thought": _thought_alone,
    "a thought that never ends": _thought_open,
    "nothing": _nothing,
    "an object where words were asked for": _json_for_text,
}

# Scores.


def _fenced(draw: random.Random) -> tuple[str, Said]:
    body, number = well_formed_score(draw)
    name = draw.choice(["json", "json", "", "JSON", "text", "json5 \t", "分数"])
    end = draw.choice(["\n", "\r\n", " "])
    return f"{prose(draw, tags=True)}\n```{name}\n{body}{end}```{draw.choice(['', ' ', chr(9), chr(13)])}", number


def _bare(draw: random.Random) -> tuple[str, Said]:
    return well_formed_score(draw)


def _score_behind_thought(draw: random.Random) -> tuple[str, Said]:
    # Any closing tag behind an opened thought may end it, one that the reason quotes too: so it quotes none.
    body, number = well_formed_score(draw, tags=False)
    return thought(draw) + draw.choice([body, f"{prose(draw)}\n```json\n{body}\n```"]), number


def _last_of_several(draw: random.Random) -> tuple[str, Said]:
    earlier = "".join(f"```json\n{json.dumps(_example(draw))}\n```\nNo.\n" for _ in range(draw.randint(1, 5)))
    text, number = _fenced_plain(draw)
    return f"{prose(draw)}\n{earlier}{text}\n{prose(draw)}", number


def _fenced_plain(draw: random.Random) -> tuple[str, Said]:
    body, number = well_formed_score(draw)
    return f"{prose(draw)}\n```json\n{body}\n```", number


def _example(draw: random.Random) -> object:
    return draw.choice([{"score": draw.randint(1, 10), "reason": "first"}, {"score": "N"}, [1], "text", {"score": 99}])


def _broken_object(draw: random.Random) -> tuple[str, Said]:
    broken = [make for kind, make in SCORE_OBJECTS.items() if not kind.startswith("well formed")]
    text, _ = draw.choice(broken)(draw)
    inside = text.replace("```", "'''")
    earlier = f"```json\n{well_formed_score(draw)[0]}\n```\n" if draw.random() < 0.3 else ""
    return f"{prose(draw)}\n{earlier}```json\n{inside}\n```", None


def _fence_open(draw: random.Random) -> tuple[str, Said]:
    earlier = f"{_fenced_plain(draw)[0]}\n" if draw.random() < 0.5 else ""
    return f"{earlier}{prose(draw)}\n```json\n{well_formed_score(draw)[0]}", None


def _words_around(draw: random.Random) -> tuple[str, Said]:
    text, _ = well_formed_score(draw)
    word = draw.choice(["Score:", "json", "`", "Here it is:", "分数", ",", "\ufeff", "\u200b", "\x00"])
    return draw.choice([f"{word}\n{text}", f"{text}\n{word}"]), None


def _fence_of_another_kind(draw: random.Random) -> tuple[str, Said]:
    text, _ = well_formed_score(draw)
    body = text.replace("\n", " ").replace("\r", " ")
    said = draw.choice([
        f"~~~json\n{body}\n~~~", f"````json\n{body}\n````", f"'''\n{body}\n'''", f" ```json\n{body}\n ```", f"`{body}`",
        f"```json {body}\n```", f"```json\n```json\n{body}\n```", f"｀｀｀\n{body}\n｀｀｀",
    ])  # fmt: skip
    return said, None


def _last_block_is_another(draw: random.Random) -> tuple[str, Said]:
    text, _ = _fenced_plain(draw)
    return f"{text}\n```\n{draw.choice(['', 'print(1)', '{}', '7', '[[A>B]]', 'null', chr(0)])}\n```", None


def _no_score(draw: random.Random) -> tuple[str, Said]:
    said = draw.choice(["7", "Score: 7/10", '"7"', "[7]", "seven", "七分", "[[7]]", "score=7", "10", "true", "null"])
    return draw.choice([said, f"{prose(draw, least=1)}\n{said}"]), None


def _score_thought_open(draw: random.Random) -> tuple[str, Said]:
    ended = thought(draw) if draw.random() < 0.4 else ""
    text, _ = _fenced_plain(draw)
    return ended + draw.choice([f"{opening(draw)}\n{text}", f"{text}\n{open_thought(draw)}"]), None


def _score_in_thought(draw: random.Random) -> tuple[str, Said]:
    text, _ = _fenced_plain(draw)
    return f"{opening(draw)}\n{text}\n</think>\n{draw.choice(['', prose(draw)])}", None


SCORE_TEXTS = {
    "well formed": _fenced,
    "well formed, bare": _bare,
    "well formed, behind a thought": _score_behind_thought,
    "well formed, last of several blocks": _last_of_several,
    "broken object in its fence": _broken_object,
    "fence never closed": _fence_open,
    "words around a bare object": _words_around,
    "fence of another kind": _fence_of_another_kind,
    "last block is another": _last_block_is_another,
    "no object": _no_score,
    "a thought that never ends": _score_thought_open,
    "score in the thought only": _score_in_thought,
    "nothing": _nothing,
}
