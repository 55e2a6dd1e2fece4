"""The plans of a run, and how they join the board's."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from arena_write.battles.plan import Entry, Orders, Plan
from arena_write.benchmarks.prompts import Benchmark, Prompt
from arena_write.evaluation.entrants import Participant
from arena_write.evaluation.request import SetupError
from arena_write.scores import ScorePlan
from arena_write.store import BenchmarkFolder, BoardFolder


@dataclass(frozen=True, slots=True)
class Plans:
    """What is judged: battles, rubric scores, or both.

    Args:
        battles: The comparisons; none where there is nobody to compare with.
        scores: The rubric scores; none where the prompts have no criteria, or nobody scores.
    """

    battles: Plan | None = None
    scores: ScorePlan | None = None

    @property
    def id(self) -> str:
        """Id of the plan, as rows name it; of the comparisons where both are planned."""
        plan = self.battles or self.scores
        return plan.id if plan else ""

    def record(self) -> dict[str, Any]:
        """Return the plans for the log of a run."""
        return {
            name: asdict(plan.record()) for name, plan in (("battles", self.battles), ("scores", self.scores)) if plan
        }

    def join(self, other: "Plans") -> "Plans":
        """Return the plans of a board on which both stand.

        Raises:
            PlanError: They differ in what all of a board must share.
        """
        battles = self.battles.merge(other.battles) if self.battles and other.battles else self.battles or other.battles
        scores = self.scores.merge(other.scores) if self.scores and other.scores else self.scores or other.scores
        return Plans(battles, scores)

    def spread(self, prompts: Sequence[str]) -> "Plans":
        """Return the same plans, all of the benchmark's prompts said as such."""
        return Plans(self.battles and self.battles.spread(prompts), self.scores and self.scores.spread(prompts))


def make_plans(
    benchmark: Benchmark,
    candidate: Participant,
    baselines: Sequence[Participant],
    *,
    prompts: Sequence[Prompt],
    saved: Plans,
    anchors: str | None,
    compared: bool,
    scored: bool,
) -> Plans:
    """Return what this run judges.

    Args:
        anchors: Id of the baselines' frozen ratings, where there are any.
        compared: The candidate meets each baseline, and the baselines meet each other unless they are anchored.
        scored: The answers of all who take part are scored on the criteria of their prompts.
    """
    chosen = _chosen(benchmark, prompts)
    named = [baseline.entrant.id for baseline in baselines]
    mine = Entry(candidate.entrant.id, "candidate", samples=candidate.samples, prompts=chosen)
    battles = scores = None
    if compared:
        opponents = named or list(saved.battles.baselines if saved.battles else ())
        battles = Plan(
            benchmark=benchmark.id,
            entries=(*(Entry(one, "baseline", prompts=chosen) for one in opponents), mine),
            anchors=anchors,
        )
    if scored:
        others = (Entry(one, "baseline", prompts=chosen) for one in named)
        scores = ScorePlan(benchmark=benchmark.id, entries=(*others, mine))
    return Plans(battles, scores)


def make_anchor_plan(
    benchmark: Benchmark, baselines: Sequence[str], *, prompts: Sequence[Prompt], orders: Orders, seed: int
) -> Plan:
    """Return the battles among the baselines from which anchors are made."""
    chosen = _chosen(benchmark, prompts)
    entries = tuple(Entry(baseline, "baseline", prompts=chosen) for baseline in baselines)
    return Plan(benchmark=benchmark.id, entries=entries, orders=orders, seed=seed)


def _chosen(benchmark: Benchmark, prompts: Sequence[Prompt]) -> tuple[str, ...] | None:
    """Return the text ids of some of a benchmark's prompts, and nothing where it is all of them."""
    return None if len(prompts) == len(benchmark.prompts) else tuple(prompt.text_id for prompt in prompts)


def join_board(folder: BenchmarkFolder, saved: Plans, plans: Plans) -> Plans:
    """Return the plans of the board with this run's added.

    Raises:
        SetupError: The board has other baselines, or holds the candidate as one.
        PlanError: The plans differ in what all of a board must share.
    """
    if saved.battles is None or plans.battles is None:
        return saved.join(plans)
    names = {row.entrant: row.entrant_name for row in folder.outputs()}
    if set(saved.battles.baselines) != set(plans.battles.baselines):
        known = ", ".join(sorted(names.get(entrant, entrant[:8]) for entrant in saved.battles.baselines))
        raise SetupError(
            f"the board of {plans.battles.benchmark} in this results folder has the baselines {known}, with other "
            "texts or in another number than those given. Leave --baseline out to use these, or start another board "
            "with --results."
        )
    doubled = set(plans.battles.candidates) & set(saved.battles.baselines)
    if doubled:
        raise SetupError(f"{names.get(doubled.pop(), 'the model')} is a baseline of this board and rated on it already")
    return saved.join(plans)


def saved_plans(board: BoardFolder, prompts: Sequence[Prompt]) -> Plans:
    """Return all plans of a stored board as one of each kind.

    Args:
        board: The judge's folder.
        prompts: All prompts of the benchmark.

    Raises:
        StoreError: A file of plans cannot be read.
        PlanError: The plans cannot stand on one board: folders of different boards were merged.
    """
    stored: Iterable[Plans] = (
        *(Plans(battles=Plan.of_record(record)) for record in board.plans.read()),
        *(Plans(scores=ScorePlan.of_record(record)) for record in board.score_plans.read()),
    )
    saved = Plans()
    for plans in stored:
        saved = saved.join(plans)
    return saved.spread([prompt.text_id for prompt in prompts])


def keep_plans(board: BoardFolder, plans: Plans, *, saved: Plans, joined: Plans) -> None:
    """Store the plans of a run where they add to the board's.

    Raises:
        WriteError: They could not be written.
    """
    if plans.battles and joined.battles != saved.battles:
        with board.plans.append() as battle_plans:
            battle_plans.write(plans.battles.record())
    if plans.scores and joined.scores != saved.scores:
        with board.score_plans.append() as score_plans:
            score_plans.write(plans.scores.record())


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
