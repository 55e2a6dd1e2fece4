"""From a prompt, texts and a criterion to the messages that a judge is sent.

What calls share comes first, so that a server's prefix cache holds it: the system message (one per task and language),
the prompt, then the text shown first, then the other; for scores the prompt and the text, and the criteria last.
Material goes in whole and unchanged.
"""

from collections.abc import Mapping, Sequence

from judges.hashing import content_id, text_id
from judges.llm.fences import fence, fence_code
from judges.llm.language import template_language
from judges.llm.templates import Template, load_template
from judges.ports import BAND_NAMES, Criterion, Message, ReplyFormat

RENDERING = 1
"""Version of the code that renders, language detection and fences included; part of the templates' hash.

Raise it with any change here that changes a message.
"""


def render_comparison(prompt: str, first: str, second: str, *, reply_format: ReplyFormat) -> list[Message]:
    """Return the messages that ask which of two texts answers the prompt better."""
    template = load_template("pairwise", template_language(prompt))
    return _render(template, {"prompt": prompt, "first": first, "second": second}, reply_format)


def render_scoring(prompt: str, text: str, criterion: Criterion, *, reply_format: ReplyFormat) -> list[Message]:
    """Return the messages that ask for a score of a text on a criterion."""
    template = load_template("rubric", template_language(prompt))
    return _render(template, {"prompt": prompt, "text": text, "criterion": _describe(criterion)}, reply_format)


def render_joint_scoring(
    prompt: str, text: str, criteria: Sequence[Criterion], *, reply_format: ReplyFormat
) -> list[Message]:
    """Return the messages that ask for a score of a text on each of several criteria, numbered from 1 as they come."""
    template = load_template("joint", template_language(prompt))
    numbered = [(f"{template.names['criterion']} {number}", _describe(one)) for number, one in enumerate(criteria, 1)]
    shown = [prompt, text, *(described for _, described in numbered)]
    fences = (
        fence(described, name=name, end=template.names["end"], code=fence_code(described, shown))
        for name, described in numbered
    )
    materials = {"prompt": prompt, "text": text}
    return _render(template, materials, reply_format, shown=shown, written={"criteria": "\n\n".join(fences)})


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
    shown: Sequence[str] | None = None,
    written: Mapping[str, str] | None = None,
) -> list[Message]:
    """Fill a template.

    Args:
        materials: What is put between fences, by slot.
        shown: All material of the call, where it is more than `materials`.
        written: What goes into slots as it is.
    """
    shown = list(materials.values()) if shown is None else shown
    values = {
        slot: fence(text, name=template.names[slot], end=template.names["end"], code=fence_code(text, shown))
        for slot, text in materials.items()
    }
    user = template.fill({**values, **(written or {}), "reply": template.reply[reply_format]})
    return [Message("system", template.system), Message("user", user)]


def _describe(criterion: Criterion) -> str:
    bands = (f"{name}: {band}" for name, band in zip(BAND_NAMES, criterion.bands, strict=True))
    return "\n".join([criterion.name, criterion.description, *bands])
