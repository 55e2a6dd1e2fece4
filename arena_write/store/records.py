"""The rows of a results folder. One frozen dataclass a record, read strictly: no missing, extra or ill-typed field.

`v` is the format of the row. `key` is a hash of content (see `keys`). `plan`, `run` and `at` say which plan and run
made the row and when: provenance, of which nothing is computed.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Annotated, Any, ClassVar, Literal

from pydantic import ConfigDict, Field

from arena_write.ratings.anchoring import Anchors
from arena_write.store.keys import battle_key, output_key, score_key
from judges import InvalidReason, Rubric, Usage, Verdict, content_id, text_id

FORMAT: Literal[1] = 1

Hex32 = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
Hex64 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Time = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}\+00:00$")]
"""As `runs.now` writes it, and no other way, so that the order of the strings is the order of the times."""
Count = Annotated[int, Field(ge=0)]
Money = Annotated[float, Field(ge=0, allow_inf_nan=False)]

STRICT = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False, defer_build=True)
"""How rows are read."""

Failure = Literal["no_answer", "unterminated_thought", "empty"]
Origin = Literal["generated", "recorded", "imported"]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputRecord:
    """One answer of one entrant to one prompt.

    Args:
        prompt: Text id of the prompt.
        prompt_id: The prompt's id in its benchmark, for people.
        entrant: Id of the entrant (model + profile).
        model: Id of the model.
        profile: Id of the profile.
        settings: How the model was asked: the profile's values, all resolved; `profile` is their hash.
        sample: Which of the entrant's answers to this prompt, from 0.
        text: The whole answer, thinking removed.
        failure: Why there is nothing to judge, where that is so: the candidate's own failure.
        finish_reason: `length` marks a text cut by its token limit.
        backend: What ran the model.
        origin: Whether the text was generated here, read from a file, or imported with judgements made elsewhere.
        source: The file the text was read from, where it was.
        seconds: Wall time of the call.
        price: Price of the call in US dollars.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    v: Literal[1] = FORMAT
    key: Hex32
    prompt: Hex64
    prompt_id: str
    entrant: Hex32
    entrant_name: str
    model: str
    profile: Hex32
    settings: dict[str, Any]
    sample: Count
    text: str
    text_id: Hex64
    thinking: str | None
    failure: Failure | None
    finish_reason: str | None
    served_model: str | None
    usage: Usage
    seed: int | None
    backend: str
    origin: Origin
    source: str | None
    seconds: float | None
    price: Money | None
    plan: str
    run: str
    at: Time

    def __post_init__(self) -> None:
        """Refuse a text that is not the one its id and its verdicts belong to."""
        if self.text_id != text_id(self.text):
            raise ValueError("text_id is not the hash of text: one of the two was changed")
        if self.key != output_key(prompt=self.prompt, entrant=self.entrant, sample=self.sample):
            raise ValueError("key is not the hash of prompt, entrant and sample: one of them was changed")


