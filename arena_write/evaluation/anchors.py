"""Which anchors a board is rated against: those in its folder, or those that come with the starter benchmark."""

from collections.abc import Callable, Iterable, Sequence

from arena_write.battles.plan import Plan
from arena_write.benchmarks import starter
from arena_write.benchmarks.prompts import Benchmark, Prompt
from arena_write.evaluation.entrants import Participant
from arena_write.evaluation.request import SetupError
from arena_write.generators.outputs import RecordedOutputs
from arena_write.generators.storing import recorded_rows
from arena_write.reports.anchors import hash_texts
from arena_write.store import AnchorsRecord, BenchmarkFolder, BoardFolder, OutputRecord, read_anchors


def find_anchors(
    folder: BenchmarkFolder,
    board: BoardFolder,
    benchmark: Benchmark,
    baselines: Sequence[Participant],
    *,
    judge: str,
    saved: Plan | None,
    say: Callable[[str], None],
) -> AnchorsRecord | None:
    """Return the frozen ratings of the baselines, where there are any for this judge and these texts.

    Args:
        folder: The benchmark's folder.
        board: The judge's folder, which need not exist yet.
        benchmark: The benchmark.
        baselines: Baselines that this run names; none stands for those of the board.
        judge: Id of the judge.
        saved: The board's plan before this run.
        say: Tells the user where anchors are there and not used.

    Raises:
        SetupError: The board is rated against anchors, and they are not there or void: the texts are others.
        RowError: The file of anchors is not valid.
    """
    found = board.anchors()
    own = found is not None
    if found is None and benchmark.id == starter.ID and (shipped := starter.anchors_path(judge)).exists():
        found = read_anchors(shipped)
    if saved is not None and saved.anchors is not None and (found is None or found.id != saved.anchors):
        raise SetupError(
            f"the board in {board.path} is rated against anchors {saved.anchors[:8]}, and {board.anchors_path.name} "
            f"{'is not there' if found is None else 'holds others'}: restore it from a copy, or give a fresh folder "
            "with --results"
        )
    if found is None or found.judge != judge:
        return None
    plan = Plan.of_record(found.plan)
    named = {baseline.entrant.id for baseline in baselines} or set(saved.baselines if saved else ())
    if named == set(plan.baselines) and hash_texts(_texts(folder, benchmark, baselines), plan) == found.texts:
        return found
    if saved is not None and saved.anchors == found.id:
        raise SetupError(
            f"the board in {board.path} is rated against anchors {found.id[:8]}, and these were made from other "
            "answers of the baselines than those given. Leave --baseline out to use these, or give a fresh folder with "
            "--results."
        )
    if own:
        say(f"the anchors in {board.anchors_path} are of other baselines or answers, and are not used")
    return None


def check_prompts(anchors: Plan, prompts: Iterable[str], everything: Sequence[Prompt]) -> None:
    """Refuse to rate on prompts that are not among those on which the baselines were frozen.

    Args:
        anchors: The battles from which they were frozen.
        prompts: Text ids of the prompts on which somebody is to be rated.
        everything: All prompts of the benchmark.

    Raises:
        SetupError: Some are not; says how many.
    """
    chosen = {text for entry in anchors.entries for text in entry.prompts or ()}
    known = {prompt.text_id for prompt in everything} if any(one.prompts is None for one in anchors.entries) else chosen
    asked = set(prompts)
    outside = len(asked - known)
    if outside:
        raise SetupError(
            f"{outside} of the {len(asked)} prompts to be rated on are not among the {len(known)} on which the "
            "baselines' ratings were frozen, and anchors are good for their own prompts alone. Run arena-write anchor "
            "for all of them first, in a fresh folder (--results) where models were rated against these anchors "
            "already; or choose among the anchors' prompts with --lang, --domain or --limit."
        )


def _texts(folder: BenchmarkFolder, benchmark: Benchmark, baselines: Sequence[Participant]) -> list[OutputRecord]:
    """Return the answers of the baselines: those stored, and those that a run would store before anything else."""
    rows = list(folder.outputs())
    keys = {row.key for row in rows}
    for baseline in baselines:
        if isinstance(baseline.source, RecordedOutputs) and baseline.matched:
            rows += recorded_rows(
                baseline.source, baseline.matched, prompts=benchmark.prompts, stored=keys, plan="", run=""
            )
    return rows
