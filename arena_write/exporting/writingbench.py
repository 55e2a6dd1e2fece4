"""The files of WritingBench's own scripts: responses and scores, a file for each model.

`{index, response}` is what `generate_response.py` leaves to `evaluate_benchmark.py`, and `{index, scores: {criterion:
[{score, reason}, ...]}}` what that leaves to `calculate_scores.py` (X-PLUG/WritingBench). The calculator averages what
it finds, so what is missing is left out: a criterion without a score, and a query without any. An answer with nothing
to judge has the lowest score on every criterion, as on the board.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from arena_write.exporting.board_rows import BoardRows
from arena_write.exporting.errors import ExportUsageError
from arena_write.exporting.selection import Selection
from arena_write.exporting.stored_rows import Row
from arena_write.names import safe_name
from arena_write.ratings import TEN
from arena_write.reports.labels import label_entrants


def writingbench_files(selected: Selection) -> Iterator[tuple[str, bytes]]:
    """Yield the path and the content of each file: `responses/` of a benchmark, and `scores/` of each board.

    A second answer to a prompt, where there are several, is in a second file of responses; all scores of a prompt are
    in one.

    Raises:
        ExportUsageError: A board's scores are on another scale than WritingBench's.
        StoreError: A row is not valid.
    """
    order = {prompt.text_id: number for number, prompt in enumerate(selected.benchmark.prompts())}
    outputs = [row for row in selected.benchmark.outputs() if row.prompt in order]
    labels = label_entrants(outputs)
    answers: dict[tuple[str, int], list[tuple[int, Row]]] = defaultdict(list)
    for row in outputs:
        said = {"index": _index(row.prompt_id), "response": row.text}
        answers[row.entrant, row.sample].append((order[row.prompt], said))
    names = file_names((entrant, labels[entrant].name) for entrant, _ in answers)
    suffixed = {(one, sample): names[one] + (f"-sample{sample}" if sample else "") for one, sample in answers}
    taken = Counter(stem.casefold() for stem in suffixed.values())
    for (entrant, sample), rows in sorted(answers.items()):
        stem = suffixed[entrant, sample]
        stem += f"-{entrant[:8]}" if taken[stem.casefold()] > 1 else ""
        yield f"responses/{stem}.jsonl", _lines(said for _, said in sorted(rows, key=lambda row: row[0]))
    for place in selected.places:
        board = BoardRows(place)
        scores = board.scores()
        if scores and board.scale != TEN:
            raise ExportUsageError(
                f"the scores of {place.options} go from {board.scale.lowest:g} to {board.scale.highest:g}, and "
                "WritingBench's from 1 to 10; leave that board out with --benchmark and --judge"
            )
        yield from ((f"{place.folder.path.name}/scores/{stem}.jsonl", data) for stem, data in _score_files(scores))


def file_names(named: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return a file name part for each id, given its name: names that would be one file have their ids behind them."""
    safe = {key: safe_name(name) for key, name in named}
    often = [name.casefold() for name in safe.values()]
    return {key: f"{name}-{key[:8]}" if often.count(name.casefold()) > 1 else name for key, name in safe.items()}


def _score_files(scores: Sequence[Row]) -> Iterator[tuple[str, bytes]]:
    mine: dict[str, list[Row]] = defaultdict(list)
    for row in scores:
        mine[row["entrant_id"]].append(row)
    names = file_names((key, rows[0]["entrant"]) for key, rows in mine.items())
    for key, rows in mine.items():
        yield names[key], _lines(_score_records(rows))


def _score_records(rows: Sequence[Row]) -> Iterator[Row]:
    """Yield a record for each prompt, in the order of the rows; a file that had several of one has as many again."""
    imported = rows[0]["decided_by"] == "imported"
    records: dict[tuple[str, int], dict[str, list[Row]]] = {}
    for row in rows:
        place = (row["prompt_id"], row["record"] if imported else 0)
        criteria = records.setdefault(place, {})
        criteria.setdefault(row["criterion"], []).append({"score": int(row["score"]), "reason": row["reason"]})
    for (prompt, _), criteria in records.items():
        yield {"index": _index(prompt), "scores": criteria}


def _index(prompt_id: str) -> int | str:
    """Return the number that an id is, as WritingBench's index is one; other ids as they are."""
    plain = prompt_id.isascii() and prompt_id.isdigit() and str(int(prompt_id)) == prompt_id
    return int(prompt_id) if plain else prompt_id


def _lines(rows: Iterable[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode("utf-8")
