"""How a run's answers are scored: in whose words, and how many criteria a call."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from arena_write.benchmarks.prompts import Benchmark
from arena_write.benchmarks.schemas import WRITINGBENCH
from arena_write.evaluation.request import EvaluationRequest, SetupError
from judges import Rubric
from judges.llm import OfficialPrompt, find_official_prompt, read_official_prompt

OWN_WORDS = "none"
"""What `--judge-prompt` says for words of our own."""


@dataclass(frozen=True, slots=True)
class ChosenRubric:
    """How answers are scored.

    Args:
        rubric: By which way.
        official: The official prompt, for the way of that name.
    """

    rubric: Rubric = "each"
    official: OfficialPrompt | None = None


def choose_rubric(request: EvaluationRequest, benchmark: Benchmark, say: Callable[[str], None]) -> ChosenRubric:
    """Return how the answers of a run are scored.

    WritingBench is scored with its official prompt where that is given, or lies beside its queries, and in our own
    words otherwise, which is then another judge and another name of the column.

    Raises:
        SetupError: What was asked for does not go together.
        OfficialPromptError: The official prompt cannot be read.
    """
    if request.preset is not None and benchmark.schema != WRITINGBENCH:
        raise SetupError(
            f"--preset {request.preset} is a protocol of WritingBench, and {request.benchmark} holds no queries of it: "
            "give them with --benchmark, or leave out --preset"
        )
    given = request.judge_prompt not in (None, OWN_WORDS)
    if given and request.rubric != "each":
        raise SetupError(
            f"--judge-prompt asks for one criterion a call, and --rubric {request.rubric} for something else: leave "
            "one of the two out"
        )
    found = _find(request, benchmark)
    if request.rubric == "joint":
        if found is not None:
            say(f"{found} is not used: --rubric joint asks in words of arena-write")
        return ChosenRubric("joint")
    if request.rubric == "none" or found is None:
        if request.preset is not None:
            raise SetupError(
                f"--preset {request.preset} asks with the official prompt of WritingBench: give the prompt.py of your "
                "copy of its repository with --judge-prompt. For the same settings with words of arena-write, put "
                "--judge-preset writingbench --profile writingbench in the place of --preset"
            )
        return ChosenRubric()
    if request.judge_format != "text":
        raise SetupError(
            f"the official prompt in {found} states its own form of the reply, and --judge-format "
            f"{request.judge_format} another: leave --judge-format out, or ask in words of arena-write with "
            f"--judge-prompt {OWN_WORDS}"
        )
    official = read_official_prompt(found)
    if not given:
        say(
            f"scores are asked for with the official prompt in {found}; --judge-prompt {OWN_WORDS} asks in words of "
            "arena-write"
        )
    return ChosenRubric("official", official)


def _find(request: EvaluationRequest, benchmark: Benchmark) -> Path | None:
    if request.judge_prompt == OWN_WORDS:
        return None
    if request.judge_prompt is not None:
        return Path(request.judge_prompt).expanduser()
    if benchmark.schema != WRITINGBENCH or benchmark.folder is None:
        return None
    return find_official_prompt(benchmark.folder)
