"""What a board is recomputed from: rows, read strictly, and nothing that was computed from them before."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from arena_write.benchmarks.prompts import Prompt
from arena_write.store import (
    AnchorsRecord,
    BattleRecord,
    BenchmarkFolder,
    BoardFolder,
    ConflictError,
    JudgeRecord,
    OutputRecord,
    PlanRecord,
    ScorePlanRecord,
    ScoreRecord,
    SettingsRecord,
    StoreError,
)
from arena_write.verification.plans import join_plans
from judges import Verdict

Question = tuple[str, str, str, int]
"""What a judge was asked: (prompt, first text, second text, repeat), or (prompt, text, criterion, repeat)."""
Answer = tuple[str, str, int]
"""Whose answer: (prompt, entrant, sample)."""

_FIRST_GETS = {
    Verdict("A>>B"): 1.0,
    Verdict("A>B"): 1.0,
    Verdict("A=B"): 0.5,
    Verdict("B>A"): 0.0,
    Verdict("B>>A"): 0.0,
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of asking one question.

    Args:
        said: Of the first valid attempt: what the first text got (1, 0.5, 0), or the score; none without such.
        attempts: How many attempts there were; a row that is stored twice is one.
        calls: How many calls they took; a reply that gave several rows is counted at one of them.
        tokens: What they took: sent, of these from a cache, back, of these thinking.
        price: What they cost in US dollars; none where that is not known of one.
    """

    said: float | None
    attempts: int
    calls: int
    tokens: tuple[int, int, int, int]
    price: float | None


@dataclass(frozen=True, slots=True)
class Material:
    """All that a board is made of.

    Args:
        judge: Who judged.
        settings: What the board depends on beside its rows.
        prompts: The prompts on the board.
        excluded: Ids of the prompts that left it, sorted.
        plan: What is compared; nothing where nothing is.
        score_plan: What is scored; nothing where nothing is.
        answers: Every stored answer.
        verdicts: What the judge said of pairs.
        scores: What it said of texts.
        names: What entrants are called, and where their answers come from.
        anchors: The frozen baselines that the plan names; nothing where it names none.
    """

    judge: JudgeRecord
    settings: SettingsRecord
    prompts: tuple[Prompt, ...]
    excluded: tuple[str, ...]
    plan: PlanRecord | None
    score_plan: ScorePlanRecord | None
    answers: Mapping[Answer, OutputRecord]
    verdicts: Mapping[Question, Asked]
    scores: Mapping[Question, Asked]
    names: Mapping[str, tuple[str, str]]
    anchors: AnchorsRecord | None = None

    def name(self, entrant: str) -> str:
        """Return what an entrant is called."""
        return self.names.get(entrant, (entrant[:8], ""))[0]

    def origin(self, entrant: str) -> str:
        """Return where an entrant's answers come from."""
        return self.names.get(entrant, ("", ""))[1]


def read_material(folder: BenchmarkFolder, board: BoardFolder) -> Material:
    """Read the rows of a board.

    Raises:
        StoreError: A file cannot be read, a row is not valid, or rows of two boards lie together.
    """
    judge, settings = board.judge(), board.settings()
    known = read_prompts(folder)
    gone = {
        row.prompt
        for row in board.exclusions.read()
        if row.context is None or (settings.context is not None and row.tokens > settings.context)
    }
    outputs = list(folder.outputs())
    everything = [prompt.text_id for prompt in known]
    plan = join_plans(list(board.plans.read()), prompts=everything, path=board.plans.path)
    return Material(
        judge=judge,
        settings=settings,
        prompts=tuple(prompt for prompt in known if prompt.text_id not in gone),
        excluded=tuple(sorted(prompt.id for prompt in known if prompt.text_id in gone)),
        plan=plan,
        score_plan=join_plans(list(board.score_plans.read()), prompts=everything, path=board.score_plans.path),
        answers={(row.prompt, row.entrant, row.sample): row for row in outputs},
        verdicts=_settle(board.battles.read(), judge.id),
        scores=_settle(board.scores.read(), judge.id),
        names=_name(outputs, settings),
        anchors=_read_anchors(board, plan),
    )


def read_prompts(folder: BenchmarkFolder) -> list[Prompt]:
    """Return the prompts; a row whose text stood in an earlier one is the same prompt again.

    Raises:
        RowError: A row is not valid.
    """
    seen: set[str] = set()
    rows = []
    for row in folder.prompts_file.read():
        if row.text_id not in seen:
            rows.append(row)
        seen.add(row.text_id)
    return rows


def _read_anchors(board: BoardFolder, plan: PlanRecord | None) -> AnchorsRecord | None:
    if plan is None or plan.anchors is None:
        return None
    found = board.anchors()
    if found is None or found.id != plan.anchors:
        others = "is not there" if found is None else f"holds others, {found.id[:8]}"
        raise StoreError(
            f"{board.anchors_path} {others}, and the plan of this board names anchors {plan.anchors[:8]}: restore it "
            "from a copy"
        )
    return found


def _settle(rows: Iterable[BattleRecord | ScoreRecord], judge: str) -> dict[Question, Asked]:
    """Return what came of each question."""
    asked: dict[Question, list[BattleRecord | ScoreRecord]] = defaultdict(list)
    for row in rows:
        if row.judge != judge:
            raise ConflictError(f"a row of judge {row.judge} lies among those of judge {judge}")
        if isinstance(row, BattleRecord):
            asked[row.prompt, row.first, row.second, row.repeat].append(row)
        else:
            asked[row.prompt, row.text, row.criterion, row.repeat].append(row)
    return {question: _add_up(attempts) for question, attempts in asked.items()}


def _add_up(rows: Sequence[BattleRecord | ScoreRecord]) -> Asked:
    attempts = list({(row.at, row.run, row.attempt): row for row in rows}.values())
    valid = sorted((row.at, str(_said(row)), _said(row)) for row in rows if row.invalid is None)
    prices = [row.price for row in attempts]
    return Asked(
        said=valid[0][2] if valid else None,
        attempts=len(attempts),
        calls=sum(not (isinstance(row, ScoreRecord) and row.call) for row in attempts),
        tokens=(
            sum(row.usage.prompt_tokens or 0 for row in attempts),
            sum(row.usage.cached_tokens or 0 for row in attempts),
            sum(row.usage.completion_tokens or 0 for row in attempts),
            sum(row.usage.thinking_tokens or 0 for row in attempts),
        ),
        price=None if None in prices else sum(price or 0.0 for price in prices),
    )


def _said(row: BattleRecord | ScoreRecord) -> float:
    if isinstance(row, ScoreRecord):
        return float(row.score or 0)
    return _FIRST_GETS[row.verdict] if row.verdict else 0.5


def _name(outputs: Sequence[OutputRecord], settings: SettingsRecord) -> dict[str, tuple[str, str]]:
    """Return names and origins; of two entrants of one name, each has the start of its id behind it."""
    found: dict[str, tuple[str, str]] = {}
    for row in outputs:
        found.setdefault(row.entrant, (row.entrant_name, row.origin))
    often = Counter(name for name, _ in found.values())
    told_apart = {
        entrant: (f"{name} ({entrant[:8]})" if often[name] > 1 else name, origin)
        for entrant, (name, origin) in found.items()
    }
    silent = {entrant: (label.name, label.origin) for entrant, label in settings.labels.items()}
    return silent | told_apart
