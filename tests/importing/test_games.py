"""Arena-Hard's judgements: two games a pair, five labels, and calls that failed."""

import pytest
from writing import write_jsonl

from arena_write.importing import ImportingError, ImportRequest, import_battles, read_battles
from arena_write.store import ResultsFolder


def judged(number, first, second, **fields):
    games = [None if label is None else {"score": label, "judgment": {"answer": "So."}} for label in (first, second)]
    row = {"uid": f"u{number}", "category": "creative_writing", "judge": "gpt-4.1", "model": "mine", "baseline": "o3"}
    return row | {"games": games} | fields


@pytest.fixture
def read(tmp_path):
    def call(rows, **options):
        return read_battles(write_jsonl(tmp_path / "mine.jsonl", rows), **options)

    return call


def facts(file):
    return [(battle.first, battle.second, battle.score, battle.cluster, battle.label) for battle in file.battles]


def test_in_the_first_game_the_baseline_is_a_and_in_the_second_the_model(read):
    file = read([judged(1, "A>>B", "A>B"), judged(2, "B>A", "A=B")])
    assert (file.format, file.cluster, file.judges) == ("arena-hard", "uid", ("gpt-4.1",))
    assert facts(file) == [
        ("o3", "mine", 1.0, "u1", "A>>B"),
        ("mine", "o3", 1.0, "u1", "A>B"),
        ("o3", "mine", 0.0, "u2", "B>A"),
        ("mine", "o3", 0.5, "u2", "A=B"),
    ]


@pytest.mark.parametrize(
    ("games", "kinds"),
    [
        ([None, {"score": "A>B"}], {"no score": 1}),
        ([{"score": None}, {"score": "A>B"}], {"no score": 1}),
        ([{"score": "A"}, {"score": "A>B"}], {"unknown label": 1}),
        ([{"score": "a>b"}, {"score": 1}], {"unknown label": 2}),
        ([{"score": "A>B"}], {"missing field": 2}),
        (None, {"missing field": 2}),
    ],
)
def test_games_without_a_verdict_are_counted_each(read, games, kinds):
    file = read([judged(number, "A>B", "B>A") for number in range(60)] + [judged(60, "A>B", "A>B", games=games)])
    assert {kind.kind: kind.rows for kind in file.invalid} == kinds
    assert len(file.battles) == 122 - sum(kinds.values())


def test_past_a_twentieth_the_file_is_refused(read):
    with pytest.raises(ImportingError, match=r"2 of 6 rows are no battles, more than 5%\. no score: 2 \(lines 1, 2: "):
        read([judged(1, None, "A>B"), judged(2, "A>B", None), judged(3, "A>B", "A>B")])


def test_strengths_are_kept_and_count_once(tmp_path):
    labels = ["A>>B", "A>B", "A=B", "B>A", "B>>A"]
    rows = [judged(number, labels[number % 5], labels[(number * 3) % 5]) for number in range(40)]
    path = write_jsonl(tmp_path / "mine.jsonl", rows)
    done = import_battles(ImportRequest(path=path, results=tmp_path / "results", baselines=("o3",)))
    assert (done.added, done.board.sections[0].prompts) == (80, 40)
    (benchmark,) = ResultsFolder(tmp_path / "results").benchmarks()
    (board,) = benchmark.boards()
    assert {row.label for row in board.imports.read()} == set(labels)
    assert import_battles(ImportRequest(path=path, results=tmp_path / "results")).added == 0
    weak = [row | {"games": [{"score": game["score"].replace(">>", ">")} for game in row["games"]]} for row in rows]
    other = import_battles(ImportRequest(path=write_jsonl(tmp_path / "weak.jsonl", weak), results=tmp_path / "weak"))
    elo = {row.name: row.elo for row in done.board.sections[0].rows}
    assert other.board.sections[0].decided == 80
    gap = {row.name: row.elo for row in other.board.sections[0].rows}
    assert gap["mine"] - gap["o3"] == pytest.approx(elo["mine"] - elo["o3"], abs=1e-4)
