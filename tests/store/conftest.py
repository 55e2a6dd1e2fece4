"""Rows to store, and folders that cannot be written."""

import hashlib
import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest

from arena_write.store import (
    BattleRecord,
    ImportedBattleRecord,
    ImportedScoreRecord,
    ImportRecord,
    InvalidRows,
    JudgeRecord,
    OutputRecord,
    ReplyRecord,
    RunEnd,
    RunProgress,
    RunStart,
    ScoreFileRecord,
    ScoreRecord,
)
from arena_write.store.keys import battle_key, imported_battle_key, imported_score_key, output_key, score_key
from judges import InvalidReason, Usage, Verdict, text_id

JUDGE = "4" * 32
ENTRANT = "5" * 32
CRITERION = "6" * 32
PROMPT = text_id("Write.")
AT = "2026-01-02T03:04:05.000006+00:00"
PROVENANCE = {"plan": "7" * 32, "run": "20260102T030405Z-abcd", "at": AT}
CALL = {"served_model": None, "usage": Usage(), "seconds": None, "price": None}


def _battle(name="a", /, *, says="A>B", **fields):
    """A battle whose texts are called after `name`; `says` is a label or the reason why there is none."""
    first, second = text_id(f"{name} first"), text_id(f"{name} second")
    label = says in set(Verdict)
    known = {
        "judge": JUDGE,
        "prompt": PROMPT,
        "first": first,
        "second": second,
        "repeat": 0,
        "attempt": 1,
        "verdict": Verdict(says) if label else None,
        "invalid": None if label else InvalidReason(says),
        "detail": "",
        "reply": None,
    }
    known |= CALL | PROVENANCE | fields
    names = ("judge", "prompt", "first", "second", "repeat")
    return BattleRecord(**{"key": battle_key(**{field: known[field] for field in names})} | known)


def _output(text="An answer.", /, **fields):
    known = {
        "prompt": PROMPT,
        "prompt_id": "p1",
        "entrant": ENTRANT,
        "entrant_name": "model",
        "model": "m",
        "profile": "3" * 32,
        "settings": {"temperature": 0.6},
        "sample": 0,
        "text": text,
        "text_id": text_id(text),
        "thinking": None,
        "failure": None,
        "finish_reason": "stop",
        "seed": None,
        "backend": "recorded",
        "origin": "recorded",
        "source": None,
    }
    known |= CALL | PROVENANCE | fields
    key = output_key(prompt=known["prompt"], entrant=known["entrant"], sample=known["sample"])
    return OutputRecord(**{"key": key} | known)


def _score(**fields):
    known = {
        "judge": JUDGE,
        "prompt": PROMPT,
        "text": text_id("An answer."),
        "criterion": CRITERION,
        "criterion_name": "Depth",
        "repeat": 0,
        "attempt": 1,
        "score": 7,
        "reason": "深刻",
        "invalid": None,
        "detail": "",
        "reply": None,
    }
    known |= CALL | PROVENANCE | fields
    names = ("judge", "prompt", "text", "criterion", "repeat")
    return ScoreRecord(**{"key": score_key(**{field: known[field] for field in names})} | known)


def _imported(**fields):
    known = {
        "file": "a" * 64,
        "line": 2,
        "first": "model",
        "second": "other",
        "score": 0.5,
        "cluster": "q1",
        "judge": "",
        "source": "votes.csv",
        "run": PROVENANCE["run"],
        "at": AT,
    } | fields
    names = ("file", "line", "first", "second", "score", "cluster", "judge", "label")
    key = imported_battle_key(**{name: known[name] for name in names if name in known})
    return ImportedBattleRecord(**{"key": key} | known)


