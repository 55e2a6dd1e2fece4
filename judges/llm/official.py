"""The official prompt of WritingBench, read from the user's copy of its `prompt.py`: never executed, never kept here.

That file assigns two strings, the judge's system message and a template of `str.format` with the slots `{criteria}`,
`{query}` and `{response}`. It is parsed as Python and nothing in it is run: what is taken is a string that is written
out, adjacent ones joined, with `.strip()` behind it or not.
"""

import ast
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Formatter

from judges.hashing import content_id
from judges.ports import BAND_NAMES, Criterion, Message

SYSTEM_NAME, PROMPT_NAME = "evaluate_system", "evaluate_prompt"
"""What the official script imports from the file."""
FILE_NAME = "prompt.py"
SLOTS = ("criteria", "query", "response")
_NOT_WRITTEN_OUT: Mapping[type[ast.expr], str] = {
    ast.JoinedStr: "an f-string",
    ast.BinOp: "put together by an operator",
    ast.Call: "what a call returns",
    ast.Name: "another name",
}
_MOST_BYTES = 1_000_000
_QUERIES = "benchmark_query"
_LEVELS = 4
"""From the official repository's folder down to its deepest file of queries: benchmark_query/requirement/length."""


class OfficialPromptError(ValueError):
    """The file is not such a prompt file; names file and line, and the mend. An error of usage."""


@dataclass(frozen=True, slots=True)
class OfficialPrompt:
    """The two texts of the official prompt.

    Args:
        system: The system message, sent as it is.
        user: The template of the user message.

    Raises:
        OfficialPromptError: The template has other slots than those three, or is none.
    """

    system: str
    user: str

    def __post_init__(self) -> None:
        """Refuse a template that cannot be filled, or that reaches into what it is filled with."""
        try:
            parts = [(name, spec, turn) for _, name, spec, turn in Formatter().parse(self.user) if name is not None]
        except ValueError as error:
            raise OfficialPromptError(f"{PROMPT_NAME} is no template of str.format: {error}") from None
        for name, spec, turn in parts:
            if name not in SLOTS or spec or turn:
                shown = name + (f"!{turn}" if turn else "") + (f":{spec}" if spec else "")
                raise OfficialPromptError(
                    f"{PROMPT_NAME} has the slot {{{shown:.60}}}; it has {_in_words(SLOTS)} and no others, and braces "
                    "that are text are doubled"
                )
        missing = [slot for slot in SLOTS if slot not in {name for name, _, _ in parts}]
        if missing:
            raise OfficialPromptError(f"{PROMPT_NAME} has no slot {_in_words(missing)}")

    @property
    def id(self) -> str:
        """Hash of the two texts, wherever they were read from."""
        return content_id("official-prompt", self.system, self.user)

    def render(self, prompt: str, text: str, criterion: Criterion) -> list[Message]:
        """Return the messages that ask for a score, as the official script builds them.

        The criterion is Python's notation of a dict with the benchmark's own keys, in single quotes mostly. Nothing is
        put around the text: this prompt has no fences, and an answer can write what looks like the rest of it. Braces
        in what is filled in are text.
        """
        criteria = {"name": criterion.name, "criteria_description": criterion.description}
        criteria |= dict(zip(BAND_NAMES, criterion.bands, strict=True))
        user = self.user.format(criteria=criteria, query=prompt, response=text)
        return [Message("system", self.system), Message("user", user)]


def read_official_prompt(path: Path) -> OfficialPrompt:
    """Read `evaluate_system` and `evaluate_prompt` from a Python file without executing any of it.

    Raises:
        OfficialPromptError: The file cannot be read or parsed, or a text is not there, is there twice, or is not
            written out.
    """
    source = _read(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # such as of an escape that means nothing: it is not our code
            tree = ast.parse(source, filename=str(path))
    except SyntaxError as error:
        raise OfficialPromptError(
            f"{path}:{error.lineno or 1}: this is not Python ({error.msg}); restore the file from the official "
            "repository"
        ) from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise OfficialPromptError(f"{path} cannot be parsed as Python: {error or type(error).__name__}") from None
    system, user = (_find(tree, name, path) for name in (SYSTEM_NAME, PROMPT_NAME))
    try:
        return OfficialPrompt(system, user)
    except OfficialPromptError as error:
        raise OfficialPromptError(f"{path}: {error}; restore the file from the official repository") from None


def find_official_prompt(folder: Path) -> Path | None:
    """Return the official `prompt.py` that belongs to a folder of queries, where there is one.

    It lies in that folder itself, or beside the `benchmark_query` of the official repository that the folder is in.
    """
    if (folder / FILE_NAME).is_file():
        return folder / FILE_NAME
    for above in [folder, *folder.resolve().parents][:_LEVELS]:
        if (above / FILE_NAME).is_file() and (above / _QUERIES).is_dir():
            return above / FILE_NAME
    return None


def _read(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise OfficialPromptError(
            f"the official prompt {path} cannot be read: {error.strerror or error}; give the path of {FILE_NAME} in "
            "your copy of the WritingBench repository"
        ) from None
    if len(data) > _MOST_BYTES:
        raise OfficialPromptError(f"{path} has {len(data):,} bytes, and a prompt file has a few thousand")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise OfficialPromptError(f"{path}: byte {error.start} is not UTF-8; save the file as UTF-8") from None


def _find(tree: ast.Module, name: str, path: Path) -> str:
    """Return the string that a module assigns to a name, once and at its top level."""
    bound = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id == name and _binds(node)]
    if not bound:
        raise OfficialPromptError(
            f"{path}: no string is assigned to {name}; the official file assigns {SYSTEM_NAME} and {PROMPT_NAME} at "
            "its top level"
        )
    if len(bound) > 1:
        lines = ", ".join(str(line) for line in sorted(node.lineno for node in bound))
        raise OfficialPromptError(f"{path}: {name} is assigned in lines {lines}; leave one assignment")
    value = next((value for target, value in _assignments(tree) if target is bound[0]), None)
    line = bound[0].lineno
    if value is None:
        raise OfficialPromptError(
            f"{path}:{line}: {name} is not assigned by itself at the top level of the file; write {name} = and the text"
        )
    written, stripped = _unstrip(value)
    if not isinstance(written, ast.Constant) or not isinstance(written.value, str):
        found = _NOT_WRITTEN_OUT.get(type(written), "something else")
        raise OfficialPromptError(
            f"{path}:{line}: {name} is not a string that is written out, but {found}, and no code of this file is ever "
            "run; write the whole text as one string, with .strip() behind it at most"
        )
    text = written.value.strip() if stripped else written.value
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise OfficialPromptError(f"{path}:{line}: {name} holds half of a character (a lone surrogate)") from None
    return text


def _binds(node: ast.Name) -> bool:
    return not isinstance(node.ctx, ast.Load)


def _assignments(tree: ast.Module) -> list[tuple[ast.expr, ast.expr | None]]:
    """Return target and value of each plain assignment at the top level."""
    found: list[tuple[ast.expr, ast.expr | None]] = []
    for node in tree.body:
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            found.append((node.targets[0], node.value))
        elif isinstance(node, ast.AnnAssign):
            found.append((node.target, node.value))
    return found


def _unstrip(node: ast.expr) -> tuple[ast.expr, bool]:
    """Return what `.strip()` is called on, and that it is; any other expression as it is."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and not (node.args or node.keywords):
        return (node.func.value, True) if node.func.attr == "strip" else (node, False)
    return node, False


def _in_words(slots: tuple[str, ...] | list[str]) -> str:
    return ", ".join(f"{{{slot}}}" for slot in slots)
