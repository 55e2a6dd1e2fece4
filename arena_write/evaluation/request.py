"""What `arena-write eval` was asked for."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from arena_write.serving.command import ServingOptions


class SetupError(Exception):
    """What was asked for cannot be run as asked: an error of usage."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationRequest:
    """What `arena-write eval` was asked for.

    Args:
        model: Address of the candidate; nothing to have the baselines judged among themselves.
        version: `NAME@STEP` of the candidate, where one server has several under one name at different times.
        benchmark: Name or path of the benchmark.
        baselines: Addresses of the baselines; none stands for the benchmark's own, or those already on the board.
        judge: Address of the judge; nothing stands for the default.
        judging: Whether anybody judges; otherwise answers are written and measured alone.
        preset: A published protocol whose settings are taken; see `presets`.
        rubric: How answers are scored on the criteria of their prompts: one call for `each` criterion, all of them
            `joint` in one call, or `none`.
        judge_prompt: File of WritingBench's official prompt, or `none` for words of our own; nothing stands for the
            file that lies beside WritingBench's queries, where there is one.
        judge_format: How the judge must answer: `text` or `json_schema`.
        judge_preset: Settings with which the judge is asked.
        judge_context: Tokens that the judge reads and writes in one call, at most.
        results: The results folder.
        profile: Preset or file of the profile with which models are asked.
        orders: Whether the baselines' texts are compared in both orders, or in one that is drawn.
        samples: Answers a prompt that the candidate writes.
        limit: Only the first prompts.
        language: Only prompts in this language.
        domain: Only prompts of this domain.
        requirement: Only prompts with this requirement, such as `length`.
        sample: Only so many prompts, drawn at random.
        seed: Draws the seeds of the answers, and the prompts of a sample.
        max_connections: Calls at a time to each server, at most.
        min_coverage: Share of an entrant's cells that must be decided before it is rated.
        retry_invalid: Judge again what three attempts left without a valid verdict.
        max_cost: US dollars that the run may spend; no bound where `None`.
        max_calls: Calls that the run may make; no bound where `None`.
        time_budget: Seconds after which the run begins no further call; no bound where `None`.
        price: What calls cost that no list knows, in US dollars per million tokens in and out.
        identity: Whether every byte of a checkpoint's weights decides who it is, or samples of them.
        trust_remote_code: Whether code that a checkpoint brings along may run.
        allow_slow: Whether a checkpoint may work for longer than half an hour on a CPU.
        serving: How models are served here, where vLLM runs them.
        command: The command line, for the log.
    """

    model: str | None
    version: str | None = None
    benchmark: str
    baselines: tuple[str, ...]
    judge: str | None
    judging: bool
    preset: str | None = None
    rubric: Literal["each", "joint", "none"]
    judge_prompt: str | None = None
    judge_format: Literal["text", "json_schema"]
    judge_preset: str | None
    judge_context: int | None
    results: Path
    profile: str | None
    orders: Literal["both", "one"] = "both"
    samples: int = 1
    limit: int | None
    language: str | None
    domain: str | None
    requirement: str | None = None
    sample: int | None = None
    seed: int
    max_connections: int
    min_coverage: float
    retry_invalid: bool
    max_cost: float | None
    max_calls: int | None
    time_budget: float | None = None
    price: tuple[float, float] | None
    identity: Literal["full", "fast"] = "full"
    trust_remote_code: bool
    allow_slow: bool
    serving: ServingOptions = field(default_factory=ServingOptions)
    command: tuple[str, ...]
