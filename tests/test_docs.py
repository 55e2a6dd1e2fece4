"""The documentation says what is: its commands run, its board is the board, its links lead somewhere."""

import re
import shlex
import shutil
import subprocess

import pytest
from checkpoints.folders import make_folder
from command import COMMAND, REPOSITORY, environment, run
from importing.files import random_battles, write_csv
from importing.score_files import write_queries as write_score_queries
from importing.score_files import writingbench_rows
from scripted_server import start_server
from stand_in_vllm import StandIn
from writing import make_benchmark, write_jsonl, write_queries

PAGES = sorted([*REPOSITORY.glob("*.md"), *(REPOSITORY / "docs").glob("*.md")])
CHECKPOINT = "out/checkpoint-500"
"""The folder that the documentation's checkpoint has."""
NEEDS = {CHECKPOINT: pytest.mark.hf, "--executor ray": pytest.mark.ray}
SERVED = ("out/step-500", "models/judge")
"""The folders of its checkpoints that vLLM serves, on a machine with four GPUs: here a stand-in does."""
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def blocks(page, language):
    return [body for name, body in BLOCK.findall(page.read_text(encoding="utf-8")) if name == language]


def commands():
    """Return (page, command line) of every shell line in the documentation, continued lines joined."""
    return [
        pytest.param(
            line.split(" #")[0].strip(),
            id=f"{page.name}: {line.strip()[:60]}",
            marks=[mark for words, mark in NEEDS.items() if words in line],
        )
        for page in PAGES
        for body in blocks(page, "sh")
        for line in body.replace("\\\n", " ").splitlines()
        if line.strip()
    ]


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """A folder as the documentation's reader has it: with files of these names, and a board in ./results."""
    folder = tmp_path_factory.mktemp("desk")
    make_benchmark(folder, prompts=5, entrants=["answers", "other", "third"])
    shutil.copy(folder / "prompts.jsonl", folder / "essays.jsonl")
    shutil.copy(folder / "answers.jsonl", folder / "training.jsonl")
    frozen = run(
        "benchmark", "baselines", "essays.jsonl", "--model", "other.jsonl", "--model", "third.jsonl", cwd=folder
    )
    assert frozen.returncode == 0, frozen.stderr
    write_queries(folder / "WritingBench", queries=12)
    write_csv(folder / "votes.csv", *random_battles(1, names=["mine", "other", "third"], battles=60))
    queries = write_score_queries(folder / "queries.jsonl")
    write_jsonl(folder / "theirs.jsonl", [{"index": number, "response": f"Answer {number}."} for number in range(24)])
    for number, name in enumerate(("scored", "scored-other")):
        write_jsonl(folder / f"{name}.jsonl", writingbench_rows(number))
    done = run("import", "scores", "scored.jsonl", "--benchmark", queries, "--judge", "claude-sonnet-4-5",
               "--results", "elsewhere", cwd=folder)  # fmt: skip
    assert done.returncode == 0, done.stderr
    done = run(
        "eval", "--model", "builtin/example", "--benchmark", "starter", "--judge", "builtin/textstats", cwd=folder
    )
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.parametrize("line", commands())
def test_every_command_runs(line, desk, request):
    env = environment(OMP_NUM_THREADS="1", ARENA_WRITE_WRITINGBENCH=str(desk / "WritingBench"))
    if any(name in line for name in SERVED):
        roles = {"judge": {"name": "judge", "verdict": "hash"}}
        env |= {
            "ARENA_WRITE_VLLM": StandIn(desk / "stand-in", {"roles": roles}).command,
            "CUDA_VISIBLE_DEVICES": "0,1,2,3",
        }
        for name in SERVED:
            if not (desk / name).exists():
                make_folder(desk / name, weights=name.encode())
    if CHECKPOINT in line and not (desk / CHECKPOINT).exists():
        shutil.copytree(request.getfixturevalue("tiny"), desk / CHECKPOINT)
    words = shlex.split(line)
    if words[0] == "make":
        assert (
            subprocess.run(["make", "-n", *words[1:]], cwd=REPOSITORY, capture_output=True, check=False).returncode == 0
        )
        return
    tool, arguments = words[0], words[1:]
    if tool.startswith(".venv/bin/") and tool.rsplit("/", 1)[1] != "arena-write":
        assert arguments, line
        return
    assert tool in (".venv/bin/arena-write", "arena-write"), f"no test runs {line!r}"
    if arguments[0] == "app":
        assert run("app", "--help").returncode == 0
        return
    with start_server(
        {"models": {"my-model": {"name": "essay", "words": 200}, "judge-model": {"name": "judge"}}}
    ) as server:
        arguments = [re.sub(r"http://127.0.0.1:\d+/v1", server.base_url, argument) for argument in arguments]
        done = subprocess.run(
            [*COMMAND, *arguments],
            cwd=desk,
            env=env,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, f"{line}\n{done.stderr}"


def test_the_board_in_the_readme_is_the_board(tmp_path):
    done = run(
        "eval", "--model", "builtin/example", "--benchmark", "starter", "--judge", "builtin/textstats",
        "--results", "demo-results", cwd=tmp_path, env=environment(COLUMNS=""),
    )  # fmt: skip
    (shown,) = blocks(REPOSITORY / "README.md", "text")
    tool = str(COMMAND[0])
    assert done.stdout.replace(tool, ".venv/bin/arena-write").strip().splitlines() == shown.strip().splitlines()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_files(page):
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8")):
        if not target.startswith("http"):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_paths_that_the_documentation_names_exist():
    for page in PAGES:
        for path in re.findall(
            r"`((?:arena_write|judges|tests|docs|leaderboard_app|writingbench|results)/[\w./-]*)`",
            page.read_text("utf-8"),
        ):
            assert (REPOSITORY / path).exists(), f"{page.name} names {path}"
