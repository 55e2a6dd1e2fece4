"""From an address to a judge: what the judge is shown depends on who runs it."""

from checkpoints.folders import make_folder

from arena_write.judging.hiring import JudgeOptions, hire_judge
from judges.llm import template_id


def test_spellings_of_control_tokens_are_set_apart_for_servers_of_others_alone(tmp_path, monkeypatch):
    monkeypatch.setenv("ARENA_WRITE_VLLM", "true")
    folder = make_folder(tmp_path / "judge")
    templates = [
        hire_judge(address, JudgeOptions()).judge.spec.template
        for address in ("openai/judge@http://127.0.0.1:9/v1", f"hf/{folder}", f"vllm/{folder}")
    ]
    assert templates == [template_id(apart=True), template_id(), template_id()]
