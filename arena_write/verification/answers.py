"""What answers are like, counted from the texts alone."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import log
from statistics import median

from arena_write.benchmarks.prompts import Prompt
from arena_write.store import OutputRecord, PlanRecord, ScorePlanRecord
from arena_write.textstats.endings import ending
from arena_write.textstats.lengths import count_chars, count_words, measure
from arena_write.textstats.repetition import repeated_ngram_share
from arena_write.textstats.tokens import tokenize
from arena_write.verification.length_scores import asked, reward, score_length
from arena_write.verification.material import Material
from arena_write.verification.plans import chosen_prompts
from arena_write.verification.tree import Tree, rounded


@dataclass(frozen=True, slots=True)
class Measured:
    """One answer.

    Args:
        row: The answer.
        language: Language of its prompt.
        obeyed: Whether it has the length asked for; nothing where none was asked, likewise in the next two.
        times_asked: How many times the length asked for it has; at least one unit.
        reward: What LongWriter-Zero's reward gives for its length.
        length_score: S_L of LongBench-Write; nothing on other benchmarks.
        units: Words, or characters where the prompt is Chinese.
        broken_off: It ends in mid-sentence.
        repeated: Share in repeated passages.
    """

    row: OutputRecord
    language: str
    obeyed: bool | None
    times_asked: float | None
    reward: float | None
    length_score: float | None
    units: int
    broken_off: bool
    repeated: float


class Answers:
    """The answers of a board, each measured once."""

    def __init__(self, material: Material) -> None:
        self._material = material
        self._prompts = {prompt.text_id: prompt for prompt in material.prompts}
        self._measured: dict[str, Measured] = {}

    def planned(self, plan: PlanRecord | ScorePlanRecord) -> list[OutputRecord]:
        """Return the stored answers that a plan is about, on the board's prompts."""
        samples = {entry.entrant: entry.samples for entry in plan.entries}
        chosen = chosen_prompts(plan, list(self._prompts))
        return [
            row
            for row in self._material.answers.values()
            if row.entrant in samples and row.sample < samples[row.entrant] and row.prompt in chosen[row.entrant]
        ]

    def texts(self, plan: PlanRecord | ScorePlanRecord, inside: set[str]) -> Mapping[str, Tree]:
        """Return what the board says of each entrant's answers to the prompts `inside`."""
        mine: dict[str, list[Measured]] = {entry.entrant: [] for entry in plan.entries}
        for row in self.planned(plan):
            if row.prompt in inside:
                mine[row.entrant].append(self.measure(row))
        return {entrant: sum_up(measured) for entrant, measured in mine.items()}

    def measure(self, row: OutputRecord) -> Measured:
        """Return what an answer is like."""
        if row.key not in self._measured:
            self._measured[row.key] = _measure(row, self._prompts[row.prompt])
        return self._measured[row.key]


def _measure(row: OutputRecord, prompt: Prompt) -> Measured:
    obeyed = times_asked = earned = None
    if prompt.length is not None:
        length = 0 if row.failure else measure(row.text, prompt.length.unit)
        obeyed = row.failure is None and prompt.length.allows(length)
        times_asked = max(length, 1) / asked(prompt.length)
        earned = reward(length, prompt.length)
    return Measured(
        row=row,
        language=prompt.language,
        obeyed=obeyed,
        times_asked=times_asked,
        reward=earned,
        length_score=score_length(row, prompt.required_length) if prompt.required_length else None,
        units=count_chars(row.text) if prompt.language == "zh" else count_words(row.text),
        broken_off=ending(row.text) == "broken_off",
        repeated=repeated_ngram_share(tokenize(row.text)),
    )


def sum_up(measured: Iterable[Measured]) -> Tree:
    """Return what the board says of an entrant's answers."""
    everything = list(measured)
    written = [one for one in everything if one.row.failure is None]
    held = [one.obeyed for one in everything if one.obeyed is not None]
    ratios = [log(one.times_asked) for one in everything if one.times_asked is not None]
    rewards = [one.reward for one in everything if one.reward is not None]
    words = [one.units for one in written if one.language != "zh"]
    chars = [one.units for one in written if one.language == "zh"]
    return {
        "answers": len(everything),
        "no_answer": len(everything) - len(written),
        "truncated": sum(one.row.finish_reason == "length" for one in everything),
        "length_asked": len(held),
        "length_obeyed": held.count(True),
        "broken_off": sum(one.broken_off for one in written),
        "median_words": median(words) if words else None,
        "median_chars": median(chars) if chars else None,
        "repeated": round(100.0 * median(one.repeated for one in written), 3) if written else None,
        "length_ratio": rounded(median(ratios)) if ratios else None,
        "length_reward": rounded(sum(rewards) / len(rewards)) if rewards else None,
    }
