"""Who takes part: the candidate and the baselines, opened and checked."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from arena_write.battles.plan import Plan, Role
from arena_write.benchmarks.prompts import Benchmark, Prompt
from arena_write.evaluation.request import EvaluationRequest, SetupError
from arena_write.generators.live import LiveModel
from arena_write.generators.matching import MatchedAnswers, baseline_outputs, match_answers, require_answers
from arena_write.generators.opening import ModelOptions, open_model
from arena_write.generators.outputs import RecordedOutputs
from arena_write.generators.profiles import Entrant
from arena_write.names import counted


@dataclass(frozen=True, slots=True)
class Participant:
    """An entrant in its role, with its recorded answers or the model that gives them.

    Args:
        role: Baseline or candidate.
        source: Where its answers come from.
        matched: Recorded answers joined to the benchmark's prompts; nothing for a model that is asked.
        samples: Answers a prompt.
    """

    role: Role
    source: RecordedOutputs | LiveModel
    matched: MatchedAnswers | None
    samples: int = 1

    @property
    def origin(self) -> Literal["generated", "recorded"]:
        """Where its answers come from."""
        return "recorded" if isinstance(self.source, RecordedOutputs) else "generated"

    @property
    def entrant(self) -> Entrant:
        """Who it is."""
        return self.source.entrant


def open_participants(
    request: EvaluationRequest, benchmark: Benchmark, saved: Plan | None, options: ModelOptions
) -> tuple[Participant | None, list[Participant]]:
    """Open the candidate, if there is one, and the baselines.

    Baselines are those given, else the benchmark's own, else those of the saved plan.

    Baselines of the saved plan that nobody named again are not among those returned; their answers are stored.

    Raises:
        GeneratorError: A model or its outputs cannot be used.
    """
    candidate = None
    if request.model is not None:
        model = open_model(request.model, options, version=request.version)
        candidate = _participant("candidate", model, benchmark, samples=request.samples)
    sources = [open_model(address, options) for address in request.baselines]
    if not sources:
        own = [baseline_outputs(texts) for texts in benchmark.baselines]
        sources = [outputs for outputs in own if saved is None or outputs.entrant.id in saved.baselines]
    return candidate, [_participant("baseline", source, benchmark) for source in sources]


def _participant(
    role: Role, source: RecordedOutputs | LiveModel, benchmark: Benchmark, *, samples: int = 1
) -> Participant:
    matched = match_answers(source, benchmark.prompts) if isinstance(source, RecordedOutputs) else None
    return Participant(role, source, matched, samples)


def check_participants(
    candidate: Participant | None,
    baselines: Sequence[Participant],
    *,
    benchmark: Benchmark,
    prompts: Sequence[Prompt],
    request: EvaluationRequest,
    say: Callable[[str], None],
) -> None:
    """Refuse what cannot give a board, before anything is written or paid for.

    Raises:
        SetupError: Somebody takes part twice, or no answer is to one of the prompts.
        MissingAnswersError: A recorded baseline leaves a prompt open.
    """
    ids = [participant.entrant.id for participant in (candidate, *baselines) if participant is not None]
    if len(set(ids)) < len(ids):
        raise SetupError(
            "two of the model and its baselines have the same outputs: name each once, by --model or by --baseline"
        )
    for baseline in baselines:
        if isinstance(baseline.source, RecordedOutputs):
            require_answers(baseline.entrant.name, match_answers(baseline.source, prompts))
    if candidate is not None and isinstance(candidate.source, RecordedOutputs):
        _check_recorded(candidate.source, benchmark=benchmark, prompts=prompts, request=request, say=say)


def _check_recorded(
    outputs: RecordedOutputs,
    *,
    benchmark: Benchmark,
    prompts: Sequence[Prompt],
    request: EvaluationRequest,
    say: Callable[[str], None],
) -> None:
    name, matched = outputs.entrant.name, match_answers(outputs, prompts)
    if not matched.answers:
        raise SetupError(
            f"none of the {len(outputs.answers)} answers of {name} is to a prompt of {request.benchmark}: "
            "give the benchmark that they were written for with --benchmark"
        )
    foreign = len(match_answers(outputs, benchmark.prompts).unmatched)
    if foreign:
        say(f"{foreign} of the {len(outputs.answers)} answers of {name} are to no prompt of {request.benchmark}")
    unused = sum(len(samples) for samples in matched.answers.values()) - sum(
        sample < request.samples for samples in matched.answers.values() for sample in samples
    )
    if unused:
        further = "is a further sample" if unused == 1 else "are further samples"
        say(f"{counted(unused, 'answer')} of {name} {further}; --samples says how many a prompt are compared")
    if matched.missing:
        say(f"{name} has no answer to {len(matched.missing)} of {len(prompts)} prompts; their battles stay missing")
