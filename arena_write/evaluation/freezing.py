"""Baselines for a benchmark of one's own: their answers written like any others, then frozen with the prompts."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from arena_write.benchmarks import BaselineTexts, Benchmark, BenchmarkError, load_benchmark, load_file
from arena_write.benchmarks.frozen import Frozen, freeze
from arena_write.evaluation.prepare import prepare_run
from arena_write.evaluation.request import EvaluationRequest, SetupError
from arena_write.evaluation.run import write_answers
from arena_write.evaluation.shared import Shared
from arena_write.evaluation.work import Confirm, Say, ShowProgress
from arena_write.generators import baseline_outputs
from arena_write.generators.profiles import Entrant
from arena_write.names import safe_name
from arena_write.reports.answers import AnswersReport, report_answers
from arena_write.reports.sections import CENSORED
from arena_write.store import OutputRecord, ResultsFolder, replace_file


@dataclass(frozen=True, slots=True)
class Freezing:
    """A frozen benchmark, or why there is none yet.

    Args:
        frozen: What the file says it is; nothing where a bound ended the writing.
        path: The file.
        names: The baselines in it.
        report: What the new answers are like.
        stopped: Why the writing ended before its work was done, where it did.
        spent: US dollars spent in this run.
    """

    frozen: Frozen | None
    path: Path
    names: tuple[str, ...]
    report: AnswersReport
    stopped: str
    spent: float


def frozen_path(file: str) -> Path:
    """Return where the frozen copy of a file of prompts goes: beside it, as `NAME.frozen.jsonl`; of others, here."""
    path = Path(file).expanduser()
    name = path.stem.removesuffix(".frozen") if path.is_file() else safe_name(file)
    return (path if path.is_file() else Path(name)).with_name(f"{name}.frozen.jsonl")


def freeze_baselines(
    requests: Sequence[EvaluationRequest], *, path: Path, show_progress: ShowProgress, say: Say, confirm: Confirm
) -> Freezing:
    """Have the answers of models written, and freeze them with the prompts; nobody judges.

    Answers are kept in the results folder as those of any run, so the same call goes on where one was ended.

    Args:
        requests: What was asked for, a model each: the same but for the model, without judging, all prompts.
        path: Where the frozen file goes.
        show_progress: Shows the progress of writing.
        say: Tells the user one line.
        confirm: Asked before anything that may cost money.

    Raises:
        SetupError: Two baselines have one name, or another file is there; see `run_evaluation` for what else is raised.
        BenchmarkError: The prompts are not as they must be, or an answer is missing or no answer.
    """
    shared = Shared.of(requests[0], say)
    benchmark = load_benchmark(requests[0].benchmark)
    entrants = [_open(request, shared) for request in requests]
    names = (*(baseline.name for baseline in benchmark.baselines), *(entrant.name for entrant in entrants))
    _check_names(names)
    _check_models(entrants)
    _check_path(path, benchmark, names)
    folder, spent, stopped = ResultsFolder(requests[0].results).benchmark(benchmark.id), 0.0, ""
    for request in requests:
        written = write_answers(request, show_progress=show_progress, say=say, confirm=confirm, shared=shared)
        spent, stopped = spent + written.spent, written.stopped
        if stopped:
            break
    report = report_answers(folder, benchmark.prompts, entrants={entrant.id: entrant.name for entrant in entrants})
    if stopped:
        return Freezing(None, path, names, report, stopped, spent)
    stored: dict[str, dict[str, OutputRecord]] = {entrant.id: {} for entrant in entrants}
    for output in folder.outputs():
        if output.entrant in stored and output.sample == 0:
            stored[output.entrant][output.prompt] = output
    baselines = [_gather(entrant, benchmark, stored[entrant.id]) for entrant in entrants]
    frozen, data = freeze(benchmark, baselines)
    _keep(path, data)
    return Freezing(frozen, path, names, report, "", spent)


def _open(request: EvaluationRequest, shared: Shared) -> Entrant:
    """Return who a model is, before anybody is asked."""
    ready = prepare_run(request, lambda _: None, shared)
    if ready.candidate is None:
        raise ValueError("this request names no model")
    return ready.candidate.entrant


def _check_names(names: Sequence[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise SetupError(f"two baselines are called {name!r}: give one another name with --model NAME=ADDRESS")


def _check_models(entrants: Sequence[Entrant]) -> None:
    """Refuse one model under two names: no board takes both, and a frozen file with both could not be used."""
    names: dict[str, str] = {}
    for entrant in entrants:
        if entrant.id in names:
            raise SetupError(f"{names[entrant.id]!r} and {entrant.name!r} have the same outputs: name each model once")
        names[entrant.id] = entrant.name


def _check_path(path: Path, benchmark: Benchmark, names: Sequence[str]) -> None:
    """Refuse a file that is there and is something else, before anything is paid for."""
    if not path.exists():
        return
    try:
        there = load_file(path)
    except BenchmarkError:
        there = None
    same = there and (there.name, there.prompts) == (benchmark.name, benchmark.prompts)
    if not (same and there and tuple(baseline.name for baseline in there.baselines) == tuple(names)):
        raise SetupError(f"{path} is there already, with other prompts or baselines: give another --output FILE")


def _gather(entrant: Entrant, benchmark: Benchmark, rows: dict[str, OutputRecord]) -> BaselineTexts:
    """Return the answers of an entrant by prompt id.

    Raises:
        BenchmarkError: One is missing, is no answer, or would not be read again as it is; or too many are cut.
    """
    missing = [prompt.id for prompt in benchmark.prompts if prompt.text_id not in rows]
    if missing:
        raise BenchmarkError(
            f"{entrant.name} has no answer to {_list(missing)} of {len(benchmark.prompts)} prompts, and a baseline "
            "answers all: run the same command again to have them written (recorded outputs: add them to the file)"
        )
    failed = [prompt.id for prompt in benchmark.prompts if rows[prompt.text_id].failure is not None]
    if failed:
        reasons = sorted({rows[prompt.text_id].failure or "" for prompt in benchmark.prompts} - {""})
        raise BenchmarkError(
            f"{entrant.name} gave nothing to compare with ({', '.join(reasons)}) to {_list(failed)} of "
            f"{len(benchmark.prompts)} prompts: ask it with another --profile, such as one with more tokens for "
            "thinking, or leave it out"
        )
    cut = [prompt.id for prompt in benchmark.prompts if rows[prompt.text_id].finish_reason == "length"]
    if len(cut) > CENSORED * len(benchmark.prompts):
        raise BenchmarkError(
            f"{entrant.name} was cut by its token limit on {_list(cut)} of {len(benchmark.prompts)} prompts, which the "
            "file would not say: ask it with another --profile, with more max_tokens, or leave it out"
        )
    texts = {prompt.id: rows[prompt.text_id].text for prompt in benchmark.prompts}
    read = {
        answer.prompt_id: answer.answer.text for answer in baseline_outputs(BaselineTexts(entrant.name, texts)).answers
    }
    changed = [key for key, text in texts.items() if read[key] != text]
    if changed:
        raise BenchmarkError(
            f"the answers of {entrant.name} to {_list(changed)} prompts hold tags of thinking or answers that would be "
            "taken for such when the file is read: leave it out"
        )
    return BaselineTexts(entrant.name, texts)


def _list(ids: Sequence[str]) -> str:
    return f"{len(ids)} ({', '.join(map(repr, ids[:3]))}{', ...' if len(ids) > 3 else ''})"


def _keep(path: Path, data: bytes) -> None:
    """Write the file, or leave it where it is the same.

    Raises:
        BenchmarkError: It is there with other answers.
    """
    if path.exists():
        if path.read_bytes() != data:
            raise BenchmarkError(f"{path} is there already, with other answers: give another --output FILE")
        return
    replace_file(path, data)
