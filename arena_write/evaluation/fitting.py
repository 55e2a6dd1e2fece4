"""Whether the judge can read what it will be shown, as far as that is known before anyone is asked.

Judging measures every call again, just before it is made: only there is every text known.
"""

from collections.abc import Callable
from dataclasses import dataclass

from arena_write.benchmarks.prompts import Prompt
from arena_write.evaluation.estimate import answer_tokens
from arena_write.evaluation.pipeline import Pipeline
from arena_write.evaluation.request import SetupError
from arena_write.judging import EXCLUDED_AT_MOST, ContextError, HiredJudge
from arena_write.judging.sizes import TEMPLATE_TOKENS, count_call


@dataclass(frozen=True, slots=True)
class _Sizes:
    """Tokens of the largest call about a prompt: what it takes at least, and what it will probably take."""

    least: int
    likely: float


def check_context(pipeline: Pipeline, say: Callable[[str], None]) -> None:
    """Refuse a judge that cannot read what is there already, and warn where it will hardly read what is to come.

    Args:
        pipeline: The run's work, not begun.
        say: Tells the user one line.

    Raises:
        SetupError: The judge's context has no room for any text.
        ContextError: The texts of more than 2 % of the prompts are known not to fit.
    """
    bench = pipeline.ready.bench
    if bench is None or bench.hired.context is None:
        return
    room = _room(bench.hired, bench.hired.context)
    sizes = {prompt.text_id: _measure(pipeline, prompt) for prompt in pipeline.prompts}
    excluded = pipeline.judged.excluded
    prompts = len(pipeline.prompts) + len(excluded)
    certain = len(excluded) + sum(size.least > room for size in sizes.values())
    if certain > EXCLUDED_AT_MOST * prompts:
        raise ContextError(certain, prompts)
    likely = len(excluded) + sum(size.likely > room for size in sizes.values())
    if likely > EXCLUDED_AT_MOST * prompts:
        say(
            f"with answers as long as their prompts ask for, the texts of {likely} of {prompts} prompts will probably "
            f"not fit whole into the {bench.hired.context} tokens of --judge-context, and where more than "
            f"{EXCLUDED_AT_MOST:.0%} do not fit the judge is refused, after they are written: choose a judge with a "
            "longer context first"
        )


def _room(hired: HiredJudge, context: int) -> int:
    """Return the tokens that there are for template and texts.

    Raises:
        SetupError: There are none for texts.
    """
    room = context - hired.reply_budget
    if room <= TEMPLATE_TOKENS:
        raise SetupError(
            f"the {context} tokens of --judge-context hold no text at all: a reply of {hired.judge.spec.name} may take "
            f"{hired.reply_budget}, and its template up to {TEMPLATE_TOKENS}. State the judge's real context, name a "
            "--judge-preset with a shorter reply, or choose a judge with a longer context"
        )
    return room


def _measure(pipeline: Pipeline, prompt: Prompt) -> _Sizes:
    """Return how large the largest call about a prompt is."""
    found, stock = pipeline.join_prompt(prompt), pipeline.stock
    least = max((count_call(question.material(stock.texts)) for question in found.questions), default=0)
    budgets = [task.live.reply_budget for task in pipeline.writing.tasks if task.prompt is prompt]
    if not budgets or not found.waiting:
        return _Sizes(least, least)
    answer = answer_tokens(prompt.length, budget=max(budgets))
    coming = answer.low if prompt.length is None else answer.middle
    shown, unwritten = [prompt.text], 1
    battles = pipeline.ready.plans.battles
    if battles and found.waiting_battles:
        compared = {entry.entrant for entry in battles.entries}
        there = [row.text for row in stock.answers_to(prompt.text_id) if row.entrant in compared]
        shown += sorted(there, key=len)[-1:]
        unwritten = 2 - bool(there)
    waits = count_call(shown)
    return _Sizes(max(least, waits), max(least, waits + unwritten * coming))
