"""The words a judge is given, as data: `judges/templates/<version>/<task>.<language>.toml`.

The files of comparisons and of scores one at a time are one bundle with one hash (`identity`), those of joint scores
another: another wording is another judge, and new words for one of the two leave the other judge what it is.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal, get_args

from judges.llm.language import TemplateLanguage

Task = Literal["pairwise", "rubric", "joint"]

TEMPLATES_VERSION = "v1"

_SLOT = re.compile(r"\{([a-z]+)\}")
_SLOTS = {
    "pairwise": ("prompt", "first", "second", "reply"),
    "rubric": ("prompt", "text", "criterion", "reply"),
    "joint": ("prompt", "text", "criteria", "reply"),
}


@dataclass(frozen=True)
class Template:
    """The words for one task in one language.

    Args:
        system: The system message.
        reply: How to answer, by reply format.
        names: What the fence of each slot is called, and `end`.
        pieces: The user message, split at its slots: words and slot names in turn, words first and last.
    """

    system: str
    reply: Mapping[str, str]
    names: Mapping[str, str]
    pieces: tuple[str, ...]

    def fill(self, values: Mapping[str, str]) -> str:
        """Return the user message with each slot replaced by its value.

        The template is split at its slots once, when it is read, and values are only joined in: nothing in a value is
        ever looked at, so braces, dollars and slot names in an essay are text.
        """
        return "".join(piece if index % 2 == 0 else values[piece] for index, piece in enumerate(self.pieces))


def load_template(task: Task, language: TemplateLanguage) -> Template:
    """Return the words for a task in a language."""
    return _templates()[task, language]


@cache
def read_bundle() -> Mapping[str, Mapping[str, str]]:
    """Return what the files of comparisons and of single scores say, by file name without its ending."""
    return _read("pairwise", "rubric")


@cache
def read_joint_bundle() -> Mapping[str, Mapping[str, str]]:
    """Return what the files of joint scores say, by file name without its ending."""
    return _read("joint")


def _read(*tasks: Task) -> Mapping[str, Mapping[str, str]]:
    folder = files("judges") / "templates" / TEMPLATES_VERSION
    return {
        f"{task}.{language}": tomllib.loads((folder / f"{task}.{language}.toml").read_text(encoding="utf-8"))
        for task in tasks
        for language in get_args(TemplateLanguage)
    }


@cache
def _templates() -> dict[tuple[Task, TemplateLanguage], Template]:
    bundle = {**read_bundle(), **read_joint_bundle()}
    return {
        (task, language): _make(task, bundle[f"{task}.{language}"])
        for task in get_args(Task)
        for language in get_args(TemplateLanguage)
    }


def _make(task: Task, fields: Mapping[str, str]) -> Template:
    pieces = tuple(_SLOT.split(fields["user"].strip("\n")))
    if pieces[1::2] != _SLOTS[task]:
        raise ValueError(f"a {task} template has the slots {pieces[1::2]}, expected {_SLOTS[task]} in this order")
    return Template(
        system=fields["system"].strip("\n"),
        reply={"text": fields["reply_text"].strip("\n"), "json_schema": fields["reply_json"].strip("\n")},
        names={name.removeprefix("fence_"): value for name, value in fields.items() if name.startswith("fence_")},
        pieces=pieces,
    )
