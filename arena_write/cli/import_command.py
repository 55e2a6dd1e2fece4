"""`arena-write import`: answers and judgements made elsewhere; judgements on boards of their own."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from arena_write.cli.options import ResultsOption, program_name
from arena_write.names import counted, printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from arena_write.store import BattleFormat, ScoreFormat

_SHOWN = 5


class Format(StrEnum):
    """Whose columns and labels a file has."""

    AUTO = "auto"
    EVALICA = "evalica"
    ARENA = "arena"
    ARENA_HARD = "arena-hard"


class OutputsFormat(StrEnum):
    """Whose fields a file of answers has."""

    AUTO = "auto"
    WRITINGBENCH = "writingbench"
    HELLOBENCH = "hellobench"
    LONGBENCH_WRITE = "longbench-write"
    ARENA_HARD = "arena-hard"
    RESULTS = "results"


class ScoresFormat(StrEnum):
    """Whose fields and scale a file of scores has."""

    AUTO = "auto"
    WRITINGBENCH = "writingbench"
    HELLOBENCH = "hellobench"


AllowInvalid = Annotated[
    bool, typer.Option("--allow-invalid", help="Leave out invalid rows even where they are more than 5 %.")
]
PromptsOption = Annotated[
    str,
    typer.Option("--benchmark", help="Whose prompts these are: a benchmark's name, or the path of its .jsonl file."),
]


def register(app: typer.Typer) -> None:
    """Add the verb, with a word for each thing that can be imported."""
    verb = typer.Typer(
        no_args_is_help=True, rich_markup_mode=None, help="Take in what was written or judged elsewhere."
    )
    verb.command("outputs", short_help="A model's answers from a JSON Lines file.")(outputs)
    verb.command("scores", short_help="A model's rubric scores from a JSON Lines file.")(scores)
    verb.command("battles", short_help="Battles from a CSV or JSON Lines file.")(battles)
    app.add_typer(verb, name="import", short_help="Take in answers, scores and battles made elsewhere.")


def outputs(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="JSON Lines, an answer a row: {index, response} as WritingBench has it, {id, response} as HelloBench, "
            "{prompt, response} as LongBench-Write, {uid, model, messages} as Arena-Hard, or rows of a results folder.",
        ),
    ],
    benchmark: PromptsOption,
    source: Annotated[
        OutputsFormat, typer.Option("--from", help="Whose fields the file has. Default: found by the fields.")
    ] = OutputsFormat.AUTO,
    name: Annotated[
        str | None, typer.Option(help="What the model is called. Default: as the rows say, or after the file.")
    ] = None,
    results: ResultsOption = Path("results"),
    allow_invalid: AllowInvalid = False,
) -> None:
    """Import a model's answers that another tool recorded. They are judged by `eval --model FILE` as if written here.

    Answers are joined to prompts by id, or by the prompt's exact text. A null answer is a failure of the model. Rows
    that cannot be used are counted and named. Importing the same file again adds nothing.
    """
    from arena_write.importing import OutputsRequest, import_outputs
    from arena_write.reports.advice import next_step_of_outputs
    from arena_write.reports.tables import answers_table
    from arena_write.reports.terminal import draw, make_console

    done = import_outputs(
        OutputsRequest(
            path=file,
            results=results,
            benchmark=benchmark,
            format=None if source is OutputsFormat.AUTO else source.value,
            name=name,
            allow_invalid=allow_invalid,
            command=tuple(sys.argv),
        )
    )
    said = make_console(stderr=True)
    said.print(f"{done.added} of {done.matched} answers added ({done.outputs.format})", markup=False)
    _say_faults(said, done.faults)
    if done.missing:
        said.print(f"{len(done.missing)} of {done.report.prompts} prompts have no answer", markup=False)
    console = make_console()
    console.print(draw(answers_table(done.report)))
    console.print()
    advice = next_step_of_outputs(file, benchmark=benchmark, name=name, results=results, program=program_name())
    console.print(printable(advice), markup=False, soft_wrap=True)


def scores(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="JSON Lines, a prompt a row: {index, scores: {criterion: [{score, reason}]}} as WritingBench's "
            "evaluate_benchmark.py writes it, or {id, checklist_wise_evaluation} as HelloBench has it.",
        ),
    ],
    benchmark: PromptsOption,
    source: Annotated[
        ScoresFormat, typer.Option("--from", help="Whose fields and scale the file has. Default: found by the fields.")
    ] = ScoresFormat.AUTO,
    name: Annotated[str | None, typer.Option(help="Whose answers were scored. Default: after the file.")] = None,
    judge: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Who scored, for the files do not say. Files of one judge and one scale come to one board.",
        ),
    ] = None,
    results: ResultsOption = Path("results"),
    allow_invalid: AllowInvalid = False,
) -> None:
    """Import rubric scores that were given elsewhere, and average them on a board of their own.

    Values stay on the scale of their file. What is missing, null or no score on that scale is counted and named, and
    never becomes one. Importing the same file again adds nothing; several files come to one board.
    """
    from arena_write.cli.exits import WITHHELD
    from arena_write.importing import ScoresRequest, import_scores
    from arena_write.reports.advice import next_step_of_scores
    from arena_write.reports.terminal import make_console, render

    done = import_scores(
        ScoresRequest(
            path=file,
            results=results,
            benchmark=benchmark,
            format=None if source is ScoresFormat.AUTO else cast("ScoreFormat", source.value),
            name=name,
            judge=judge,
            allow_invalid=allow_invalid,
            command=tuple(sys.argv),
        )
    )
    said = f"{done.added} of {len(done.file.scores)} scores added ({done.file.format})"
    make_console(stderr=True).print(said, markup=False)
    console = make_console()
    console.print(render(done.board))
    console.print()
    advice = next_step_of_scores(done.board, results=results, program=program_name())
    console.print(printable(advice), markup=False, soft_wrap=True)
    if any(row.mean is None for row in done.board.rubric[0].rows):
        raise typer.Exit(WITHHELD)


def _say_faults(console: "Console", faults: "Sequence[str]") -> None:
    if faults:
        console.print(f"{counted(len(faults), 'row')} left out:", markup=False)
    for fault in faults[:_SHOWN]:
        console.print(printable(f"  {fault}"), markup=False, soft_wrap=True)
    if len(faults) > _SHOWN:
        console.print(f"  and {len(faults) - _SHOWN} more", markup=False)


def battles(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="CSV with a header, or JSON Lines: left, right, winner (left, right, tie), as evalica has it; or "
            "model_a, model_b, winner (model_a, model_b, tie, tie (bothbad)), as Chatbot Arena has it; or uid, model, "
            "baseline, games (two, with A>>B to B>>A), as Arena-Hard has it.",
        ),
    ],
    source: Annotated[
        Format, typer.Option("--from", help="Whose columns and labels the file has. Default: found by the columns.")
    ] = Format.AUTO,
    name: Annotated[str | None, typer.Option(help="What the board is called. Default: after the file.")] = None,
    results: ResultsOption = Path("results"),
    baseline: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="An entrant that anchors the scale; repeat for more: their mean is 1000. Default: those already on "
            "the board, else everybody.",
        ),
    ] = None,
    cluster: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN",
            help="The column that says which battles share a prompt: intervals count prompts. Default: question_id, "
            "prompt_id, prompt and the like; where there is none, every battle counts as its own.",
        ),
    ] = None,
    allow_invalid: AllowInvalid = False,
) -> None:
    """Import battles that were judged elsewhere, and rate their entrants on a board of their own.

    Rows that do not say who met whom and how it ended are counted and named, and never become a tie. Importing the
    same file again adds nothing.
    """
    from arena_write.cli.exits import WITHHELD
    from arena_write.importing import ImportRequest, import_battles
    from arena_write.reports.advice import next_step_of_import
    from arena_write.reports.terminal import make_console, render

    done = import_battles(
        ImportRequest(
            path=file,
            results=results,
            format=None if source is Format.AUTO else cast("BattleFormat", source.value),
            name=name,
            baselines=tuple(baseline or ()),
            cluster=cluster,
            allow_invalid=allow_invalid,
            command=tuple(sys.argv),
        )
    )
    make_console(stderr=True).print(f"{done.added} of {done.board.sections[0].decided} battles added", markup=False)
    console = make_console()
    console.print(render(done.board))
    console.print()
    advice = next_step_of_import(done.board, results=results, program=program_name())
    console.print(printable(advice), markup=False, soft_wrap=True)
    if done.board.sections[0].withheld:
        raise typer.Exit(WITHHELD)
