"""`arena-write benchmark`: from nothing to a frozen benchmark that rates a model, as users do it."""

import json
import random
import shutil

import pytest
from command import run
from scripted_server import start_server
from writing import write_jsonl, write_text

MODELS = {
    "one": {"name": "essay", "words": [200, 900]},
    "two": {"name": "essay", "words": [100, 700]},
    "mute": {"name": "essay"},
    "judge": {"name": "judge", "verdict": "hash"},
}


@pytest.fixture
def mine(tmp_path):
    done = run("benchmark", "init", "mine", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine.jsonl", "mine.md"]
    return tmp_path / "mine.jsonl"


def ids_of(path):
    return [json.loads(line)["id"] for line in path.read_text("utf-8").split("\n") if line]


def answers(path, prompts, **changes):
    rows = [
        {"prompt_id": name, "text": write_text((path.stem, name), words=random.Random(name).randint(50, 300))}
        for name in ids_of(prompts)
    ]
    return write_jsonl(path, [row | changes.get(row["prompt_id"].replace("-", "_"), {}) for row in rows])


def test_the_example_works_at_once(mine, tmp_path):
    done = run("benchmark", "check", "mine.jsonl", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "mine.jsonl: 4 prompts without a fault" in done.stdout
    assert "languages: en 2, zh 2" in done.stdout
    assert "length requests: about 1, at_least 1, at_most 1, range 1; 2 read from the prompts' words" in done.stdout
    with start_server({"models": MODELS}) as server:
        done = run(
            "eval", "--benchmark", "mine.jsonl", "--model", f"openai/one@{server.base_url}",
            "--judge", f"openai/judge@{server.base_url}", cwd=tmp_path,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "5 of 5 scores decided" in done.stdout


def test_init_again_writes_over_nothing(mine, tmp_path):
    mine.write_text("mine alone", "utf-8")
    done = run("benchmark", "init", "mine", cwd=tmp_path)
    assert done.returncode == 1
    assert "is there already" in done.stderr
    assert mine.read_text("utf-8") == "mine alone"


def test_faults_are_named_and_end_with_one(mine, tmp_path):
    rows = [json.loads(line) for line in mine.read_text("utf-8").split("\n") if line]
    hostile = "[bold]\x1b]0;x\x07</td>" + rows[1]["text"]
    write_jsonl(mine, [*rows, rows[0], rows[1] | {"id": "[red]again", "text": hostile}, {"id": "x", "text": ""}])
    done = run("benchmark", "check", "mine.jsonl", cwd=tmp_path)
    assert done.returncode == 1
    assert "! mine.jsonl:5: the id 'en-allotment' stands in line 1 already; give each prompt its own id" in done.stdout
    assert "! mine.jsonl:7: 'text' is empty; give the text or remove the row" in done.stdout
    assert "[red]again, line 6" in done.stdout
    assert "\x1b" not in done.stdout
    done = run("benchmark", "check", "nowhere.jsonl", cwd=tmp_path)
    assert done.returncode == 1
    assert "nowhere.jsonl: cannot be read" in done.stderr


def test_overlap_with_training_data_ends_with_one(mine, tmp_path):
    shutil.copy(mine, tmp_path / "train.jsonl")
    done = run("benchmark", "check", "mine.jsonl", "--against", "train.jsonl", cwd=tmp_path)
    assert done.returncode == 1
    assert "! mine.jsonl:1: 100% of prompt 'en-allotment' stands in train.jsonl:1" in done.stdout
    assert "overlap with train.jsonl: 4 prompts" in done.stdout


def test_baselines_are_written_frozen_and_ready_for_anchor_and_eval(mine, tmp_path):
    before = ids_of(mine)
    with start_server({"models": MODELS, "faults": {"rate_limited": 0.1}, "seed": 3}) as server:
        command = ["benchmark", "baselines", "mine.jsonl", "--price", "1,1"]
        for name in ("one", "two"):
            command += ["--model", f"{name}=openai/{name}@{server.base_url}"]
        refused = run(*command, cwd=tmp_path)
        assert refused.returncode == 2
        assert "agree with --yes, or bound it with --max-cost" in refused.stderr
        command += ["--max-cost", "1"]
        done = run(*command, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert "4 calls for answers of one" in done.stderr
        asked = server.stats()["behaviours"]["ok"]
        assert asked == 8
        frozen = tmp_path / "mine.frozen.jsonl"
        data = frozen.read_bytes()
        again = run(*command, cwd=tmp_path)
        assert again.returncode == 0, again.stderr
        assert (frozen.read_bytes(), server.stats()["behaviours"]["ok"]) == (data, asked)
        frozen.unlink()
        assert run(*command, cwd=tmp_path).returncode == 0
        assert frozen.read_bytes() == data

        moved = shutil.move(frozen, tmp_path / "elsewhere.jsonl")
        judge = ("--benchmark", moved, "--judge", f"openai/judge@{server.base_url}", "--yes", "--results", "other")
        done = run("anchor", *judge, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        answers(tmp_path / "cand.jsonl", tmp_path / "mine.jsonl")
        done = run("eval", *judge, "--model", "cand.jsonl", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "anchored: baselines frozen" in done.stdout
    assert all(f"\n{name}*" in done.stdout for name in ("one", "two"))
    assert ids_of(tmp_path / "elsewhere.jsonl") == before
    (folder,) = (tmp_path / "other").glob("mine@*")
    assert folder.name in again.stdout
    assert run("verify", "--results", "other", cwd=tmp_path).returncode == 0
    checked = run("benchmark", "check", "elsewhere.jsonl", cwd=tmp_path)
    assert f"results will carry {folder.name}, frozen" in checked.stdout


def test_a_run_that_reaches_its_bound_goes_on(mine, tmp_path):
    with start_server({"models": MODELS}) as server:
        command = ["benchmark", "baselines", "mine.jsonl", "--yes", "--model", f"openai/one@{server.base_url}"]
        done = run(*command, "--max-calls", "2", cwd=tmp_path)
        assert done.returncode == 1
        assert "Next: answers are missing; run the same command again" in done.stdout
        assert not (tmp_path / "mine.frozen.jsonl").exists()
        assert run(*command, cwd=tmp_path).returncode == 0
        assert server.stats()["behaviours"]["ok"] == 4
    assert (tmp_path / "mine.frozen.jsonl").exists()


def test_a_further_baseline_joins_those_of_a_frozen_file(mine, tmp_path):
    for name in ("a", "b", "c"):
        answers(tmp_path / f"{name}.jsonl", mine)
    assert run("benchmark", "baselines", "mine.jsonl", "--model", "a.jsonl", cwd=tmp_path).returncode == 0
    more = ("benchmark", "baselines", "mine.frozen.jsonl", "--model", "b.jsonl")
    done = run(*more, cwd=tmp_path)
    assert done.returncode == 2
    assert "mine.frozen.jsonl is there already, with other prompts or baselines: give another --output" in done.stderr
    done = run(*more, "--output", "both.jsonl", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "with the baselines a, b" in done.stdout
    done = run("benchmark", "baselines", "both.jsonl", "--model", "a=c.jsonl", "--output", "d.jsonl", cwd=tmp_path)
    assert done.returncode == 2
    assert "two baselines are called 'a': give one another name with --model NAME=ADDRESS" in done.stderr
    twice = ("--model", "x=c.jsonl", "--model", "y=c.jsonl", "--output", "e.jsonl")
    done = run("benchmark", "baselines", "both.jsonl", *twice, cwd=tmp_path)
    assert done.returncode == 2
    assert "'x' and 'y' have the same outputs: name each model once" in done.stderr


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            {"text": "<think>never ends"},
            "half gave nothing to compare with (unterminated_thought) to 1 ('en-outage') of 4",
        ),
        ({"text": "   "}, "half gave nothing to compare with (empty) to 1 ('en-outage') of 4 prompts"),
        ({"prompt_id": "other"}, "half has no answer to 1 ('en-outage') of 4 prompts"),
    ],
)
def test_a_baseline_without_an_answer_is_refused_by_name(mine, tmp_path, change, said):
    answers(tmp_path / "half.jsonl", mine, en_outage=change)
    done = run("benchmark", "baselines", "mine.jsonl", "--model", "half.jsonl", cwd=tmp_path)
    assert done.returncode == 1, done.stdout
    assert said in done.stderr
    assert not (tmp_path / "mine.frozen.jsonl").exists()


def test_a_baseline_that_was_cut_is_refused_by_name_for_the_file_would_not_say_so(mine, tmp_path):
    script = {"models": MODELS, "rules": [{"model": "one", "do": "length"}]}
    with start_server(script) as server:
        done = run(
            "benchmark", "baselines", "mine.jsonl", "--yes", "--model", f"openai/one@{server.base_url}", cwd=tmp_path
        )
    assert done.returncode == 1
    assert "one was cut by its token limit on 4 (" in done.stderr
    assert "more max_tokens" in done.stderr
    assert not (tmp_path / "mine.frozen.jsonl").exists()


def test_a_server_that_answers_nobody_leaves_no_file(mine, tmp_path):
    script = {"models": MODELS, "rules": [{"model": "mute", "do": "error", "status": 400}]}
    with start_server(script) as server:
        done = run(
            "benchmark", "baselines", "mine.jsonl", "--yes", "--model", f"openai/mute@{server.base_url}", cwd=tmp_path
        )
    assert done.returncode == 1
    assert "mute has no answer to 4" in done.stderr
    assert not (tmp_path / "mine.frozen.jsonl").exists()


def test_answers_with_hostile_names_and_texts_are_data(mine, tmp_path):
    hostile = {"text": "[/bold] \u2028 </script> {braces} ../../etc \u202e"}
    answers(tmp_path / "a.jsonl", mine, en_outage=hostile)
    done = run("benchmark", "baselines", "mine.jsonl", "--model", "[red]..=a.jsonl", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "with the baselines [red].. (digest" in done.stdout
    row = json.loads((tmp_path / "mine.frozen.jsonl").read_text("utf-8").split("\n")[1])
    assert row["baselines"] == {"[red]..": hostile["text"]}
    tampered = (tmp_path / "mine.frozen.jsonl").read_text("utf-8").replace("{braces}", "{}")
    (tmp_path / "tampered.jsonl").write_text(tampered, "utf-8", newline="\n")
    done = run(
        "eval", "--benchmark", "tampered.jsonl", "--model", "a.jsonl", "--judge", "builtin/textstats", cwd=tmp_path
    )
    assert done.returncode == 1
    assert "tampered.jsonl: the file was changed after it was frozen as mine@" in done.stderr
