"""Who a checkpoint is: what changes its id, and what does not."""

import json
import os
import shutil

import pytest
from checkpoints.folders import CONFIG, TOKENIZER_CONFIG, make_folder, safetensors, shard, write_json

from arena_write.checkpoints import checkpoint_id

GOLDEN = "checkpoint:be643c31e240031c35d0d0c89131fcbd"


@pytest.fixture
def folder(tmp_path):
    return make_folder(tmp_path / "run7" / "checkpoint-500")


def test_the_definition_has_not_changed(folder):
    """This value is in keys of what people have paid for; another one would orphan it."""
    assert checkpoint_id(folder) == GOLDEN


def test_a_copy_elsewhere_under_another_name_is_the_same(folder, tmp_path):
    copy = tmp_path / "elsewhere" / "best"
    shutil.copytree(folder, copy)
    for file in copy.iterdir():
        os.utime(file, (1, 1))
    assert checkpoint_id(copy) == checkpoint_id(folder)


def test_a_folder_written_over_is_another_and_written_back_the_same(folder):
    before = checkpoint_id(folder)
    (folder / "model.safetensors").write_bytes(safetensors(b"Weights"))
    assert checkpoint_id(folder) != before
    (folder / "model.safetensors").write_bytes(safetensors(b"weights"))
    assert checkpoint_id(folder) == before


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("README.md", "# best model"),
        ("optimizer.pt", "state"),
        ("trainer_state.json", "{}"),
        ("training_args.bin", "arguments"),
        ("pytorch_model.bin", "not loaded beside safetensors"),
        ("generation_config.json", '{"temperature": 0.1, "eos_token_id": 2}'),
        ("modeling_other.py", "nobody refers to it"),
        ("config.json", json.dumps(CONFIG | {"_name_or_path": "elsewhere", "transformers_version": "5.9.9"})),
        ("config.json", json.dumps(dict(reversed(CONFIG.items())))),
        ("tokenizer_config.json", json.dumps(TOKENIZER_CONFIG | {"name_or_path": "elsewhere"})),
    ],
    ids=lambda value: value[:30],
)
def test_what_does_not_decide_what_the_model_says_does_not_count(folder, file, content):
    before = checkpoint_id(folder)
    (folder / file).write_text(content, encoding="utf-8")
    assert checkpoint_id(folder) == before


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("config.json", json.dumps(CONFIG | {"rope_theta": 20000.0})),
        ("config.json", json.dumps(CONFIG | {"eos_token_id": 3})),
        ("tokenizer.json", "{}"),
        ("tokenizer_config.json", json.dumps(TOKENIZER_CONFIG | {"eos_token": "</s>"})),
        ("chat_template.jinja", "{{ messages }} "),
        ("special_tokens_map.json", "{}"),
        ("added_tokens.json", "{}"),
        ("vocab.json", "{}"),
        ("merges.txt", "a b"),
        ("tokenizer.model", "sentencepiece"),
        ("generation_config.json", '{"eos_token_id": [2, 3]}'),
    ],
    ids=lambda value: value[:30],
)
def test_what_decides_what_the_model_says_counts(folder, file, content):
    before = checkpoint_id(folder)
    (folder / file).write_text(content, encoding="utf-8")
    assert checkpoint_id(folder) != before


def test_every_byte_of_the_weights_counts(folder):
    ids = {checkpoint_id(folder)}
    path = folder / "model.safetensors"
    whole = path.read_bytes()
    for place in range(1, len(b"weights") + 1):
        changed = bytearray(whole)
        changed[-place] ^= 1
        path.write_bytes(changed)
        ids.add(checkpoint_id(folder))
    path.write_bytes(safetensors(b"weights", metadata={"format": "pt"}))
    assert len({*ids, checkpoint_id(folder)}) == 1 + len(b"weights") + 1


def test_a_template_that_moves_into_the_config_of_the_tokenizer_is_another_checkpoint_and_its_words_count(folder):
    (folder / "chat_template.jinja").unlink()
    ids = {checkpoint_id(folder)}
    for template in ("{{ messages }}", "{{ messages }} "):
        write_json(folder / "tokenizer_config.json", TOKENIZER_CONFIG | {"chat_template": template})
        ids.add(checkpoint_id(folder))
    assert len(ids) == 3