def _imported_score(**fields):
    known = {
        "file": "a" * 64,
        "line": 2,
        "entrant": "model",
        "prompt": PROMPT,
        "prompt_id": "p1",
        "criterion": "Depth",
        "record": 0,
        "repeat": 0,
        "score": 0.75,
        "invalid": None,
        "detail": "",
        "reason": "Well said.",
        "text": None,
        "source": "scores.jsonl",
        "run": PROVENANCE["run"],
        "at": AT,
    } | fields
    names = ("file", "line", "entrant", "prompt", "criterion", "record", "repeat", "score", "text")
    return ImportedScoreRecord(**{"key": imported_score_key(**{name: known[name] for name in names})} | known)


@pytest.fixture(scope="session")
def imported():
    return _imported


@pytest.fixture(scope="session")
def battle():
    return _battle


@pytest.fixture(scope="session")
def output():
    return _output


@pytest.fixture(scope="session")
def score():
    return _score


@pytest.fixture(scope="session")
def records():
    """One record of every kind, every field set to something."""
    call = {"served_model": "m-2026", "usage": Usage(1, 2, 3, 4), "seconds": 0.5, "price": 0.25}
    run = {"run": PROVENANCE["run"], "at": AT}
    words = 'first\u2028second\u0085third 😀 写作\n\t\x00\x7f\ufeff"\\'
    return {
        "output": _output(words, thinking=words, failure="no_answer", seed=7, source="a.jsonl", **call),
        "battle": _battle(detail=words, says="no_label", reply="8" * 32, **call),
        "score": _score(reason=words, reply="8" * 32, **call),
        "reply": ReplyRecord(
            key="8" * 32,
            row="9" * 32,
            attempt=2,
            text=words,
            thinking=words,
            finish_reason="stop",
            served_model="m",
            **run,
        ),
        "judge": JudgeRecord(
            id=JUDGE,
            name=words,
            model="m",
            template="t",
            decoding={"temperature": 0.0, "stop": ["a"], "seed": None},
            reply_format="text",
            label="rating",
        ),
        "imported": _imported(first=words, second="other", cluster=words, judge=words, source=words, label=words),
        "imported score": _imported_score(entrant=words, criterion=words, reason=words, source=words, text="c" * 64),
        "score file": ScoreFileRecord(
            file="a" * 64,
            source=words,
            entrant=words,
            format="hellobench",
            scores=5,
            invalid=(InvalidRows(kind="not a score", rows=2, lines=(3, 4), detail=words),),
            doubled=(words,),
        ),
        "import": ImportRecord(
            file="a" * 64,
            source=words,
            format="arena",
            cluster=words,
            judges=2,
            battles=3,
            invalid=(InvalidRows(kind="self-battle", rows=7, lines=(3, 5), detail=words),),
            baselines=(words,),
        ),
        "start": RunStart(
            command=("arena-write", words),
            benchmark="b@1",
            judge=JUDGE,
            plan={"entries": [1, {"a": None}]},
            seed=0,
            versions={"numpy": "2"},
            **run,
        ),
        "progress": RunProgress(stage="judge", done=1, failed=2, total=3, **run),
        "end": RunEnd(outcome="done", message=words, rows={"a": 1}, usage=Usage(1), price=0.0, **run),
    }


@pytest.fixture
def shared_folder():
    """A folder that every user of the machine can reach, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


@pytest.fixture
def as_nobody(shared_folder):
    """A block in which `shared_folder` and its files are read-only, and not for want of being root's."""

    @contextmanager
    def block():
        paths = [*shared_folder.glob("*"), shared_folder] if shared_folder.stat().st_mode & 0o555 else []
        modes = [path.stat().st_mode for path in paths]
        for path, mode in zip(paths, modes, strict=True):
            path.chmod(mode & 0o555)
        root = os.geteuid() == 0
        if root:
            os.seteuid(65534)
        try:
            yield
        finally:
            if root:
                os.seteuid(0)
            for path, mode in zip(paths, modes, strict=True):
                path.chmod(mode)

    return block


@pytest.fixture
def digest():
    """A fingerprint of a file, to say that it did not change."""
    return lambda path: hashlib.sha256(path.read_bytes()).hexdigest()
