"""Checkpoints that run in process, as users run them: a tiny one of random weights writes, and judges."""

import json
import shutil
import signal
import subprocess

import pytest
from checkpoints.folders import make_folder
from command import COMMAND, environment, run
from tiny_checkpoint import build_checkpoint
from writing import make_benchmark, write_jsonl, write_text

ENVIRONMENT = environment(OMP_NUM_THREADS="1")
"""Threads that wait for each other on a busy machine make a tiny model ten times slower."""
JUDGING = ("--judge-format", "json_schema", "--judge-preset", "writingbench")


def evaluate(*arguments, cwd, verb="eval"):
    return run(verb, *arguments, env=ENVIRONMENT, cwd=cwd, timeout=300)


def rows(results, pattern):
    return [
        json.loads(line)
        for path in sorted(results.glob(pattern))
        for line in path.read_text("utf-8").split("\n")
        if line
    ]


class TestRefusals:
    """What cannot be run is said before anything is written; without torch."""

    def plan(self, folder, *arguments):
        done = run("plan", "--benchmark", "starter", *arguments, cwd=folder)
        assert not (folder / "results").exists()
        return done

    @pytest.mark.parametrize(
        ("model", "baseline", "judge"),
        [("me=out", "fixed.jsonl", "builtin/textstats"), ("fixed.jsonl", "hf/out", "builtin/textstats"),
         ("builtin/example", "fixed.jsonl", "out")],
    )  # fmt: skip
    def test_a_folder_without_weights(self, tmp_path, model, baseline, judge):
        make_folder(tmp_path / "out", weights=None)
        (tmp_path / "out" / "adapter_config.json").write_text("{}", encoding="utf-8")
        write_jsonl(tmp_path / "fixed.jsonl", [{"prompt_id": "starter-en-01", "text": "A text."}])
        done = self.plan(tmp_path, "--model", model, "--baseline", baseline, "--judge", judge)
        assert done.returncode == 2
        assert "an adapter (LoRA) without its base model" in done.stderr
        assert "Traceback" not in done.stderr

    def test_code_of_its_own(self, tmp_path):
        make_folder(tmp_path / "out", auto_map={"AutoModelForCausalLM": "modeling_own.Own"})
        done = self.plan(tmp_path, "--model", "builtin/example", "--judge", "out")
        assert done.returncode == 2
        assert "--trust-remote-code" in done.stderr
        assert (
            self.plan(tmp_path, "--model", "builtin/example", "--judge", "out", "--trust-remote-code").returncode == 0
        )

    def test_a_name_that_neither_hub_nor_cache_knows(self, tmp_path):
        done = self.plan(tmp_path, "--model", "builtin/example", "--judge", "hf/org/none")
        assert done.returncode == 2
        assert "the model org/none cannot be had from the hub or its cache" in done.stderr

    def test_settings_that_only_servers_know(self, tmp_path):
        make_folder(tmp_path / "out")
        (tmp_path / "mine.toml").write_text(
            "temperature = 0.5\nmax_tokens = 100\n[extra]\nrepetition_penalty = 1.2\n", encoding="utf-8"
        )
        done = self.plan(tmp_path, "--model", "out", "--judge", "builtin/textstats", "--profile", "mine.toml")
        assert done.returncode == 2
        assert "repetition_penalty" in done.stderr

    def test_an_unknown_preset(self, tmp_path):
        make_folder(tmp_path / "out")
        done = self.plan(tmp_path, "--model", "builtin/example", "--judge", "out", "--judge-preset", "none")
        assert done.returncode == 2
        assert "there is no judge preset 'none'" in done.stderr

    def test_where_vllm_is_not_installed_the_mends_are_said(self, tmp_path):
        make_folder(tmp_path / "out")
        done = self.plan(tmp_path, "--model", "vllm/out", "--judge", "builtin/textstats")
        assert done.returncode == 2
        assert "vLLM is not installed: pip install 'arena-write[vllm]'" in done.stderr
        assert "hf/PATH" in done.stderr

    def test_a_plan_counts_calls_and_loads_nothing(self, tmp_path):
        make_folder(tmp_path / "out")
        done = self.plan(tmp_path, "--model", "me=out", "--judge", "hf/out")
        assert done.returncode == 0, done.stderr
        assert "12 calls for answers of me" in done.stdout
        assert "144 calls for verdicts of out" in done.stdout
        assert "free (on machines of your own)" in done.stdout
        assert "runs on" not in done.stderr


