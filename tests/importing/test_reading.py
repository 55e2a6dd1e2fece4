"""Reading files of battles: columns in any order, every row that is none counted with its reason and line."""

import csv
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from importing.files import write_csv

from arena_write.importing import ImportingError, ImportingUsageError, read_battles
from arena_write.importing.battles import CLUSTER_COLUMNS, MAX_NAME

GOOD = b"left,right,winner\n" + b"a,b,left\n" * 40


@pytest.fixture
def read(tmp_path):
    """Read a file that holds these bytes."""

    def call(data, **options):
        path = tmp_path / "battles.csv"
        path.write_bytes(data)
        return read_battles(path, **options)

    return call


def plain(file):
    return [battle[1:4] for battle in file.battles]


def kinds(file):
    return {kind.kind: (kind.rows, kind.lines) for kind in file.invalid}


def test_the_labels_of_evalica(read):
    file = read(b"left,right,winner\na,b,left\na,b,right\na,b,tie\n")
    assert file.format == "evalica"
    assert plain(file) == [("a", "b", 1.0), ("a", "b", 0.0), ("a", "b", 0.5)]
    assert [battle.line for battle in file.battles] == [2, 3, 4]
    assert not file.invalid


@pytest.mark.parametrize(
    ("label", "score"), [("model_a", 1.0), ("model_b", 0.0), ("tie", 0.5), ("tie (bothbad)", 0.5), ("both_bad", 0.5)]
)
def test_the_labels_of_chatbot_arena(read, label, score):
    file = read(f"model_a,model_b,winner\na,b,{label}\n".encode())
    assert file.format == "arena"
    assert plain(file) == [("a", "b", score)]


def test_columns_in_any_order_and_further_ones(read):
    file = read(b'tokens,winner,right,note,left\n12,left,b,"said, well",a\n7,right,b,,a\n')
    assert plain(file) == [("a", "b", 1.0), ("a", "b", 0.0)]


def test_json_lines_of_the_same_fields(read):
    rows = [
        {"winner": "model_a", "model_b": "b", "model_a": "a", "turn": 1, "question_id": 81},
        {"model_a": "a", "model_b": "b", "winner": "tie", "question_id": 82, "judge": ["gpt-4", "pair"]},
    ]
    file = read("".join(json.dumps(row) + "\n\n" for row in rows).encode())
    assert file.format == "arena"
    assert [(battle.line, battle.score, battle.cluster) for battle in file.battles] == [(1, 1.0, "81"), (3, 0.5, "82")]
    assert file.judges == ()


def test_whole_numbers_are_names_in_json_lines_as_in_csv(read):
    file = read(b'{"left": 0, "right": 1, "winner": "tie"}\n')
    assert plain(file) == plain(read(b"left,right,winner\n0,1,tie\n")) == [("0", "1", 0.5)]


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbfleft,right,winner\na,b,left\n",
        b"left,right,winner\r\na,b,left\r\n",
        b"left,right,winner\ra,b,left\r",
        b"left,right,winner\na,b,left",
        b"\n left , right,winner \n\n a , b, left \n\n",
        b'"left","right","winner"\n"a","b","left"\n',
        b'\xef\xbb\xbf{"left": "a", "right": " b", "winner": "left"}',
    ],
    ids=["byte order mark", "CRLF", "CR", "no last newline", "blanks", "quotes", "JSON with byte order mark"],
)
def test_what_programs_write_in_one_way_or_another(read, data):
    assert plain(read(data)) == [("a", "b", 1.0)]


