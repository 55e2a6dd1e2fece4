"""Outputs that exist already: recorded by somebody, or brought along by a benchmark."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from arena_write.generators.answers import Answer
from arena_write.generators.profiles import Entrant
from judges import Usage, content_id, text_id


@dataclass(frozen=True)
class RecordedAnswer:
    """One recorded output.

    Args:
        prompt_id: Id of its prompt, where the file gives one.
        prompt_text: Text of its prompt, where the file gives it.
        prompt_hash: SHA-256 of its prompt's text, where the file gives that or the text.
        sample: Which of several answers to the prompt.
        answer: The answer, split from its thinking.
        finish_reason: Why the model stopped, where recorded.
        served_model: The model's name as recorded; a label, not an identity.
        usage: Tokens used, where recorded.
        seconds: Wall time of the call, where recorded.
        line: 1-based line in its file; `None` where there is no file.
    """

    prompt_id: str | None
    prompt_text: str | None
    prompt_hash: str | None
    sample: int
    answer: Answer
    finish_reason: str | None = None
    served_model: str | None = None
    usage: Usage = field(default_factory=Usage)
    seconds: float | None = None
    line: int | None = None

    @property
    def reference(self) -> str:
        """What the answer says of its prompt: the id, or else the hash of the text."""
        return self.prompt_id if self.prompt_id is not None else self.prompt_hash or ""


@dataclass(frozen=True)
class RecordedOutputs:
    """All outputs of one entrant, as recorded.

    Args:
        entrant: Whose they are.
        answers: The outputs, in the order of the file.
        path: The file; `None` for texts that a benchmark brings along.
        format: Name of the file's format.
    """

    entrant: Entrant
    answers: tuple[RecordedAnswer, ...]
    path: Path | None
    format: str


def recorded_model_id(answers: Iterable[RecordedAnswer]) -> str:
    """Return the id of a model that is known by its outputs alone, in any order.

    Any changed, added or missing answer makes it another model, so that new answers never settle under old keys; so
    does another failure or finish reason, which a board counts. Where a file gives ids of prompts the ids count,
    otherwise the hashes of their texts.
    """
    parts = sorted(
        [
            answer.reference,
            answer.sample,
            text_id(answer.answer.text),
            answer.answer.failure.value if answer.answer.failure else "",
            answer.finish_reason or "",
        ]
        for answer in answers
    )
    return "recorded:" + content_id("recorded", parts)