class TestQuantisedTwins:
    """The same weights in other numbers are another model."""

    METHOD = {"quantization_config": {"quant_method": "compressed-tensors", "bits": 8}}  # noqa: RUF012

    def test_a_config_that_has_the_weights_quantised_at_loading_counts(self, tmp_path):
        one, twin = make_folder(tmp_path / "one"), make_folder(tmp_path / "twin", **self.METHOD)
        assert checkpoint_id(one) != checkpoint_id(twin)

    @pytest.mark.parametrize("file", ["quantize_config.json", "quant_config.json", "hf_quant_config.json"])
    def test_a_file_of_its_own_that_says_so_counts_by_what_it_says(self, tmp_path, file):
        ids = []
        for number, text in enumerate(['{"bits": 8, "sym": true}', '{"sym":true,"bits":8}', '{"bits": 4}']):
            folder = make_folder(tmp_path / str(number))
            (folder / file).write_text(text, encoding="utf-8")
            ids.append(checkpoint_id(folder))
        assert ids[0] == ids[1]
        assert len({*ids, GOLDEN}) == 3

    @pytest.mark.hf
    def test_real_weights_in_other_numbers(self, tiny, tmp_path):
        import torch
        from safetensors.torch import load_file, save_file

        ids = {checkpoint_id(tiny)}
        weights = load_file(tiny / "model.safetensors")
        for number in (torch.bfloat16, torch.float16, torch.int8):
            twin = shutil.copytree(tiny, tmp_path / str(number))
            scale = 127 if number is torch.int8 else 1
            cast = {name: (value * scale).clamp(-127, 127).to(number) for name, value in weights.items()}
            save_file(cast, twin / "model.safetensors", metadata={"format": "pt"})
            ids.add(checkpoint_id(twin))
            if number is torch.int8:
                write_json(twin / "config.json", json.loads((twin / "config.json").read_text("utf-8")) | self.METHOD)
                ids.add(checkpoint_id(twin))
        assert len(ids) == 5


class TestShards:
    """Weights in several files."""

    def test_one_byte_in_one_of_them_is_another_model_and_the_byte_put_back_the_same(self, tmp_path):
        folder = make_folder(tmp_path / "one", weights=None)
        shard(folder, b"first", b"second", b"third")
        before = checkpoint_id(folder)
        path = folder / "model-00002.safetensors"
        whole = path.read_bytes()
        path.write_bytes(whole[:-3] + bytes([whole[-3] ^ 1]) + whole[-2:])
        assert checkpoint_id(folder) != before
        path.write_bytes(whole)
        assert checkpoint_id(folder) == before

    def test_names_of_shards_do_not_count_and_their_content_does(self, tmp_path):
        one, other, third = (make_folder(tmp_path / name, weights=None) for name in ("one", "other", "third"))
        shard(one, b"first", b"second")
        shard(other, b"first", b"second", name="pytorch-of-somebody-{}.safetensors")
        shard(third, b"first", b"Second")
        assert checkpoint_id(one) == checkpoint_id(other) != checkpoint_id(third)

    def test_files_that_the_index_does_not_name_do_not_count(self, tmp_path):
        folder = make_folder(tmp_path / "one", weights=None)
        shard(folder, b"first", b"second")
        before = checkpoint_id(folder)
        (folder / "consolidated.safetensors").write_bytes(safetensors(b"a copy for another program"))
        assert checkpoint_id(folder) == before


class TestCode:
    """Code that a checkpoint brings along decides what it says too."""

    def test_it_counts(self, tmp_path):
        folder = make_folder(tmp_path / "one", auto_map={"AutoModelForCausalLM": "modeling_own.Own"})
        (folder / "modeling_own.py").write_text("class Own: pass\n", encoding="utf-8")
        before = checkpoint_id(folder)
        (folder / "modeling_own.py").write_text("class Own: ...\n", encoding="utf-8")
        assert checkpoint_id(folder) != before