@dataclass(frozen=True, slots=True, kw_only=True)
class BattleRecord:
    """One attempt to compare two texts. Exactly one of `verdict` and `invalid` is set.

    Args:
        judge: Id of the judge.
        prompt: Text id of the prompt.
        first: Text id of the text shown first (A).
        second: Text id of the text shown second (B).
        repeat: Which of several judgements of the same pair in the same order, from 0.
        attempt: Which attempt at this key, from 1.
        detail: What was seen, where the reply was invalid.
        reply: Key of the judge's raw words; none for a judge that is not a model.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    v: Literal[1] = FORMAT
    key: Hex32
    judge: Hex32
    prompt: Hex64
    first: Hex64
    second: Hex64
    repeat: Count
    attempt: Annotated[int, Field(ge=1)]
    verdict: Verdict | None
    invalid: InvalidReason | None
    detail: str
    reply: Hex32 | None
    served_model: str | None
    usage: Usage
    seconds: float | None
    price: Money | None
    plan: str
    run: str
    at: Time

    def __post_init__(self) -> None:
        """Refuse a row that says both, or neither."""
        if (self.verdict is None) == (self.invalid is None):
            raise ValueError("a battle holds either a verdict or the reason why it is invalid")
        key = battle_key(judge=self.judge, prompt=self.prompt, first=self.first, second=self.second, repeat=self.repeat)
        if self.key != key:
            raise ValueError("key is not the hash of judge, prompt, texts and repeat: one of them was changed")


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreRecord:
    """One attempt to score a text on a criterion. Exactly one of `score` and `invalid` is set.

    Args:
        text: Text id of the text scored.
        criterion: Id of the criterion: a hash of its name, description and bands.
        criterion_name: The criterion's name, for people.
        score: Integer from 1 to 10.
        reason: The judge's reason, in its own words.
        call: Key of the row that bears the call, where one reply gave several rows and this is not that row: it took
            nothing itself.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    v: Literal[1] = FORMAT
    key: Hex32
    judge: Hex32
    prompt: Hex64
    text: Hex64
    criterion: Hex32
    criterion_name: str
    repeat: Count
    attempt: Annotated[int, Field(ge=1)]
    score: Annotated[int, Field(ge=1, le=10)] | None
    reason: str
    invalid: InvalidReason | None
    detail: str
    reply: Hex32 | None
    served_model: str | None
    usage: Usage
    seconds: float | None
    price: Money | None
    plan: str
    run: str
    at: Time
    call: Hex32 | None = None

    def __post_init__(self) -> None:
        """Refuse a row that says both, or neither."""
        if (self.score is None) == (self.invalid is None):
            raise ValueError("a score row holds either a score or the reason why it is invalid")
        key = score_key(
            judge=self.judge, prompt=self.prompt, text=self.text, criterion=self.criterion, repeat=self.repeat
        )
        if self.key != key:
            raise ValueError("key is not the hash of judge, prompt, text, criterion and repeat: one was changed")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyRecord:
    """A judge's raw words, written before the rows that refer to them; read only where a person reads.

    Args:
        row: Key of the row that refers to them; of several, that of the row which bears the call.
        attempt: Which attempt at that key.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    v: Literal[1] = FORMAT
    key: Hex32
    row: Hex32
    attempt: Annotated[int, Field(ge=1)]
    text: str
    thinking: str | None
    finish_reason: str | None
    served_model: str | None
    run: str
    at: Time


@dataclass(frozen=True, slots=True, kw_only=True)
class ExclusionRecord:
    """A prompt that leaves a board for every entrant, because the judge cannot read its texts whole.

    Args:
        prompt: Text id of the prompt.
        tokens: About how many tokens the call would have taken, the reply's budget included.
        context: The judge's context window as stated; none where its server refused the call.
        detail: What the server said.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    v: Literal[1] = FORMAT
    judge: Hex32
    prompt: Hex64
    tokens: Count
    context: Count | None
    detail: str
    plan: str
    run: str
    at: Time


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeRecord:
    """Who judged and how: `judge.json`. All of it but `name` and `label` is in the judge's id.

    Args:
        rubric: How it scores; its templates, which are in the id, are those of this way.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    v: Literal[1] = FORMAT
    id: Hex32
    name: str
    model: str
    template: str
    decoding: dict[str, Any]
    reply_format: Literal["text", "json_schema", "none"]
    label: str
    rubric: Rubric = "each"


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelRecord:
    """What people call an entrant, and where its answers come from: kept for entrants without a stored answer."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    name: str
    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsRecord:
    """What a board depends on beside its rows, as the last run had it: `settings.json`.

    So a board can be built anew, and checked, by somebody who knows no command line of those that made it.

    Args:
        title: The benchmark's title, with what a reader must know of it.
        context: The judge's context window as stated; see `BoardFolder.excluded`.
        min_coverage: Share of an entrant's cells that must be decided before it is rated.
        labels: Who took part, by id of entrant.
        writingbench: Whether the prompts are queries of WritingBench, whose scores have a name of their own.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    v: Literal[1] = FORMAT
    title: str = ""
    context: Count | None = None
    min_coverage: Annotated[float, Field(gt=0, le=1)] = 0.95
    labels: dict[Hex32, LabelRecord] = field(default_factory=dict)
    writingbench: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanEntry:
    """One entrant's part in a plan; see `arena_write.battles.plan.Entry`."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    entrant: Hex32
    role: Literal["baseline", "candidate"]
    samples: Annotated[int, Field(ge=1)]
    prompts: tuple[Hex64, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRecord:
    """What a run compared; a board consists of all its plans together. See `arena_write.battles.plan.Plan`."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    v: Literal[1] = FORMAT
    id: Hex32
    benchmark: str
    entries: tuple[PlanEntry, ...]
    orders: Literal["both", "one"]
    repeats: Annotated[int, Field(ge=1)]
    seed: Count
    anchors: Hex32 | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScorePlanRecord:
    """What a run had scored on rubrics; a board counts all its plans together. See `arena_write.scores.ScorePlan`."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    v: Literal[1] = FORMAT
    id: Hex32
    benchmark: str
    entries: tuple[PlanEntry, ...]
    repeats: Annotated[int, Field(ge=1)]


def anchors_id(fields: Mapping[str, Any]) -> str:
    """Return the id of anchors with these fields, `id` and `v` left out.

    Prompts of single baselines count where they are said: anchors of one set of prompts for all need not say them.
    """
    known = {name: value for name, value in fields.items() if name not in ("id", "v")}
    known["scopes"] = {
        scope: {name: value for name, value in anchors.items() if name != "own_prompts" or value}
        for scope, anchors in fields["scopes"].items()
    }
    return content_id("anchors", known)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnchorsRecord:
    """Frozen ratings of a benchmark's baselines: `anchors.json`. Good for this judge and these texts, and no others.

    Args:
        id: Hash of everything else.
        judge: Id of the judge.
        plan: The battles among the baselines that they are made from.
        texts: Hash of the baselines' answers; see `arena_write.reports.anchors.hash_texts`.
        scopes: The ratings over all prompts, and over those of each language where there are several.
        missing: Why there are none over some prompts.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    v: Literal[1] = FORMAT
    id: Hex32
    benchmark: str
    judge: Hex32
    plan: PlanRecord
    texts: Hex32
    scopes: dict[Literal["all", "en", "zh"], Anchors]
    missing: dict[Literal["all", "en", "zh"], str]

    def __post_init__(self) -> None:
        """Refuse ratings that were changed after they were frozen."""
        if self.id != anchors_id(asdict(self)):
            raise ValueError("id is not the hash of the anchors: something was changed; freeze them again")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStart:
    """The first event of a run: what was asked for, with which plan, seeds and versions."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    v: Literal[1] = FORMAT
    event: Literal["start"] = "start"
    run: str
    at: Time
    command: tuple[str, ...]
    benchmark: str
    judge: str | None
    plan: dict[str, Any]
    seed: int
    versions: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunProgress:
    """How far a stage of a run has come."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    v: Literal[1] = FORMAT
    event: Literal["progress"] = "progress"
    run: str
    at: Time
    stage: Literal["generate", "judge", "score", "rank"]
    done: Count
    failed: Count
    total: Count


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEnd:
    """The last event of a run: how it ended and what it used. A run without one was killed.

    Args:
        rows: Rows that it wrote, by kind.
        faults: Requests that got no answer, by kind of error; most were sent again.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    v: Literal[1] = FORMAT
    event: Literal["end"] = "end"
    run: str
    at: Time
    outcome: Literal["done", "withheld", "interrupted", "error"]
    message: str
    rows: dict[str, int] = field(default_factory=dict)
    faults: dict[str, int] = field(default_factory=dict)
    usage: Usage = field(default_factory=Usage)
    price: Money | None = None


RunEvent = Annotated[RunStart | RunProgress | RunEnd, Field(discriminator="event")]
