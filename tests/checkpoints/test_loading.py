"""Loading: what may not go unnoticed, and on what terms a checkpoint runs."""

import json
import shutil
import subprocess
import sys
from types import SimpleNamespace

import pytest
from checkpoints.folders import make_folder, write_json
from command import environment

from arena_write.checkpoints import BrokenWeightsError, Checkpoints, LoadingError, MissingLibraryError
from arena_write.checkpoints.finding import Finder
from arena_write.checkpoints.loading import find_context, require_libraries


@pytest.mark.parametrize(
    ("config", "context"),
    [
        ({}, None),
        ({"max_position_embeddings": 32_768}, 32_768),
        ({"max_position_embeddings": 32_768, "rope_parameters": {"rope_type": "default"}}, 32_768),
        (
            {
                "max_position_embeddings": 40_960,
                "rope_parameters": {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 32_768},
            },
            131_072,
        ),
        ({"max_position_embeddings": 4_096, "rope_scaling": {"type": "linear", "factor": 2.0}}, 8_192),
        ({"max_position_embeddings": 131_072, "rope_parameters": {"rope_type": "llama3", "factor": 8.0}}, 131_072),
        ({"max_position_embeddings": 4_096, "rope_scaling": None}, 4_096),
    ],
)
def test_the_context_is_what_the_config_says(config, context):
    assert find_context(SimpleNamespace(**config)) == context


