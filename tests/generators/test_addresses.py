"""What people type as a model."""

from pathlib import Path

import pytest

from arena_write.generators import Address, AddressKind, UnknownAddressError, parse_address

FORMS = (
    "an address is openai/NAME[@http://host:port/v1], a checkpoint's folder, hf/NAME, builtin/NAME, or recorded "
    "outputs as PATH.jsonl, each with an optional NAME= before it"
)


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    for folder in ("ckpt", "lr=3e-5", "hf/gpt2"):
        Path(folder).mkdir(parents=True)
    for file in ("out.jsonl", "run=7.jsonl", "ckpt/out.JSONL", "notes.txt"):
        Path(file).write_text("{}\n", encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "name", "kind", "target"),
    [
        ("openai/gpt-4.1", None, "openai", "gpt-4.1"),
        ("openai/q@http://host:8000/v1?key=a", None, "openai", "q@http://host:8000/v1?key=a"),
        ("fast=openai/q@http://host/v1?key=a", "fast", "openai", "q@http://host/v1?key=a"),
        ("vllm/Qwen/Qwen3-8B", None, "vllm", "Qwen/Qwen3-8B"),
        ("hf/gpt2", None, "hf", "gpt2"),  # although the folder exists
        ("./hf/gpt2", None, "checkpoint", "hf/gpt2"),
        ("builtin/example", None, "builtin", "example"),
        ("me=builtin/example", "me", "builtin", "example"),
        ("ckpt", None, "checkpoint", "ckpt"),
        ("v1.2+x_y-z=ckpt/", "v1.2+x_y-z", "checkpoint", "ckpt"),
        ("lr=3e-5", None, "checkpoint", "lr=3e-5"),
        ("low=lr=3e-5", "low", "checkpoint", "lr=3e-5"),
        ("out.jsonl", None, "recorded", "out.jsonl"),
        ("run=7.jsonl", None, "recorded", "run=7.jsonl"),
        ("a=out.jsonl", "a", "recorded", "out.jsonl"),
        ("ckpt/out.JSONL", None, "recorded", "ckpt/out.JSONL"),
        (f"{'n' * 64}=ckpt", "n" * 64, "checkpoint", "ckpt"),
    ],
)
def test_known_forms(text: str, name: str | None, kind: str, target: str) -> None:
    assert parse_address(text) == Address(name, AddressKind(kind), target)


def test_a_home_folder_is_expanded_behind_a_name(tmp_path: Path) -> None:
    assert parse_address("me=~/ckpt") == Address("me", AddressKind.CHECKPOINT, str(tmp_path / "ckpt"))


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("", "an empty address"),
        ("  ", "an empty address"),
        ("gpt-4.1", "'gpt-4.1' is no address of a model"),
        ("OpenAI/gpt", "there is no file or folder 'OpenAI/gpt', and it begins with no known prefix"),
        ("anthropic/claude", "there is no file or folder 'anthropic/claude', and it begins with no known prefix"),
        ("gone.jsonl", "there is no file or folder 'gone.jsonl', and it begins with no known prefix"),
        ("me=runs/gone", "there is no file or folder 'runs/gone', and it begins with no known prefix"),
        ("me=", "'me=' is no address of a model"),
        ("=ckpt", "'=ckpt' is no address of a model"),
        (f"{'n' * 65}=ckpt", f"'{'n' * 65}=ckpt' is no address of a model"),
        ("x" * 5000, f"'{'x' * 5000}' is no address of a model"),
    ],
    ids=lambda value: value[:30],
)
def test_unknown_addresses_name_the_known_forms(text: str, start: str) -> None:
    with pytest.raises(UnknownAddressError) as caught:
        parse_address(text)
    assert str(caught.value) == f"{start}; {FORMS}"


@pytest.mark.parametrize("name", ["a name", "我的", "v1.2", "run,3", "🎈"])
def test_a_name_may_be_anything_that_is_no_path(tmp_path: Path, name: str) -> None:
    assert parse_address(f"{name}=~/ckpt") == Address(name, AddressKind.CHECKPOINT, str(tmp_path / "ckpt"))


@pytest.mark.parametrize("text", ["openai/", "me=openai/ "])
def test_a_prefix_needs_a_model(text: str) -> None:
    with pytest.raises(UnknownAddressError, match=r"names no model behind openai/: write openai/NAME"):
        parse_address(text)


def test_a_file_of_another_kind_is_refused() -> None:
    with pytest.raises(UnknownAddressError) as caught:
        parse_address("n=notes.txt")
    assert str(caught.value) == (
        "'notes.txt' is a file, but not of recorded outputs (.jsonl); for a checkpoint give its folder"
    )
