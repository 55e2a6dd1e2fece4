"""Joining recorded answers to the prompts of a benchmark: by id or by exact text, never by position."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from arena_write.benchmarks.prompts import BaselineTexts, Prompt
from arena_write.generators.answers import clean_text, split_answer
from arena_write.generators.errors import MissingAnswersError, PromptMismatchError
from arena_write.generators.outputs import RecordedAnswer, RecordedOutputs, recorded_model_id
from arena_write.generators.profiles import RECORDED, Entrant
from arena_write.jsonl import located


@dataclass(frozen=True)
class MatchedAnswers:
    """Recorded answers, joined to prompts.

    Args:
        answers: For each prompt with an answer its samples, by `Prompt.text_id` and sample number.
        missing: Ids of the prompts without any answer, in the order of the prompts.
        unmatched: Answers whose prompt is not among the prompts, in the order of the file.
    """

    answers: Mapping[str, Mapping[int, RecordedAnswer]]
    missing: tuple[str, ...]
    unmatched: tuple[RecordedAnswer, ...]


def match_answers(recorded: RecordedOutputs, prompts: Sequence[Prompt]) -> MatchedAnswers:
    """Join recorded answers to prompts by id, or by the prompt's exact text where the id is not known.

    Raises:
        PromptMismatchError: An answer has a prompt's id but was written for another text, or two answers turn out to be
            the same sample of one prompt.
    """
    by_id = {prompt.id: prompt for prompt in prompts}
    by_hash = {prompt.text_id: prompt for prompt in prompts}
    answers: dict[str, dict[int, RecordedAnswer]] = {}
    unmatched = []
    for answer in recorded.answers:
        prompt = by_id.get(answer.prompt_id) if answer.prompt_id is not None else None
        if prompt and answer.prompt_hash not in {None, prompt.text_id}:
            raise PromptMismatchError(
                f"{_place(recorded, answer)}: the answer to prompt {prompt.id!r} was written for another text than the "
                "benchmark's: use the benchmark that it was written for"
            )
        if prompt is None and answer.prompt_hash is not None:
            prompt = by_hash.get(answer.prompt_hash)
        if prompt is None:
            unmatched.append(answer)
            continue
        samples = answers.setdefault(prompt.text_id, {})
        if answer.sample in samples:
            raise PromptMismatchError(
                f"{_place(recorded, answer)}: a second answer to prompt {prompt.id!r}, sample {answer.sample}; "
                f"the first is in line {samples[answer.sample].line}: remove one, or number them with `sample`"
            )
        samples[answer.sample] = answer
    missing = tuple(prompt.id for prompt in prompts if prompt.text_id not in answers)
    return MatchedAnswers(answers, missing, tuple(unmatched))


def require_answers(name: str, matched: MatchedAnswers) -> None:
    """Refuse answers that leave a prompt open, as an entrant that anchors ratings must not.

    Raises:
        MissingAnswersError: A prompt has no answer.
    """
    if matched.missing:
        raise MissingAnswersError(name, matched.missing, len(matched.missing) + len(matched.answers))


def baseline_outputs(baseline: BaselineTexts) -> RecordedOutputs:
    """Turn a baseline that a benchmark brings along into an entrant with outputs.

    It is the same entrant as one read from a file with the same ids and texts.
    """
    answers = tuple(
        RecordedAnswer(prompt_id, None, None, 0, split_answer(clean_text(text)))
        for prompt_id, text in baseline.texts.items()
    )
    return RecordedOutputs(Entrant(baseline.name, recorded_model_id(answers), RECORDED), answers, None, "benchmark")


def _place(recorded: RecordedOutputs, answer: RecordedAnswer) -> str:
    return located(recorded.path or recorded.entrant.name, answer.line)
