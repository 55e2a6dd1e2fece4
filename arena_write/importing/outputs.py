"""Answers in a file that another tool wrote: stored as answers of an entrant, so that they can be judged here.

The reader is the one behind `--model FILE`, so the entrant is the same whichever way its answers came; only that rows
which cannot be used are counted here, where an evaluation stops at the first.
"""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from arena_write.benchmarks.loading import load_benchmark
from arena_write.generators.errors import RecordedOutputsError
from arena_write.generators.matching import MatchedAnswers, match_answers
from arena_write.generators.outputs import RecordedOutputs
from arena_write.generators.recorded import read_recorded
from arena_write.generators.storing import recorded_rows, store_rows
from arena_write.importing.errors import ImportingError, ImportingUsageError
from arena_write.importing.invalid import MAX_INVALID, listed, readable, short
from arena_write.importing.tables import read_bytes
from arena_write.jsonl import located
from arena_write.names import counted
from arena_write.reports.answers import AnswersReport, report_answers
from arena_write.store import BenchmarkFolder, ResultsFolder, lock_for_writing
from arena_write.store.runs import RunLog

_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputsRequest:
    """What `arena-write import outputs` was asked for.

    Args:
        path: The file.
        results: The results folder.
        benchmark: Whose prompts were answered: a name or a path.
        format: What format the file has; found by its fields where not given.
        name: What the entrant is called; as the rows say, or after the file, where not given.
        allow_invalid: Import it although more than 5 % of its rows cannot be used.
        command: The command line, for the log.
    """

    path: Path
    results: Path
    benchmark: str
    format: str | None = None
    name: str | None = None
    allow_invalid: bool = False
    command: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedOutputs:
    """An imported file of answers.

    Args:
        outputs: What was read.
        added: Answers that were not stored before.
        matched: Answers to prompts of the benchmark.
        faults: What is wrong with each row that was left out.
        missing: Prompts without an answer.
        report: What the entrant's answers are like.
    """

    outputs: RecordedOutputs
    added: int
    matched: int
    faults: tuple[str, ...]
    missing: tuple[str, ...]
    report: AnswersReport


def import_outputs(request: OutputsRequest) -> ImportedOutputs:
    """Import a file of one entrant's answers; they lie where an evaluation of the file would put them.

    Raises:
        ImportingUsageError: There is no such file, it has another format than was said, or another entrant has its
            name.
        ImportingError: No row, or too few of them, can be used.
        BenchmarkError: The benchmark cannot be loaded.
        GeneratorError: Answers were written for other texts than the benchmark's.
        StoreError: The results folder cannot be read or written.
    """
    digest = sha256(read_bytes(request.path)).hexdigest()
    benchmark = load_benchmark(request.benchmark)
    faults: list[RecordedOutputsError] = []
    outputs = read_recorded(request.path, name=request.name, faults=faults)
    if request.format not in (None, outputs.format):
        raise ImportingUsageError(
            f"its rows have the fields of {outputs.format}, and --from says {request.format}", path=request.path
        )
    matched = match_answers(outputs, benchmark.prompts)
    told = tuple(say for _, say in sorted([*(_say(fault, request.path) for fault in faults), *_foreign(matched)]))
    _require_usable(matched, told, request)
    results = ResultsFolder(request.results)
    with lock_for_writing(request.results, command=" ".join(request.command)):
        folder = results.benchmark(benchmark.id)
        stored = _stored_keys(folder, outputs, request)
        folder.keep_prompts(benchmark.prompts)
        log = RunLog(results)
        plan = {"import": digest, "file": readable(request.path.name), "format": outputs.format}
        log.start(command=request.command, benchmark=benchmark.id, judge=None, plan=plan, seed=0)
        rows = recorded_rows(
            outputs, matched, prompts=benchmark.prompts, stored=stored, plan=f"import:{digest[:32]}", run=log.id
        )
        store_rows(folder, rows)
        log.end("done", message="", rows={"outputs": len(rows), "invalid": len(told)})
        report = report_answers(folder, benchmark.prompts, entrants={outputs.entrant.id: outputs.entrant.name})
    return ImportedOutputs(
        outputs=outputs,
        added=len(rows),
        matched=sum(map(len, matched.answers.values())),
        faults=told,
        missing=matched.missing,
        report=report,
    )


def _say(fault: RecordedOutputsError, path: Path) -> tuple[int, str]:
    said = str(fault).removeprefix(f"{located(path, fault.line)}: ")
    return fault.line or 0, f"line {fault.line}: {said}"


def _foreign(matched: MatchedAnswers) -> list[tuple[int, str]]:
    return [
        (answer.line or 0, f"line {answer.line}: its prompt, {short(answer.reference)}, is not in the benchmark")
        for answer in matched.unmatched
    ]


def _require_usable(matched: MatchedAnswers, faults: tuple[str, ...], request: OutputsRequest) -> None:
    usable = sum(map(len, matched.answers.values()))
    rows = usable + len(faults)
    first = "; ".join(faults[:_SHOWN]) + ("; ..." if len(faults) > _SHOWN else "")
    if not usable:
        raise ImportingError(
            f"none of {counted(rows, 'row')} is an answer to a prompt of {request.benchmark}; give the benchmark that "
            f"they were written for with --benchmark. {first}",
            path=request.path,
        )
    if len(faults) > MAX_INVALID * rows and not request.allow_invalid:
        raise ImportingError(
            f"{len(faults)} of {counted(rows, 'row')} cannot be used, more than {MAX_INVALID:.0%}. {first}. Mend "
            "them, or leave them out with --allow-invalid",
            path=request.path,
        )


def _stored_keys(folder: BenchmarkFolder, outputs: RecordedOutputs, request: OutputsRequest) -> frozenset[str]:
    """Return the keys of the entrant's stored answers; refuse a name that another entrant has."""
    entrant, keys = outputs.entrant, []
    for row in folder.outputs():
        if row.entrant == entrant.id:
            keys.append(row.key)
        elif row.entrant_name == entrant.name:
            where = f", read from {row.source}" if row.source else ""
            raise ImportingUsageError(
                f"{listed([entrant.name])} is the name of other answers in {folder.path}{where}; give these another "
                "with --name",
                path=request.path,
            )
    return frozenset(keys)
