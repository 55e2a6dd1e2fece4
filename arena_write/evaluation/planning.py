"""The plan of a run, and how it joins the board's."""

from collections.abc import Sequence

from arena_write.battles.plan import Entry, Plan
from arena_write.benchmarks.prompts import Benchmark, Prompt
from arena_write.evaluation.entrants import Participant
from arena_write.evaluation.request import SetupError
from arena_write.store import BenchmarkFolder


def make_plan(
    benchmark: Benchmark,
    candidate: Participant,
    baselines: Sequence[Participant],
    *,
    prompts: Sequence[Prompt],
    saved: Plan | None,
) -> Plan:
    """Return what this run compares: the candidate with each baseline, and the baselines with each other."""
    chosen = None if len(prompts) == len(benchmark.prompts) else tuple(prompt.text_id for prompt in prompts)
    anchors = [baseline.entrant.id for baseline in baselines] or list(saved.baselines if saved else ())
    entries = [Entry(anchor, "baseline", prompts=chosen) for anchor in anchors]
    entries.append(Entry(candidate.entrant.id, "candidate", samples=candidate.samples, prompts=chosen))
    return Plan(benchmark=benchmark.id, entries=tuple(entries))


def join_board(folder: BenchmarkFolder, saved: Plan | None, plan: Plan) -> Plan:
    """Return the plan of the board with this run's added.

    Raises:
        SetupError: The board has other baselines, or holds the candidate as one.
    """
    if saved is None:
        return plan
    names = {row.entrant: row.entrant_name for row in folder.outputs()}
    if set(saved.baselines) != set(plan.baselines):
        known = ", ".join(sorted(names.get(entrant, entrant[:8]) for entrant in saved.baselines))
        raise SetupError(
            f"the board of {plan.benchmark} in this results folder has the baselines {known}, with other texts or in "
            "another number than those given. Leave --baseline out to use these, or start another board with --results."
        )
    doubled = set(plan.candidates) & set(saved.baselines)
    if doubled:
        raise SetupError(f"{names.get(doubled.pop(), 'the model')} is a baseline of this board and rated on it already")
    return saved.merge(plan)


def check_stored_baselines(
    folder: BenchmarkFolder, plan: Plan, *, given: Sequence[Participant], prompts: Sequence[Prompt]
) -> None:
    """Refuse baselines that are known from the board alone and whose stored answers leave a prompt open.

    Raises:
        SetupError: An answer is missing.
    """
    answered: dict[str, set[str]] = {entrant: set() for entrant in plan.baselines}
    for participant in given:
        answered.pop(participant.entrant.id, None)
    if not answered:
        return
    names: dict[str, str] = {}
    for row in folder.outputs():
        if row.entrant in answered:
            answered[row.entrant].add(row.prompt)
            names[row.entrant] = row.entrant_name
    for entrant, texts in answered.items():
        missing = [prompt.id for prompt in prompts if prompt.text_id not in texts]
        if missing:
            raise SetupError(
                f"baseline {names.get(entrant, entrant[:8])} of this board has no stored answer to {len(missing)} of "
                f"{len(prompts)} prompts, {missing[0]!r} among them: name the baselines again with --baseline"
            )
