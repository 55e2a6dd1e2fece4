"""What an entrant's answers are like, counted from the texts alone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import mean, median

from arena_write.battles.plan import Entry
from arena_write.benchmarks.prompts import Prompt
from arena_write.reports.board import Texts, rounded
from arena_write.store import OutputRecord
from arena_write.textstats.endings import ending
from arena_write.textstats.lengths import count_tokens, log_ratio, measure
from arena_write.textstats.published import count_longwriter, length_reward, length_score
from arena_write.textstats.repetition import repeated_ngram_share
from arena_write.textstats.tokens import tokenize


@dataclass(frozen=True, slots=True)
class TextFacts:
    """One answer, measured.

    Args:
        prompt: Text id of the prompt.
        entrant: Id of the entrant.
        language: Language of the prompt.
        failed: There is nothing to judge.
        truncated: Cut by the token limit.
        obeyed: Whether it keeps to the length asked; nothing where none was asked, likewise in the next two.
        length_ratio: Natural logarithm of its length over that asked.
        length_reward: The length reward of LongWriter-Zero, 0 to 1.
        length_score: S_L of LongBench-Write, 0 to 100; nothing for prompts of other benchmarks.
        units: Words of an answer to an English prompt, characters of one to a Chinese prompt.
        broken_off: It ends in mid-sentence.
        repeated: Share of it in repeated passages.
    """

    prompt: str
    entrant: str
    language: str
    failed: bool
    truncated: bool
    obeyed: bool | None
    length_ratio: float | None
    length_reward: float | None
    length_score: float | None
    units: int
    broken_off: bool
    repeated: float


def planned_outputs(
    entries: Sequence[Entry], prompts: Sequence[Prompt], outputs: Iterable[OutputRecord]
) -> list[tuple[OutputRecord, Prompt]]:
    """Return the stored answers that a plan of these entries is about, each with its prompt."""
    by_text = {prompt.text_id: prompt for prompt in prompts}
    by_entrant = {entry.entrant: entry for entry in entries}
    planned = []
    for row in outputs:
        entry, prompt = by_entrant.get(row.entrant), by_text.get(row.prompt)
        if entry is None or prompt is None or row.sample >= entry.samples:
            continue
        if entry.prompts is None or row.prompt in entry.prompts:
            planned.append((row, prompt))
    return planned


def text_facts(row: OutputRecord, prompt: Prompt) -> TextFacts:
    """Measure one answer. One with nothing to judge has no length: it obeys nothing and earns nothing."""
    request, required = prompt.length, prompt.required_length
    produced = measure(row.text, request.unit) if request and not row.failure else 0
    tokens = tokenize(row.text)
    words, chars = count_tokens(tokens)
    return TextFacts(
        prompt=row.prompt,
        entrant=row.entrant,
        language=prompt.language,
        failed=row.failure is not None,
        truncated=row.finish_reason == "length",
        obeyed=None if request is None else not row.failure and request.allows(produced),
        length_ratio=log_ratio(produced, request) if request else None,
        length_reward=length_reward(request, produced) if request else None,
        length_score=length_score(required, 0 if row.failure else count_longwriter(row.text)) if required else None,
        units=chars if prompt.language == "zh" else words,
        broken_off=ending(row.text) == "broken_off",
        repeated=repeated_ngram_share(tokens),
    )


def summarise(facts: Sequence[TextFacts]) -> Texts:
    """Sum up the answers of one entrant."""
    written = [fact for fact in facts if not fact.failed]
    words = [fact.units for fact in written if fact.language != "zh"]
    chars = [fact.units for fact in written if fact.language == "zh"]
    asked = [fact.obeyed for fact in facts if fact.obeyed is not None]
    ratios = [fact.length_ratio for fact in facts if fact.length_ratio is not None]
    rewards = [fact.length_reward for fact in facts if fact.length_reward is not None]
    return Texts(
        answers=len(facts),
        no_answer=len(facts) - len(written),
        truncated=sum(fact.truncated for fact in facts),
        length_asked=len(asked),
        length_obeyed=sum(asked),
        broken_off=sum(fact.broken_off for fact in written),
        median_words=float(median(words)) if words else None,
        median_chars=float(median(chars)) if chars else None,
        repeated=rounded(100 * median(fact.repeated for fact in written), 3) if written else None,
        length_ratio=rounded(median(ratios)) if ratios else None,
        length_reward=rounded(mean(rewards)) if rewards else None,
    )
