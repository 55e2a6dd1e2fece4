"""One board held against its rows."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from arena_write.names import counted
from arena_write.reports.board import BOARDS, Board
from arena_write.store import BenchmarkFolder, BoardFolder, read_json
from arena_write.verification.comparing import Comparison, Difference
from arena_write.verification.frozen import compare_anchors
from arena_write.verification.imported import read_imported, recompute_imported
from arena_write.verification.imported_scores import read_files, read_rows, recompute_imported_scores
from arena_write.verification.material import read_material
from arena_write.verification.recompute import list_scopes, recompute
from arena_write.verification.spending import TOKENS

_SETTINGS = {"title", "context", "min_coverage", "excluded", "writingbench"}
_COUNTED = {
    *("prompts", "cells", "decided", "planned", "judged", "identical", "failed", "invalid", "open", "no_output"),
    *("coverage", "score", "mean", "saturation", "answers", "no_answer", "truncated", "length_asked", "length_obeyed"),
    *("broken_off", "median_words", "median_chars", "repeated", "spending", "calls", "price", *TOKENS),
    *("length_ratio", "length_reward"),
}
"""What is counted, or a plain mean: differs where a row does."""


@dataclass(frozen=True, slots=True)
class Verification:
    """What came of holding a board against its rows.

    Args:
        numbers: How many of its numbers were recomputed.
        basis: What they were recomputed from, for people.
        differences: What the rows do not give.
        anchors: What frozen ratings were taken from, for people; nothing on a board without.
    """

    numbers: int
    basis: str
    differences: tuple[Difference, ...]
    anchors: str = ""


def verify_board(folder: BenchmarkFolder, board: BoardFolder) -> Verification:
    """Recompute every number of a stored board, by other code than that which made it.

    Raises:
        StoreError: A file cannot be read, a row is not valid, or there is no board.
    """
    stored = read_json(board.board_path, BOARDS)
    data = board.board_path.read_bytes()
    comparison, anchors, about = Comparison(), "", board.imported()
    if files := read_files(board):
        rows = read_rows(board, files)
        comparison.compare(json.loads(data), recompute_imported_scores(folder, board, files, rows))
        basis = f"{len(rows)} imported scores"
    elif about is not None:
        cells = read_imported(board, about)
        comparison.compare(json.loads(data), recompute_imported(folder, board, about, cells))
        basis = counted(len(cells), "imported battle")
    else:
        material = read_material(folder, board)
        comparison.compare(json.loads(data), recompute(material))
        anchors = compare_anchors(material, board, list_scopes(material), comparison)
        judgements = counted(len(material.verdicts) + len(material.scores), "judgement")
        basis = f"{counted(len(material.answers), 'answer')} and {judgements}"
    differences = comparison.differences
    if not differences and stored.to_json() != data:
        differences = [Difference("board.json", "other spaces or another order", "the same numbers", of_form=True)]
    return Verification(comparison.numbers, basis, tuple(differences), anchors)


def explain(differences: Sequence[Difference]) -> str:
    """Say in a sentence why a board can differ in these ways from its rows."""
    if is_of_form(differences):
        return (
            "every number that stands in it agrees with its rows, and no number is wrong: it was written by an earlier "
            "version, whose boards had fewer fields, or by another program"
        )
    whole = {difference.where.partition(", ")[0] for difference in differences}
    if "anchors.json" in whole:
        return (
            "anchors.json does not hold what the battles among the baselines give: it was changed, or rows of theirs "
            "were changed or removed"
        )
    if whole & {"plan", "score_plan"}:
        return "the board was built for another plan than that of plans.jsonl and score-plans.jsonl"
    if "imported" in whole:
        return "the board was built with another import.json: other baselines, or another reading of the file"
    if "score_files" in whole:
        return "the board was built from other files of scores than those of score-files.jsonl"
    if whole & _SETTINGS:
        return "the board was built with other settings than those that lie beside it, or edited"
    if any(difference.field in _COUNTED for difference in differences):
        return "rows were added, removed or changed since the board was built, or the board was edited"
    return "what is counted from the rows agrees, so the board was edited, or built by other rules"


def is_of_form(differences: Sequence[Difference]) -> bool:
    """Say whether a board is merely written otherwise than boards are today; all of its numbers are right."""
    return all(difference.of_form for difference in differences)


def compare_words(stored: Board, built: Board) -> tuple[Difference, ...]:
    """Return where sentences of a board are not those of the same board built anew.

    Numbers are recomputed by `verify_board`; words are not, so they are held against those that are written today.
    """
    words, other = dict(_words(stored)), dict(_words(built))
    places = sorted(words.keys() | other.keys())
    return tuple(
        Difference(place, repr(words.get(place)), repr(other.get(place)))
        for place in places
        if words.get(place) != other.get(place)
    )


def _words(board: Board) -> Iterator[tuple[str, str]]:
    yield "scale", board.scale
    yield "judge_check", board.judge_check
    for section in board.sections:
        yield f"sections, {section.scope}, withheld", section.withheld
        yield from ((f"sections, {section.scope}, {row.name}, reason", row.reason) for row in section.rows)
    for rubric in board.rubric:
        yield from ((f"rubric, {rubric.scope}, {row.name}, reason", row.reason) for row in rubric.rows)
        for gap in rubric.differences:
            yield f"rubric, {rubric.scope}, {gap.first} and {gap.second}, reason", gap.reason
