"""With which settings a judge is asked, by declared presets and a declared table of models: nothing is ever probed.

What comes out goes into the judge's id, so two judges that were asked differently are two judges.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from judges.llm.identity import template_id
from judges.llm.official import OfficialPrompt
from judges.ports import JudgeSpec, ReplyFormat, Rubric

_BOUNDARIES = "-.:@"


class UnknownPresetError(ValueError):
    """A name is of no preset. An error of usage."""


def preset_names() -> tuple[str, ...]:
    """Return the names of all presets."""
    return tuple(_tables()["presets"])


def resolve_decoding(name: str, preset: str | None = None) -> dict[str, Any]:
    """Return the settings with which the model of this name is asked to judge.

    The names of the settings are those of a profile; `max_tokens` is the budget of the answer and `thinking_tokens`
    that of the thinking beside it.

    Args:
        name: The model's name as its server knows it. What stands before the last slash (an organisation) is not
            looked at. Names are compared as they are, case included, from the beginning up to the end or to one of
            `-.:@`, so that `o3` is not `o30`.
        preset: Name of a preset. `None` takes the one that the table has for this model, else `default`.

    Raises:
        UnknownPresetError: There is no such preset.
    """
    known = _find_model(name.rsplit("/", 1)[-1])
    chosen = preset if preset is not None else known.get("preset", "default")
    presets = _tables()["presets"]
    if chosen not in presets:
        raise UnknownPresetError(f"there is no judge preset {chosen!r}; there are {', '.join(presets)}")
    decoding = {setting: value for setting, value in presets[chosen].items() if setting not in known.get("refuses", ())}
    for setting, other in known.get("not_with", {}).items():
        if other in decoding:
            decoding.pop(setting, None)
    return decoding


def make_spec(
    model_id: str,
    name: str,
    *,
    preset: str | None = None,
    reply_format: ReplyFormat = "text",
    rubric: Rubric = "each",
    official: OfficialPrompt | None = None,
    apart: bool = False,
) -> JudgeSpec:
    """Return the identity of an LLM judge, without asking anyone.

    Args:
        model_id: Identity of the model: `ChatModel.id`.
        name: The model's name as its server knows it; also the judge's name for people.
        preset: See `resolve_decoding`.
        reply_format: `text` or `json_schema`.
        rubric: How it scores.
        official: The official prompt, where it scores with that.
        apart: Whether spellings of control tokens are set apart (`spellings`): for a server that may obey them.

    Raises:
        UnknownPresetError: There is no such preset.
        ValueError: The reply format is `none`, or does not go with the official prompt.
    """
    if reply_format == "none":
        raise ValueError("the reply format of an LLM judge is text or json_schema")
    if official is not None and reply_format != "text":
        raise ValueError("the official prompt states its own form of the reply: its reply format is text")
    return JudgeSpec(
        name=name,
        model=model_id,
        template=template_id(rubric, official, apart=apart),
        decoding=resolve_decoding(name, preset),
        reply_format=reply_format,
        rubric=rubric,
    )


def reply_budget(spec: JudgeSpec) -> int:
    """Return the tokens that a judge's reply may take, thinking included: what `fits` wants to know."""
    return int(spec.decoding.get("max_tokens", 0)) + int(spec.decoding.get("thinking_tokens", 0))


def _find_model(name: str) -> Mapping[str, Any]:
    found: tuple[int, Mapping[str, Any]] = (0, {})
    for entry in _tables()["models"]:
        for start in entry["names"]:
            fits = name == start or (name.startswith(start) and name[len(start)] in _BOUNDARIES)
            if fits and len(start) > found[0]:
                found = (len(start), entry)
    return found[1]


@cache
def _tables() -> dict[str, Any]:
    return tomllib.loads((files("judges.llm") / "presets.toml").read_text(encoding="utf-8"))
