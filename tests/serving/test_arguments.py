"""What a user may tell vLLM, and what is refused with its mend."""

import pytest

from arena_write.serving import ServingUsageError
from arena_write.serving.arguments import split_args


@pytest.mark.parametrize(
    "text",
    ["", None, "--enforce-eager --dtype float32", "--seed -1", "--tokenizer-mode slow", "--max-num-seqs=8",
     "--enable-prefix-caching -O3", "--config-format hf", "--speculative-config '{\"model\": \"-q\"}'"],
)  # fmt: skip
def test_most_are_passed_on(text):
    assert " ".join(split_args(text)).replace('{"model": "-q"}', '\'{"model": "-q"}\'') == (text or "")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("--port 8000", "--port within --vllm-args: arena-write sees to that itself"),
        ("--host=0.0.0.0", "--host within"),
        ("--served_model_name mine", "--served_model_name within"),
        ("--served mine", "--served within"),
        ("--generation-config auto", "arena-write sees to that itself"),
        ("--override-generation-config.temperature 0", "arena-write sees to that itself"),
        ("--enforce-eager -tp 2", "-tp within --vllm-args: give --tensor-parallel-size itself"),
        ("--tensor-parallel-size=3", "give --tensor-parallel-size itself"),
        ("--max-model-len 100", "give --max-model-len itself"),
        ("--gpu-memory-util 0.5", "give --gpu-memory-utilization itself"),
        ("--pipeline-parallel-size 2", "--replicas says"),
        ("-dp 4", "--replicas says"),
        ("--quantization fp8", "another model of the checkpoint"),
        ("-q fp8", "another model of the checkpoint"),
        ("--chat-template other.jinja", "another model of the checkpoint"),
        ("--hf-overrides '{}'", "another model of the checkpoint"),
        ("--seed 'open", "cannot be read"),
    ],
)
def test_what_a_run_relies_on_is_not_the_users_to_give(text, words):
    with pytest.raises(ServingUsageError, match=words):
        split_args(text)
