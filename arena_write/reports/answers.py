"""What answers are like without any judge: counted from the texts alone, a row for each entrant."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from arena_write.battles.plan import Entry
from arena_write.benchmarks.prompts import Prompt
from arena_write.reports.board import Texts
from arena_write.reports.build import CONFIDENCE
from arena_write.reports.labels import EntrantLabel
from arena_write.reports.length_scores import LengthSection
from arena_write.reports.longbench import LengthBuilder
from arena_write.reports.texts import summarise, text_facts
from arena_write.store import BenchmarkFolder


@dataclass(frozen=True, slots=True)
class AnswersRow:
    """One entrant's answers."""

    name: str
    texts: Texts


@dataclass(frozen=True, slots=True)
class AnswersReport:
    """The answers to a benchmark's prompts.

    Args:
        benchmark: Id of the benchmark.
        prompts: How many prompts were asked.
        rows: Entrants, in the order in which they were named.
        lengths: What LongBench-Write says of their lengths; nothing on other benchmarks.
    """

    benchmark: str
    prompts: int
    rows: tuple[AnswersRow, ...]
    lengths: LengthSection | None


def report_answers(folder: BenchmarkFolder, prompts: Sequence[Prompt], *, entrants: Mapping[str, str]) -> AnswersReport:
    """Measure the stored answers of entrants to these prompts.

    Args:
        folder: The benchmark's folder.
        prompts: The prompts.
        entrants: Names by id of entrant.

    Raises:
        RowError: A stored answer cannot be read.
    """
    by_text = {prompt.text_id: prompt for prompt in prompts}
    facts = [
        text_facts(row, by_text[row.prompt])
        for row in folder.outputs()
        if row.prompt in by_text and row.entrant in entrants
    ]
    return AnswersReport(
        folder.id,
        len(prompts),
        tuple(
            AnswersRow(name, summarise([fact for fact in facts if fact.entrant == entrant]))
            for entrant, name in entrants.items()
        ),
        LengthBuilder(
            entries=[Entry(entrant, "candidate") for entrant in entrants],
            prompts=prompts,
            cells=None,
            labels={entrant: EntrantLabel(name, "") for entrant, name in entrants.items()},
            facts=facts,
            confidence=CONFIDENCE,
            min_coverage=0.0,
        ).build("all"),
    )