class TestMissingLibraries:
    """Without torch the rest of the program works, and checkpoints say what they need."""

    def run_without(self, *arguments, cwd):
        script = (
            "import sys\n"
            "for name in ('torch', 'transformers', 'xgrammar'): sys.modules[name] = None\n"
            "from arena_write.cli.main import main\n"
            "main()\n"
        )
        return subprocess.run(
            [sys.executable, "-c", script, *arguments],
            cwd=cwd, env=environment(), capture_output=True, text=True, check=False,
        )  # fmt: skip

    def test_a_run_says_what_to_install_and_leaves_nothing(self, tmp_path):
        make_folder(tmp_path / "ckpt")
        done = self.run_without(
            "eval", "--model", "ckpt", "--benchmark", "starter", "--judge", "builtin/textstats", cwd=tmp_path
        )
        assert done.returncode == 2
        assert "needs torch and transformers and xgrammar: pip install 'arena-write[hf]'" in done.stderr
        assert "vllm serve" in done.stderr
        assert not (tmp_path / "results").exists()

    def test_a_judge_needs_them_as_well(self, tmp_path):
        make_folder(tmp_path / "ckpt")
        done = self.run_without(
            "eval", "--model", "builtin/example", "--benchmark", "starter", "--judge", "hf/ckpt", cwd=tmp_path
        )
        assert done.returncode == 2
        assert "arena-write[hf]" in done.stderr

    def test_a_plan_needs_none_of_them(self, tmp_path):
        make_folder(tmp_path / "ckpt")
        done = self.run_without("plan", "--model", "ckpt", "--benchmark", "starter", "--judge", "ckpt", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert "12 calls for answers of ckpt" in done.stdout
        assert "144 calls for verdicts of ckpt" in done.stdout
        assert "free" in done.stdout

    def test_a_plan_imports_none_of_them(self, tmp_path):
        make_folder(tmp_path / "ckpt")
        script = (
            "import sys\n"
            "from arena_write.cli.main import main\n"
            "try: main()\n"
            "except SystemExit as end: assert not end.code, end.code\n"
            "sys.exit(', '.join(name for name in ('torch', 'transformers', 'xgrammar') if name in sys.modules) or 0)\n"
        )
        arguments = ["plan", "--model", "ckpt", "--benchmark", "starter", "--judge", "hf/ckpt"]
        done = subprocess.run(
            [sys.executable, "-c", script, *arguments],
            cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert "144 calls for verdicts of ckpt" in done.stdout

    def test_the_check_imports_nothing(self, monkeypatch):
        monkeypatch.setitem(sys.modules, "xgrammar", None)
        with pytest.raises(MissingLibraryError, match="xgrammar"):
            require_libraries()


@pytest.mark.hf
def test_a_loaded_checkpoint_does_not_change_when_its_file_is_written_over_in_place(tiny, tmp_path):
    from arena_write.checkpoints.folders import read_folder
    from arena_write.checkpoints.loading import load_checkpoint

    folder = shutil.copytree(tiny, tmp_path / "written-over")
    model = load_checkpoint(read_folder(folder), trust_remote_code=False).model
    before = {name: value.detach().clone() for name, value in model.state_dict().items()}
    path = folder / "model.safetensors"
    with path.open("r+b") as stream:
        stream.write(bytes(path.stat().st_size))
    assert all(bool((value == before[name]).all()) for name, value in model.state_dict().items())


@pytest.mark.hf
class TestLoading:
    """transformers would make up missing weights, and follow the checkpoint's own sampling."""

    @pytest.fixture
    def folder(self, tiny, tmp_path):
        return shutil.copytree(tiny, tmp_path / "copy")

    def load(self, folder, *, say=None, **options):
        return Checkpoints(Finder(**options), **({} if say is None else {"say": say})).open(str(folder)).load()

    def rewrite(self, folder, change):
        """Change the tensors of a folder's weights."""
        from safetensors.torch import load_file, save_file

        weights = load_file(folder / "model.safetensors")
        change(weights)
        save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})

    def test_it_says_what_runs_it(self, folder):
        lines = []
        self.load(folder, say=lines.append)
        (line,) = lines
        assert line.startswith("copy runs on transformers 5.")
        assert "(not vLLM)" in line
        assert line.endswith("float32")

    def test_a_tensor_that_is_not_in_the_files_is_never_made_up(self, folder):
        self.rewrite(folder, lambda weights: weights.pop("model.layers.1.mlp.down_proj.weight"))
        with pytest.raises(LoadingError, match=r"1 weights of .* are not in the files, model\.layers\.1\.mlp"):
            self.load(folder)

    def test_weights_of_another_shape_are_refused(self, folder):
        config = json.loads((folder / "config.json").read_text("utf-8"))
        write_json(folder / "config.json", config | {"intermediate_size": 96})
        with pytest.raises(LoadingError, match="cannot load"):
            self.load(folder)

    @pytest.mark.parametrize(
        "change", [{"model_type": "never-heard-of"}, {"architectures": None, "model_type": "clip"}]
    )
    def test_what_is_no_language_model_is_refused(self, folder, change):
        config = json.loads((folder / "config.json").read_text("utf-8"))
        write_json(folder / "config.json", config | change)
        with pytest.raises(LoadingError, match="as a model that continues text"):
            self.load(folder)

    def test_a_tokenizer_that_cannot_be_read_is_refused(self, folder):
        (folder / "tokenizer.json").write_text("{}", encoding="utf-8")
        with pytest.raises(LoadingError):
            self.load(folder)

    def test_a_folder_written_over_after_it_was_looked_at_is_refused(self, folder):
        engine = Checkpoints().open(str(folder))
        self.rewrite(folder, lambda weights: weights["lm_head.weight"].mul_(2))
        with pytest.raises(LoadingError, match="written to while this run began"):
            engine.load()

    def test_weights_that_diverged_stop_the_run(self, ask, folder):
        self.rewrite(folder, lambda weights: weights["model.norm.weight"].fill_(float("nan")))
        with pytest.raises(BrokenWeightsError, match="diverged"):
            ask([("Hello", 1)], folder=folder)

    def test_numbers_that_the_device_cannot_compute_become_float32(self, folder):
        import torch

        self.rewrite(folder, lambda weights: weights.update({k: v.bfloat16() for k, v in weights.items()}))
        config = json.loads((folder / "config.json").read_text("utf-8"))
        write_json(folder / "config.json", config | {"dtype": "bfloat16"})
        loaded = self.load(folder)
        has = torch.cpu.get_capabilities()
        fast = any(has.get(name) for name in ("avx512_bf16", "amx_bf16", "bf16"))
        expected = "bfloat16" if fast or loaded.device == "cuda" else "float32"
        assert {str(weight.dtype) for weight in loaded.model.parameters()} == {f"torch.{expected}"}
        assert loaded.number == expected


@pytest.mark.hf
def test_code_that_a_checkpoint_brings_runs_only_on_request(tiny, tmp_path, ask):
    from arena_write.checkpoints import UntrustedCodeError

    folder = shutil.copytree(tiny, tmp_path / "own")
    config = json.loads((folder / "config.json").read_text("utf-8"))
    write_json(folder / "config.json", config | {"auto_map": {"AutoModelForCausalLM": "modeling_own.Own"}})
    (folder / "modeling_own.py").write_text(
        "from pathlib import Path\n"
        "from transformers import Qwen2ForCausalLM\n"
        f"Path({str(tmp_path / 'ran')!r}).touch()\n"
        "class Own(Qwen2ForCausalLM): pass\n",
        encoding="utf-8",
    )
    with pytest.raises(UntrustedCodeError):
        Checkpoints().open(str(folder))
    assert not (tmp_path / "ran").exists()
    loaded = Checkpoints(Finder(trust_remote_code=True)).open(str(folder)).load()
    assert type(loaded.model).__name__ == "Own"
    assert (tmp_path / "ran").exists()
