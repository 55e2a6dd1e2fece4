"""A benchmark's prompts, answers, judgements and boards as a folder that the `datasets` library loads."""

import json
from collections.abc import Iterator, Sequence

from arena_write.exporting.board_rows import BoardRows
from arena_write.exporting.selection import Selection
from arena_write.exporting.stored_rows import Row, output_rows, prompt_rows
from arena_write.exporting.tables import columns, to_parquet
from arena_write.reports.board import Board
from arena_write.reports.markdown import escape, to_markdown
from arena_write.reports.spreadsheet import list_rows

_TABLES = {
    "prompts": "the writing tasks, with the length that each asks for and its rubric criteria",
    "outputs": "the answers of every entrant, whole",
    "battles": "comparisons of two answers, decided ones alone",
    "scores": "rubric scores, decided ones alone, with the judge's reasons",
    "board": "the numbers of the boards: a row for each part, set of prompts and entrant",
}
_LANGUAGES = ("en", "zh")
_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))


def dataset_files(selected: Selection) -> Iterator[tuple[str, bytes]]:
    """Yield the path and the content of each file: a card, and a Parquet file for each table that has rows.

    Raises:
        StoreError: A row is not valid.
    """
    boards = [place.read() for place in selected.places if place.has_board]
    rows = [BoardRows(place) for place in selected.places]
    tables = {
        "prompts": list(prompt_rows(selected.benchmark)),
        "outputs": list(output_rows(selected.benchmark)),
        "battles": [row for board in rows for row in board.battles()],
        "scores": [row for board in rows for row in board.scores()],
        "board": list(list_rows(boards)),
    }
    tables = {name: found for name, found in tables.items() if found}
    for name, found in tables.items():
        yield f"data/{name}.parquet", to_parquet(found)
    yield "README.md", _card(selected.name, tables, boards).encode("utf-8")


def _card(benchmark: str, tables: dict[str, list[Row]], boards: Sequence[Board]) -> str:
    """Return the card: what the hub reads, then what people read."""
    parts = [
        _header(benchmark, tables),
        f"# {escape(benchmark)}: answers and judgements",
        "Long-form writing, judged: exported from a results folder of arena-write.",
        "**Licence: not chosen yet.** `license: unknown` above stands for it. Prompts, answers and judgements may have "
        "owners and terms of their own; whoever publishes this says under which it may be used.",
        "## Tables",
        *(
            f"* `{name}` ({len(found)} rows): {_TABLES[name]}. Columns: {_columns(found)}."
            for name, found in tables.items()
        ),
        "Comparisons and scores that are missing (unreadable replies, calls that failed) have no row. `decided_by` "
        "says where no judge was asked: the same text twice ties, and an answer with nothing in it loses and scores "
        "lowest.",
        "```python\nfrom datasets import load_dataset\n\n"
        f'load_dataset("path/to/this/folder", "{next(iter(tables))}", split="train")\n```',
        *(["## Boards"] if boards else []),
        *(to_markdown(board).replace("## ", "### ", 1).rstrip() for board in boards),
    ]
    return "\n\n".join(parts) + "\n"


def _header(benchmark: str, tables: dict[str, list[Row]]) -> str:
    """Return the YAML of a card; strings are written as JSON has them, which is YAML."""
    spoken = {row.get("language") for row in tables.get("prompts", ())}
    rows = sum(map(len, tables.values()))
    size = next((name for limit, name in _SIZES if rows < limit), "n>1M")
    lines = [
        "license: unknown",
        f"pretty_name: {json.dumps(benchmark)}",
        *(["language:", *(f"- {one}" for one in _LANGUAGES if one in spoken)] if spoken & {*_LANGUAGES} else []),
        "tags:",
        "- long-form-writing",
        "- llm-as-a-judge",
        f"size_categories:\n- {size}",
        "configs:",
        *(f"- config_name: {name}\n  data_files: data/{name}.parquet" for name in tables),
    ]
    return "---\n" + "\n".join(lines) + "\n---"


def _columns(rows: Sequence[Row]) -> str:
    return ", ".join(f"`{name}`" for name in columns(rows))
