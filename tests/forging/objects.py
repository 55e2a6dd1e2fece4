"""JSON replies: one object with exactly the fields asked for, or one that is broken in one way."""

import random
from collections.abc import Callable

from forging.pieces import CONTROL, INVISIBLE, LABELS, LOOKALIKES, WORDS, Said, any_label, broken_label, prose

Field = tuple[str, str]
"""A name, and its value as it stands in the JSON."""

_BLANKS = ("", "", "", " ", "\n", "\r\n", "\t", "  \n ")
BAD_SCORES = (
    "0", "11", "-3", "-0", "100", "7.0", "7.5", "1e0", "1E1", "7e0", '"7"', "true", "false", "null", "[7]", "{}",
    "1e999", "9" * 30, "-1", "10.0", '""', '{"score": 7}', "2.5e-1",
)  # fmt: skip
NOT_NUMBERS = (
    "07", "+7", "0x7", "７", "7/10", "seven", "N", "7.", ".7", "1_0", "NaN", "Infinity", "-Infinity", "٧", "",
    "9" * 5000, "undefined", "1,5", "[7", "7 8", "'7'", "1e", "--7", "None", "True",
)  # fmt: skip
NOT_JSON_VALUES = ("NaN", "Infinity", "-Infinity", "undefined", "None", "x", "+1", ".5", "01", "'x'", "`x`", "“x”")
RAW_CONTROL = "\x00\x01\x07\x08\x1b\n\r\t"
BAD_STRINGS = ("null", "7", "true", "[]", "{}", '["x"]', '{"a": "b"}', "0.5", '["A>B"]')


def quote(draw: random.Random, text: str) -> str:
    """Return a JSON string of `text`, some of its characters escaped without need."""
    signs = []
    for sign in text:
        code = ord(sign)
        if sign in '"\\':
            signs.append(f"\\{sign}")
        elif code < 0x20 or 0xD800 <= code <= 0xDFFF or (code < 0x10000 and draw.random() < 0.05):
            signs.append(f"\\u{code:04x}")
        elif code >= 0x10000 and draw.random() < 0.5:
            high, low = divmod(code - 0x10000, 0x400)
            signs.append(f"\\u{0xD800 + high:04X}\\u{0xDC00 + low:04x}")
        else:
            signs.append(sign)
    return f'"{"".join(signs)}"'


def write(draw: random.Random, fields: list[Field]) -> str:
    """Return the object with its fields in this order and blanks where JSON allows them."""

    def blank() -> str:
        return draw.choice(_BLANKS)

    members = [f"{blank()}{quote(draw, name)}{blank()}:{blank()}{value}{blank()}" for name, value in fields]
    return f"{blank()}{{{','.join(members)}}}{blank()}"


def _words(draw: random.Random, *, tags: bool = True) -> str:
    return quote(draw, prose(draw, tags=tags) + (any_label(draw) if draw.random() < 0.2 else ""))


def _verdict_fields(draw: random.Random) -> tuple[list[Field], Said]:
    name = draw.choice(LABELS)
    return draw.sample([("explanation", _words(draw)), ("verdict", quote(draw, name))], 2), name


def _score_fields(draw: random.Random, *, tags: bool = True) -> tuple[list[Field], Said]:
    number = draw.randint(1, 10)
    return draw.sample([("reason", _words(draw, tags=tags)), ("score", str(number))], 2), number


def well_formed_score(draw: random.Random, *, tags: bool = True) -> tuple[str, Said]:
    """Return an object with a score, on lines that hold no fence; without `tags`, its reason names none of thought."""
    fields, number = _score_fields(draw, tags=tags)
    return write(draw, fields), number


Fields = Callable[[random.Random], tuple[list[Field], Said]]
Production = Callable[[random.Random], tuple[str, Said]]


def _productions(make: Fields, *, spoil: Production) -> dict[str, Production]:
    """Return the productions of one kind of object; `spoil` breaks what it says."""

    def well(draw: random.Random) -> tuple[str, Said]:
        fields, says = make(draw)
        return write(draw, fields), says

    def broken(change: Callable[[random.Random, list[Field]], str]) -> Production:
        return lambda draw: (change(draw, make(draw)[0]), None)

    return {
        "well formed": well,
        "says nothing that was asked for": spoil,
        "cut": broken(_cut),
        "a field twice": broken(_twice),
        "a field too few, too many or misnamed": broken(_misnamed),
        "words that are no string": broken(_untyped),
        "something around it": broken(_wrapped),
        "not JSON": broken(_misspelt),
        "nested": broken(_nested),
        "nothing": lambda draw: (
            draw.choice(["", " ", "\n", "null", "{}", "[]", '""', "\ufeff", "A>B", "7", "\x00"]),
            None,
        ),
    }


def _cut(draw: random.Random, fields: list[Field]) -> str:
    whole = write(draw, fields)
    return whole[: draw.randint(0, whole.rindex("}"))]


def _twice(draw: random.Random, fields: list[Field]) -> str:
    name, value = draw.choice(fields)
    other = draw.choice([value, *(value for _, value in fields), "null", '"B>A"', "3", "[]"])
    return write(draw, draw.sample([*fields, (name, other)], 3))