@pytest.mark.parametrize(
    ("row", "kind", "detail"),
    [
        (b"a,b,LEFT", "unknown label", "winner is 'LEFT', known are left, right, tie"),
        (b"a,b,model_a", "unknown label", "winner is 'model_a'"),
        (b"a,b,", "unknown label", "winner is ''"),
        (b"a,b,nan", "unknown label", "winner is 'nan'"),
        (b",b,tie", "empty name", "left is ''"),
        (b"a, ,tie", "empty name", "right is ''"),
        (b"nan,b,tie", "empty name", "left is 'nan'"),
        (b"a,NaN,tie", "empty name", "right is 'NaN'"),
        (b"a,None,tie", "empty name", "right is 'None'"),
        (b"a,a,tie", "self-battle", "'a' met itself"),
        (b"a, a ,tie", "self-battle", "'a' met itself"),
        (b"a,b", "wrong number of columns", "2, the header has 3"),
        (b"a,b,left,", "wrong number of columns", "4, the header has 3"),
        (b",", "wrong number of columns", "2, the header has 3"),
        (b"\xff,b,left", "not UTF-8", "a byte that is not UTF-8"),
        (b"a,b,left\xc3", "not UTF-8", "a byte that is not UTF-8"),
        (b"x" * 10_000 + b",b,left", "long name", "left has 10000 characters: is it a text?"),
    ],
)
def test_a_row_that_is_no_battle_is_counted_by_kind_and_line(read, row, kind, detail):
    file = read(GOOD + row + b"\na,b,right\n")
    assert len(file.battles) == 41
    (found,) = file.invalid
    assert (found.kind, found.rows, found.lines) == (kind, 1, (42,))
    assert detail in found.detail
    assert len(found.detail) < 200


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        (b'{"left": "a", "winner": "left"}', "missing field"),
        (b'{"left": "a", "right": null, "winner": "left"}', "missing field"),
        (b'{"left": "a", "right": 1.5, "winner": "left"}', "missing field"),
        (b'{"left": "a", "right": true, "winner": "left"}', "missing field"),
        (b'{"left": "a", "right": ["b"], "winner": "left"}', "missing field"),
        (b'{"left": "a", "right": "b", "winner": 1}', "unknown label"),
        (b'{"left": "a", "right": NaN, "winner": "left"}', "not an object"),
        (b'{"left": "a", "left": "c", "right": "b", "winner": "left"}', "not an object"),
        (b'["a", "b", "left"]', "not an object"),
        (b'{"left": "a", "rig', "not an object"),
        (b'{"left": "a", "right": "\xff", "winner": "left"}', "not UTF-8"),
        (b'{"left": "a", "right": "\\ud800", "winner": "left"}', "not UTF-8"),
    ],
)
def test_a_line_of_json_that_is_no_battle_is_counted_by_kind_and_line(read, row, kind):
    file = read(b'{"left": "a", "right": "b", "winner": "left"}\n' * 40 + row + b"\n")
    assert len(file.battles) == 40
    assert kinds(file) == {kind: (1, (41,))}


def test_several_invalid_rows_are_named_by_their_first_lines(read):
    file = read(GOOD + b"a,b,?\n" * 7 + b"a,a,tie\n", allow_invalid=True)
    assert kinds(file) == {"unknown label": (7, (42, 43, 44, 45, 46)), "self-battle": (1, (49,))}


