"""Folders that hold no checkpoint, and what the user is told."""

import json

import pytest
from checkpoints.folders import make_folder, safetensors, shard, write_json

from arena_write.checkpoints import BadFolderError, Checkpoints, UntrustedCodeError, read_folder
from arena_write.checkpoints.finding import Finder


def refusal(folder):
    with pytest.raises(BadFolderError) as caught:
        read_folder(folder)
    assert str(folder) in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("file", "words"),
    [
        ("adapter_config.json", "merge_and_unload"),
        ("zero_to_fp32.py", "merge them with the zero_to_fp32.py"),
        ("global_step10/bf16_zero_pp_rank_0_mp_rank_00_optim_states.pt", "DeepSpeed's shards"),
        ("zero_pp_rank_0_mp_rank_00_model_states.pt", "DeepSpeed's shards"),
        ("iter_0000100/mp_rank_00/model_optim_rng.pt", "shards of a model-parallel trainer"),
        ("mp_rank_00/model_optim_rng.pt", "shards of a model-parallel trainer"),
        ("iter_0000100/common.pt", "shards of a model-parallel trainer"),
        ("latest_checkpointed_iteration.txt", "shards of a model-parallel trainer"),
        ("model_world_size_8_rank_0.pt", "python -m verl.model_merger merge"),
        ("actor/model_world_size_8_rank_0.pt", "python -m verl.model_merger merge"),
        ("__0_0.distcp", "accelerate merge-weights"),
        ("pytorch_model_fsdp_0/__0_0.distcp", "accelerate merge-weights"),
        ("optimizer.pt", "a trainer's state without the model"),
        ("model-q8.gguf", "weights for llama.cpp"),
        ("notes.txt", "no weights that transformers loads"),
    ],
)
def test_a_folder_without_weights_says_what_it_holds_and_the_mend(tmp_path, file, words):
    folder = make_folder(tmp_path / "out", weights=None)
    (folder / file).parent.mkdir(parents=True, exist_ok=True)
    (folder / file).write_text("{}", encoding="utf-8")
    assert words in refusal(folder)


def test_a_folder_of_checkpoints_names_them(tmp_path):
    for step in (500, 1000):
        make_folder(tmp_path / "out" / f"checkpoint-{step}")
    assert "holds checkpoints (checkpoint-1000, checkpoint-500): give one of them" in refusal(tmp_path / "out")


def test_shards_beside_a_folder_that_has_the_config_alone_are_said_to_be_shards(tmp_path):
    folder = tmp_path / "actor"
    make_folder(folder / "huggingface", weights=None)
    (folder / "model_world_size_8_rank_0.pt").write_bytes(b"")
    assert "shards of verl" in refusal(folder)


def test_an_empty_folder_is_refused(tmp_path):
    (tmp_path / "out").mkdir()
    assert "no weights" in refusal(tmp_path / "out")


def test_an_adapter_beside_a_whole_model_is_refused_because_transformers_would_load_another_base(tmp_path):
    folder = make_folder(tmp_path / "out")
    (folder / "adapter_config.json").write_text("{}", encoding="utf-8")
    assert "a model and an adapter" in refusal(folder)


def test_a_config_is_needed_and_must_be_an_object(tmp_path):
    folder = make_folder(tmp_path / "out")
    (folder / "config.json").write_text("[]", encoding="utf-8")
    assert "no JSON object" in refusal(folder)
    (folder / "config.json").write_text("{", encoding="utf-8")
    assert "cannot be read" in refusal(folder)
    (folder / "config.json").unlink()
    assert "has no config.json" in refusal(folder)


def test_a_tokenizer_is_needed(tmp_path):
    folder = make_folder(tmp_path / "out")
    for name in ("tokenizer.json", "tokenizer_config.json", "chat_template.jinja"):
        (folder / name).unlink()
    assert "has no tokenizer" in refusal(folder)


@pytest.mark.parametrize(
    "content",
    [b"", b"short", b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n", b"\xff" * 64],
    ids=["empty", "short", "git-lfs", "noise"],
)
def test_weights_that_are_none_are_found_before_they_are_loaded(tmp_path, content):
    folder = make_folder(tmp_path / "out")
    (folder / "model.safetensors").write_bytes(content)
    assert "git lfs pull" in refusal(folder)


def test_a_copy_that_broke_off_is_found_before_it_is_loaded(tmp_path):
    folder = make_folder(tmp_path / "out")
    (folder / "model.safetensors").write_bytes(safetensors(b"weights")[:-1])
    assert "still being written or copied?" in refusal(folder)


class TestIndex:
    """Weights in several files."""

    def test_a_missing_one_is_named(self, tmp_path):
        folder = make_folder(tmp_path / "out", weights=None)
        shard(folder, b"one", b"two", b"three")
        (folder / "model-00002.safetensors").unlink()
        assert "lacks 1 of its 3 files of weights, model-00002.safetensors first" in refusal(folder)

    @pytest.mark.parametrize("index", [{}, {"weight_map": {}}, {"weight_map": {"w": 3}}, {"weight_map": ["w"]}])
    def test_an_index_that_names_nothing_is_damaged(self, tmp_path, index):
        folder = make_folder(tmp_path / "out", weights=None)
        write_json(folder / "model.safetensors.index.json", index)
        assert "names no files" in refusal(folder)

    def test_files_elsewhere_are_not_read(self, tmp_path):
        folder = make_folder(tmp_path / "out", weights=None)
        (tmp_path / "secret").write_bytes(safetensors(b"secret"))
        write_json(folder / "model.safetensors.index.json", {"weight_map": {"w": "../secret"}})
        assert "outside its folder" in refusal(folder)


class TestEndTokens:
    """Which tokens end an answer."""

    @pytest.mark.parametrize(
        ("config", "generation", "expected"),
        [
            ({"eos_token_id": 2}, None, (2,)),
            ({"eos_token_id": [5, 2, 5]}, None, (2, 5)),
            ({"eos_token_id": None}, None, ()),
            ({"eos_token_id": 2}, {"eos_token_id": [9, 7]}, (7, 9)),
            ({"eos_token_id": 2}, {"temperature": 1.0}, (2,)),
        ],
    )
    def test_the_generation_config_says_it_before_the_config(self, tmp_path, config, generation, expected):
        folder = make_folder(tmp_path / "out", **config)
        if generation is not None:
            write_json(folder / "generation_config.json", generation)
        assert read_folder(folder).end_tokens == expected

    def test_a_config_around_several_models_says_it_for_the_one_that_writes(self, tmp_path):
        folder = make_folder(tmp_path / "out")
        config = json.loads((folder / "config.json").read_text("utf-8"))
        del config["eos_token_id"]
        write_json(folder / "config.json", config | {"text_config": {"eos_token_id": 11}})
        assert read_folder(folder).end_tokens == (11,)


class TestOwnCode:
    """A checkpoint that brings Python code runs only on request."""

    @pytest.fixture(params=["config.json", "tokenizer_config.json"])
    def folder(self, request, tmp_path):
        folder = make_folder(tmp_path / "out")
        content = json.loads((folder / request.param).read_text("utf-8"))
        write_json(folder / request.param, content | {"auto_map": {"AutoModelForCausalLM": "modeling_own.Own"}})
        return folder

    def test_without_it_the_message_names_the_option(self, folder):
        with pytest.raises(UntrustedCodeError, match="--trust-remote-code"):
            Checkpoints().open(str(folder))

    def test_with_it_the_checkpoint_is_the_same(self, folder):
        assert Checkpoints(Finder(trust_remote_code=True)).open(str(folder)).id.startswith("checkpoint:")
