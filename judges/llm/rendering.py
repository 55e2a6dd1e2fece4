"""From a prompt, texts and a criterion to the messages that a judge is sent.

What calls share comes first, so that a server's prefix cache holds it: the system message (one per task and language),
the prompt, then the text shown first, then the other; for scores the prompt and the text, and the criteria last.
Material goes in whole and unchanged, but for the spellings of control tokens where they are set apart (`spellings`).
"""

from collections.abc import Mapping, Sequence

from judges.hashing import content_id, text_id
from judges.llm.fences import fence, fence_code
from judges.llm.language import template_language
from judges.llm.spellings import set_apart
from judges.llm.templates import Template, load_template
from judges.ports import BAND_NAMES, Criterion, Message, ReplyFormat

RENDERING = 1
"""Version of the code that renders, language detection and fences included; part of the templates' hash.

Raise it with any change here that changes a message.
"""


def render_comparison(
    prompt: str, first: str, second: str, *, reply_format: ReplyFormat, apart: bool = False
) -> list[Message]:
    """Return the messages that ask which of two texts answers the prompt better.

    Args:
        prompt: What was asked of the writers.
        first: Text A.
        second: Text B.
        reply_format: How to answer.
        apart: Whether spellings of control tokens are set apart (`spellings`).
    """
    template = load_template("pairwise", template_language(prompt))
    return _render(template, {"prompt": prompt, "first": first, "second": second}, reply_format, apart=apart)


def render_scoring(
    prompt: str, text: str, criterion: Criterion, *, reply_format: ReplyFormat, apart: bool = False
) -> list[Message]:
    """Return the messages that ask for a score of a text on a criterion; see `render_comparison`."""
    template = load_template("rubric", template_language(prompt))
    materials = {"prompt": prompt, "text": text, "criterion": _describe(criterion)}
    return _render(template, materials, reply_format, apart=apart)


def render_joint_scoring(
    prompt: str, text: str, criteria: Sequence[Criterion], *, reply_format: ReplyFormat, apart: bool = False
) -> list[Message]:
    """Return the messages that ask for a score of a text on each of several criteria, numbered from 1 as they come."""
    template = load_template("joint", template_language(prompt))
    materials = {"prompt": prompt, "text": text}
    numbered = {"criteria": ("criterion", [_describe(one) for one in criteria])}
    return _render(template, materials, reply_format, apart=apart, numbered=numbered)


def shuffle_criteria(prompt: str, text: str, criteria: Sequence[Criterion], *, repeat: int) -> list[int]:
    """Return the places of criteria in the order in which a joint call shows them.

    Which criterion comes first may colour the rest, so it differs from text to text and from repeat to repeat. The
    order is that of a hash over prompt, text, repeat and criterion: anybody can compute it again, it does not depend on
    the order of `criteria`, and no row needs to hold it.
    """
    about = [text_id(prompt), text_id(text), repeat]
    return sorted(range(len(criteria)), key=lambda place: content_id("order", *about, criteria[place].id))


def _render(
    template: Template,
    materials: Mapping[str, str],
    reply_format: ReplyFormat,
    *,
    apart: bool,
    numbered: Mapping[str, tuple[str, Sequence[str]]] | None = None,
) -> list[Message]:
    """Fill a template.

    Args:
        materials: What is put between fences, by slot.
        numbered: Lists of such, each numbered from 1, by slot, with the name of their fences.
    """
    numbered = numbered or {}
    if apart:
        materials = {slot: set_apart(text) for slot, text in materials.items()}
        numbered = {slot: (name, [set_apart(text) for text in texts]) for slot, (name, texts) in numbered.items()}
    shown = [*materials.values(), *(text for _, texts in numbered.values() for text in texts)]
    values = {
        slot: fence(text, name=template.names[slot], end=template.names["end"], code=fence_code(text, shown))
        for slot, text in materials.items()
    }
    for slot, (name, texts) in numbered.items():
        values[slot] = "\n\n".join(
            fence(
                text,
                name=f"{template.names[name]} {number}",
                end=template.names["end"],
                code=fence_code(text, shown),
            )
            for number, text in enumerate(texts, 1)
        )
    user = template.fill({**values, "reply": template.reply[reply_format]})
    return [Message("system", template.system), Message("user", user)]


def _describe(criterion: Criterion) -> str:
    bands = (f"{name}: {band}" for name, band in zip(BAND_NAMES, criterion.bands, strict=True))
    return "\n".join([criterion.name, criterion.description, *bands])