def test_more_than_five_percent_invalid_rows_are_refused_unless_allowed(read):
    assert len(read(GOOD * 1 + b"a,b,?\n" * 2).battles) == 40  # 2 of 42 are 4.8 %
    with pytest.raises(ImportingError) as caught:
        read(GOOD + b"a,b,?\n" * 2 + b"b,b,left\n")
    said = str(caught.value)
    assert "3 of 43 rows are no battles, more than 5%" in said
    assert "unknown label: 2 (lines 42, 43: winner is '?', known are left, right, tie)" in said
    assert "self-battle: 1 (line 44: 'b' met itself)" in said
    assert "--allow-invalid" in said
    assert len(read(GOOD + b"a,b,?\n" * 2 + b"b,b,left\n", allow_invalid=True).battles) == 40


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "the file is empty"),
        (b" \n\n", "the file is empty"),
        (b"\xef\xbb\xbf", "the file is empty"),
        (b"left,right,winner\n", "a header and no battles"),
        (b"left,right,winner\na,a,tie\nb,b,left\n", "none of 2 rows is a battle. self-battle: 2 (lines 2, 3:"),
        (b"left,right,winner\na,b,?\n", "none of 1 row is a battle. unknown label: 1 (line 2:"),
        (b"a,b,left\n", "the columns 'a', 'b', 'left'; wanted are left, right, winner (evalica), or model_a, model_b,"),
        (b"left;right;winner\na;b;left\n", ":1: semicolons stand between the columns, and commas are wanted; save the"),
        (b'\xef\xbb\xbf"left";"right";"winner"\n', ":1: semicolons stand between the columns, and commas are wanted"),
        (b"left\tright\twinner\na\tb\tleft\n", r":1: tabs stand between the columns, and commas are wanted; save the"),
        (b"left\tright\twinner\na\tb\tleft\n", r"in pandas: read_csv(OLD, sep='\t').to_csv(NEW, index=False)"),
        (b"LEFT,RIGHT,WINNER\na,b,left\n", "the columns 'LEFT', 'RIGHT', 'WINNER'; wanted are"),
        (b"left,left,right,winner\na,b,c,left\n", "several columns 'left'"),
        (b'{"model_a": "a", "winner": "tie"}\n', "the columns 'model_a', 'winner'; wanted are"),
        (b"[\n1]\n", "the file is one JSON array; wanted is JSON Lines, one object per line with neither brackets nor"),
        (b'[{"left": "a", "right": "b", "winner": "tie"}]', "jq -c '.[]' OLD > NEW.jsonl writes that"),
        (b"{]\n", "Expecting property name enclosed in double quotes; write one object per line"),
        (b"{}]\n", "no line is a JSON object: expected one JSON object"),
        ("left,right,winner\na,b,left\n".encode("utf-16"), "the header is not UTF-8"),
        (b'left,right,winner\na,b,left\na,"b"c,left\n', ":3: the quotes of this row are broken"),
        (b'left,right,winner\na,b,left\n"a,b,left\nb,a,left\n', ":3: the quotes of this row are broken"),
    ],
)
@pytest.mark.parametrize("allow_invalid", [False, True])
def test_a_file_without_battles_is_refused_with_the_mend(read, data, said, allow_invalid):
    with pytest.raises(ImportingError) as caught:
        read(data, allow_invalid=allow_invalid)
    assert said in str(caught.value)
    assert "battles.csv" in str(caught.value)


def test_many_columns_are_listed_by_the_first(read):
    with pytest.raises(ImportingError, match="'c9' and 20 more; wanted"):
        read(",".join(f"c{number}" for number in range(30)).encode() + b"\n")


def test_a_file_that_is_not_there_and_a_folder(tmp_path):
    for path in (tmp_path / "nothing.csv", tmp_path):
        with pytest.raises(ImportingUsageError, match="there is no such file"):
            read_battles(path)


def test_columns_of_both_formats_ask_which(read):
    data = b"left,right,model_a,model_b,winner\na,b,c,d,left\n"
    with pytest.raises(ImportingUsageError, match="--from"):
        read(data)
    assert plain(read(data, format="evalica")) == [("a", "b", 1.0)]
    with pytest.raises(ImportingError, match="unknown label"):
        read(data, format="arena")
    with pytest.raises(ImportingError, match=r"wanted are model_a, model_b, winner \(arena\)\."):
        read(GOOD, format="arena")


@pytest.mark.parametrize("column", CLUSTER_COLUMNS)
def test_known_columns_say_which_battles_share_a_prompt(read, column):
    file = read(f"left,right,winner,{column}\na,b,left, p 1 \na,b,right,p 1\n".encode())
    assert file.cluster == column
    assert [battle.cluster for battle in file.battles] == ["p 1", "p 1"]


def test_the_first_known_column_is_taken_and_another_can_be_named(read):
    data = b"prompt,left,right,winner,question_id,topic\nlong text,a,b,left,q1,t1\n"
    assert [battle.cluster for battle in read(data).battles] == ["q1"]
    assert [battle.cluster for battle in read(data, cluster="topic").battles] == ["t1"]
    with pytest.raises(ImportingUsageError, match="no column 'topics' for --cluster; the columns are 'prompt', 'left'"):
        read(data, cluster="topics")


