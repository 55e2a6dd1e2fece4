"""What an evaluation would take, and what of it is there already."""

from collections import Counter
from dataclasses import dataclass
from itertools import chain

from arena_write.evaluation.estimate import Estimate
from arena_write.evaluation.fitting import check_context
from arena_write.evaluation.pipeline import Pipeline
from arena_write.evaluation.prepare import prepare_run
from arena_write.evaluation.request import EvaluationRequest
from arena_write.evaluation.work import Say, make_pipeline, recorded_of
from arena_write.generators.live import LiveModel


@dataclass(frozen=True, slots=True)
class Outlook:
    """What an evaluation would take.

    Args:
        estimates: The calls, by what they do.
        stored: What is stored of it already, in words; nothing where nothing is.
        to_judge: Cells that are still to be judged, with calls or without.
    """

    estimates: list[Estimate]
    stored: str
    to_judge: int

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to do."""
        return not self.to_judge and not any(estimate.calls for estimate in self.estimates)


def plan_evaluation(request: EvaluationRequest, say: Say) -> Outlook:
    """Return what an evaluation would take; nothing is written, and nobody is asked.

    Raises:
        SetupError: See `run_evaluation`, for this and what else is raised.
    """
    ready = prepare_run(request, say)
    outputs = list(ready.folder.outputs())
    outputs += chain.from_iterable(list(recorded_of(ready, outputs, run="plan")))
    pipeline = make_pipeline(request, ready, outputs, run="plan")
    check_context(pipeline, say)
    _, to_judge = pipeline.count_cells()
    return Outlook(pipeline.estimate(), _describe_stored(pipeline), to_judge)


def _describe_stored(pipeline: Pipeline) -> str:
    """Return what is stored, in words: answers of models that would be asked, and what is judged."""
    ready = pipeline.ready
    names = {
        source.entrant.id: source.entrant.name
        for participant in ready.participants
        if isinstance(source := participant.source, LiveModel)
    }
    rows = (row for prompt in pipeline.prompts for row in pipeline.stock.answers_to(prompt.text_id))
    answers = Counter(row.entrant for row in rows)
    parts = [f"{answers[entrant]} answers of {name}" for entrant, name in names.items() if answers[entrant]]
    found = [pipeline.join_prompt(prompt) for prompt in pipeline.prompts]
    settled = sum(one.settled for one in found)
    if settled:
        kinds = [name for name, plan in (("battles", ready.plans.battles), ("scores", ready.plans.scores)) if plan]
        parts.append(f"{settled} of {sum(one.cells for one in found)} {' and '.join(kinds)}")
    return ", ".join(parts)