@pytest.mark.hf
class TestWholeEvaluations:
    """From a folder to a board."""

    def test_one_checkpoint_writes_and_judges_and_a_second_run_does_nothing(self, tiny, tmp_path):
        arguments = ["--model", tiny, "--judge", f"hf/{tiny}", *JUDGING, "--benchmark", "starter", "--limit", "2"]
        done = evaluate(*arguments, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert done.stderr.count("tiny runs on transformers") == 1  # once in memory, in two parts
        assert "24 of 24 battles decided" in done.stdout
        outputs = rows(tmp_path / "results", "*@*/outputs/tiny-*.jsonl")
        assert len(outputs) == 2
        assert {row["backend"] for row in outputs} == {"transformers"}
        assert {row["price"] for row in outputs} == {0}
        assert len({row["seed"] for row in outputs}) == 2
        assert all(row["text"] and row["usage"]["completion_tokens"] > 0 and row["seconds"] > 0 for row in outputs)
        battles = rows(tmp_path / "results", "*@*/tiny-*/battles.jsonl")
        assert len({row["key"] for row in battles}) == 24
        assert sum(bool(row["verdict"]) for row in battles) == 24
        assert {row["served_model"] for row in battles} == {row["model"] for row in outputs}
        (board,) = (tmp_path / "results").glob("*@*/tiny-*/board.json")
        before = board.read_bytes()

        moved = shutil.copytree(tiny, tmp_path / "elsewhere" / "tiny")
        for folder in (tiny, moved):
            again = evaluate(*[folder if part == tiny else part for part in arguments], cwd=tmp_path)
            assert again.returncode == 0, again.stderr
            assert "0 to judge" in again.stderr
            assert "runs on" not in again.stderr
            assert board.read_bytes() == before
        assert rows(tmp_path / "results", "*@*/outputs/tiny-*.jsonl") == outputs
        assert rows(tmp_path / "results", "*@*/tiny-*/battles.jsonl") == battles

    def test_the_same_seed_writes_the_same_answers_in_another_folder_of_results(self, tiny, tmp_path):
        texts = []
        for results, connections in (("one", 16), ("other", 2)):
            done = evaluate(
                "--model", tiny, "--judge", "builtin/textstats", "--benchmark", "starter", "--results", results,
                "--limit", 6, "--max-connections", connections, "--seed", 7, cwd=tmp_path,
            )  # fmt: skip
            assert done.returncode == 0, done.stderr
            texts.append(
                {row["prompt_id"]: row["text"] for row in rows(tmp_path / results, "*@*/outputs/tiny-*.jsonl")}
            )
        assert texts[0] == texts[1]
        assert len(texts[0]) == 6

    def test_a_checkpoint_is_a_baseline_and_its_sibling_a_candidate(self, tiny, tmp_path):
        other = build_checkpoint(tmp_path / "other", seed=1)
        paths = make_benchmark(tmp_path, prompts=6, entrants=["fixed"])
        done = evaluate(
            "--model", other, "--baseline", f"before={tiny}", "--baseline", f"fixed={paths['fixed']}",
            "--benchmark", paths["prompts"], "--judge", "builtin/textstats", cwd=tmp_path,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        models = {row["entrant_name"]: row["model"] for row in rows(tmp_path / "results", "*@*/outputs/*.jsonl")}
        assert set(models) == {"other", "before", "fixed"}
        assert len(set(models.values())) == 3
        assert "before*" in done.stdout

    def test_a_base_model_continues_raw_prompts_and_is_sent_no_messages(self, tmp_path):
        base = build_checkpoint(tmp_path / "base", template=None)
        arguments = ["--model", base, "--judge", "builtin/textstats", "--benchmark", "starter", "--limit", "4"]
        refused = evaluate(*arguments, cwd=tmp_path)
        assert refused.returncode == 2
        assert "base has no chat template" in refused.stderr
        assert 'mode = "completion"' in refused.stderr
        assert rows(tmp_path / "results", "*@*/outputs/*.jsonl") == []
        (tmp_path / "raw.toml").write_text(
            'mode = "completion"\nmax_tokens = 200\nstop = ["\\n\\n"]\n[templates]\nen = "Task: {prompt} Text:"\n',
            encoding="utf-8",
        )
        done = evaluate(*arguments, "--profile", "raw.toml", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        outputs = rows(tmp_path / "results", "*@*/outputs/base-*.jsonl")
        assert len(outputs) == 4
        assert not any("\n\n" in row["text"] for row in outputs)

    def test_texts_that_the_judge_cannot_read_whole_are_never_cut(self, tmp_path):
        judge = build_checkpoint(tmp_path / "judge", context=8_000)
        paths = make_benchmark(tmp_path, prompts=4, entrants=["mine", "base1", "base2"], words=30)
        answers = [json.loads(line) for line in paths["mine"].read_text("utf-8").split("\n") if line]
        answers[0]["text"] = write_text("long", words=6_000)
        long = write_jsonl(tmp_path / "long.jsonl", answers)
        arguments = ["--model", f"long={long}", "--benchmark", paths["prompts"], "--judge", judge, *JUDGING]
        arguments += ["--baseline", paths["base1"], "--baseline", paths["base2"]]
        done = evaluate(*arguments, cwd=tmp_path)
        assert done.returncode == 1
        assert "the texts of at least 1 of 4 prompts do not fit whole into the judge's context" in done.stderr

    def test_an_answer_that_never_fits_into_the_context_is_an_error_of_usage(self, tmp_path):
        short = build_checkpoint(tmp_path / "short", context=2_000)
        done = evaluate("--model", short, "--judge", "builtin/textstats", "--benchmark", "starter", cwd=tmp_path)
        assert done.returncode == 2
        assert "short reads and writes 2000 tokens in one call" in done.stderr
        assert rows(tmp_path / "results", "*@*/outputs/*.jsonl") == []

    def test_a_second_interruption_ends_an_answer_that_would_go_on_for_ever(self, tiny, tmp_path):
        (tmp_path / "endless.toml").write_text("temperature = 0\nmax_tokens = 10000000\n", encoding="utf-8")
        arguments = ["eval", "--model", tiny, "--judge", "builtin/textstats", "--benchmark", "starter"]
        process = subprocess.Popen(
            [*COMMAND, *map(str, arguments), "--profile", "endless.toml"],
            cwd=tmp_path, env=ENVIRONMENT, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        seen = ""
        for line in process.stderr:
            seen += line
            if "to judge" in line:
                break
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(3)
        process.send_signal(signal.SIGINT)
        for line in process.stderr:
            seen += line
            if "calls under way still end" in line:
                break
        process.send_signal(signal.SIGINT)
        _, rest = process.communicate(timeout=60)
        assert process.returncode == 130, seen + rest
        assert "interrupted" in rest


@pytest.mark.hf
class TestSlowWork:
    """A probe tells what takes too long on a CPU, before it begins."""

    @pytest.fixture
    def arguments(self, tiny, tmp_path):
        """Prompts that ask for novels of millions of words: no machine's CPU writes these in half an hour."""
        paths = make_benchmark(tmp_path, prompts=4, entrants=["fixed"])
        prompts = [json.loads(line) for line in paths["prompts"].read_text("utf-8").split("\n") if line]
        for prompt in prompts:
            prompt |= {"text": f"{prompt['id']}: write a novel of at least 5000000 words.", "language": "en"}
        write_jsonl(paths["prompts"], prompts)
        (tmp_path / "novels.toml").write_text("max_tokens = 40000000\n", encoding="utf-8")
        return [
            "--model", tiny, "--judge", "builtin/textstats", "--benchmark", paths["prompts"],
            "--baseline", paths["fixed"], "--profile", "novels.toml",
        ]  # fmt: skip

    def test_it_stops_and_names_the_option(self, arguments, tmp_path):
        done = evaluate(*arguments, cwd=tmp_path)
        assert done.returncode == 2
        assert "tiny will take about" in done.stderr
        assert "on this machine's CPU this would take about" in done.stderr
        assert "--allow-slow" in done.stderr
        assert rows(tmp_path / "results", "*@*/outputs/tiny-*.jsonl") == []

    def test_on_request_it_goes_on(self, arguments, tmp_path):
        done = evaluate(*arguments, "--allow-slow", "--max-calls", "0", cwd=tmp_path)
        assert "tiny will take about" in done.stderr
        assert "0 requests are sent, as many as --max-calls allows" in done.stdout

    def test_a_plan_is_no_work(self, arguments, tmp_path):
        done = evaluate(*arguments, cwd=tmp_path, verb="plan")
        assert done.returncode == 0, done.stderr
        assert "will take about" not in done.stderr