def test_without_such_a_column_no_battle_names_a_prompt(read):
    file = read(GOOD)
    assert file.cluster is None
    assert {battle.cluster for battle in file.battles} == {None}


def test_a_battle_without_its_prompt_is_none(read):
    file = read(b"left,right,winner,prompt\n" + b"a,b,left,p\n" * 20 + b"a,b,left,\n")
    assert kinds(file) == {"missing field": (1, (22,))}


@pytest.mark.parametrize("place", [0, 7, 40])
def test_a_line_of_json_without_its_prompt_is_no_battle_wherever_it_stands(read, place):
    lines = [b'{"left": "a", "right": "b", "winner": "left", "prompt": "p"}\n'] * 40
    lines.insert(place, b'{"left": "a", "right": "b", "winner": "left"}\n')
    file = read(b"".join(lines))
    assert file.cluster == "prompt"
    assert kinds(file) == {"missing field": (1, (place + 1,))}


def test_judges_are_named_as_in_the_file(read):
    file = read(b"left,right,winner,judge\na,b,left,gpt-4\na,b,left,\na,b,left,Ann\na,b,tie,gpt-4\n")
    assert file.judges == ("", "Ann", "gpt-4")
    assert read(GOOD).judges == ()
    assert [battle.judge for battle in file.battles] == ["gpt-4", "", "Ann", "gpt-4"]


def test_names_may_hold_quotes_commas_and_newlines(tmp_path):
    names = ['a "b", c', "two\nlines", "zwei\r\nZeilen", "tab\there", "模型", "a\u2028b", "../../x", "é" * MAX_NAME]
    path = write_csv(tmp_path / "odd.csv", *((name, "other", "tie") for name in names), ("x", "other", "left"))
    file = read_battles(path)
    assert not file.invalid
    assert [battle.first for battle in file.battles] == [*names, "x"]


def test_a_row_after_a_name_of_two_lines_has_the_number_of_its_line(read):
    file = read(b'left,right,winner\n"a\nb",c,left\nx,c,?\nx,c,left\n', allow_invalid=True)
    assert [battle.line for battle in file.battles] == [2, 5]
    assert kinds(file) == {"unknown label": (1, (4,))}


def test_columns_with_whole_answers_may_be_long(read):
    limit = csv.field_size_limit()
    answer = "a line\nof words, " * 50_000
    file = read(f'left,right,answer,winner\na,b,"{answer}",left\na,b,short,right\n'.encode())
    assert plain(file) == [("a", "b", 1.0), ("a", "b", 0.0)]
    assert csv.field_size_limit() == limit


def test_a_text_that_looks_like_rows_is_no_row(read):
    # Whoever wrote the answers may not cast votes: a quoted field is one field, whatever stands in it.
    inside = "\n".join(["evil,good,left"] * 30)
    file = read(
        GOOD.replace(b"winner", b"winner,answer").replace(b",left\n", b",left,x\n") + f'a,b,?,"{inside}"\n'.encode()
    )
    assert {battle.first for battle in file.battles} == {"a"}
    assert kinds(file) == {"unknown label": (1, (42,))}


CELL = st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0nN"), max_size=6)


@given(rows=st.lists(st.tuples(CELL, CELL, st.sampled_from(["left", "right", "tie", "", "?"])), max_size=8))
def test_every_row_is_a_battle_or_counted(tmp_path_factory, rows):
    path = write_csv(tmp_path_factory.mktemp("any") / "any.csv", ("a", "b", "left"), *rows)
    file = read_battles(path, allow_invalid=True)
    assert len(file.battles) + sum(kind.rows for kind in file.invalid) == len(rows) + 1
    good = [
        (left.strip(), right.strip(), {"left": 1.0, "right": 0.0, "tie": 0.5}[winner])
        for left, right, winner in [("a", "b", "left"), *rows]
        if winner in ("left", "right", "tie") and left.strip() and right.strip() and left.strip() != right.strip()
    ]
    assert plain(file) == good