def _misnamed(draw: random.Random, fields: list[Field]) -> str:
    first, second = fields
    way = draw.randrange(3)
    if way == 0:
        return write(draw, [draw.choice(fields)])
    if way == 1:
        names = ("id", "confidence", "Verdict", "score ", "", "__proto__", "winner", "\x00")
        return write(draw, draw.sample([first, second, (draw.choice(names), "1")], 3))
    name, value = first
    at = draw.randint(0, len(name))
    wrong = draw.choice([
        name[:at] + draw.choice(INVISIBLE + " _.") + name[at:], name.upper(), name.title(), f"{name}s", "", second[0],
    ])  # fmt: skip
    return write(draw, draw.sample([(wrong, value), second], 2))


def _untyped(draw: random.Random, fields: list[Field]) -> str:
    wordy = ("explanation", "reason")
    return write(draw, [(name, draw.choice(BAD_STRINGS) if name in wordy else value) for name, value in fields])


def _wrapped(draw: random.Random, fields: list[Field]) -> str:
    whole = write(draw, fields)
    return draw.choice([
        f"```json\n{whole}\n```", f"Here it is: {whole}", f"{whole} I hope this helps.", f"{whole}{whole}",
        f"{whole}\n{whole}", f"[{whole}]", f"({whole})", f"{whole},",
        f"\ufeff{whole}", f"\u200b{whole}", f"{whole}\x00", f"data: {whole}",
        f"<think>[[A>B]]</think>{whole}", f"{whole}</think>", f"<tool_call>{whole}</tool_call>", quote(draw, whole),
        f"{whole}<|im_end|>", f'{{"reply": {whole}}}', f"{whole}}}", f"{{{whole}", f"```\n{whole}", f"json\n{whole}",
        f"\u00a0{whole}", f"{whole}\u3000", f"{whole}\x0c",
    ])  # fmt: skip


def _misspelt(draw: random.Random, fields: list[Field]) -> str:
    one, other = (f'"{name}": {value}' for name, value in fields)
    (name, value), _ = fields
    words = next(value for _, value in fields if value.startswith('"'))
    whole = write(draw, fields)
    return draw.choice([
        f"{{{one}, {other},}}", f"{{{one} {other}}}", f"{{{one}; {other}}}", f"{{,{one}, {other}}}",
        f"{{{one}, {other}", f"{one}, {other}}}", f"{{{name}: {value}, {other}}}", f"{{'{name}': {value}, {other}}}",
        f'{{"{name}" = {value}, {other}}}', f'{{"{name}": , {other}}}', f'{{"{name}" {value}, {other}}}',
        f"{{{one}, /* so */ {other}}}", f"{{{one}, {other} // so\n}}",
        f'{{"{name}": {draw.choice(NOT_JSON_VALUES)}, {other}}}',
        whole.replace(words, f'{words[:-1]}{draw.choice(RAW_CONTROL)}"'),
        whole.replace(words, f'{words[:-1]}\\x41"'), whole.replace(words, f'{words[:-1]}\\u00g0"'),
        whole.replace(words, f'{words[:-1]}\\"'), whole.replace('"', "“", 1), whole.replace("{", "｛", 1),
        f"{{{one}， {other}}}",
    ])  # fmt: skip


def _nested(draw: random.Random, fields: list[Field]) -> str:
    depth = draw.choice([1, 2, 50, 900, 1_100, 5_000]) if draw.random() < 0.95 else 100_000
    opened, closed = draw.choice([("[", "]"), ('{"a":', "}")])
    core = "1" if opened != "[" or draw.random() < 0.5 else ""
    tower = opened * depth + core + closed * draw.choice([depth, depth, depth - 1])
    if draw.random() < 0.3:
        return tower
    changed = draw.randrange(2)
    return write(draw, [(name, tower if index == changed else value) for index, (name, value) in enumerate(fields)])


def _no_verdict(draw: random.Random) -> tuple[str, Said]:
    name = draw.choice(LABELS)
    at = draw.randrange(len(name))
    wrong = draw.choice([
        quote(draw, name[:at] + draw.choice(INVISIBLE + CONTROL + " \n") + name[at:]),
        quote(draw, name[:at] + draw.choice(LOOKALIKES[name[at]]) + name[at + 1 :]),
        quote(draw, any_label(draw)), quote(draw, broken_label(draw)), quote(draw, f" {name}"), quote(draw, f"{name}."),
        *(quote(draw, word) for word in WORDS), *BAD_STRINGS, quote(draw, f"{name} {name}"), '"\\ud83d"',
    ])  # fmt: skip
    return write(draw, draw.sample([("explanation", _words(draw)), ("verdict", wrong)], 2)), None


def _no_score(draw: random.Random) -> tuple[str, Said]:
    wrong = draw.choice([draw.choice(BAD_SCORES), draw.choice(NOT_NUMBERS), quote(draw, str(draw.randint(1, 10)))])
    return write(draw, draw.sample([("reason", _words(draw)), ("score", wrong)], 2)), None


VERDICT_OBJECTS = _productions(_verdict_fields, spoil=_no_verdict)
SCORE_OBJECTS = _productions(_score_fields, spoil=_no_score)
