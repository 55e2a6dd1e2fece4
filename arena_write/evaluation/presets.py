"""Published protocols of WritingBench, a word each: who judges, with which settings answers are written and judged.

Sources: arXiv 2503.05244, and the README of the official repository as of the date that is the preset's name. Settings
of the writing are those of the profile `writingbench`, and of the judging those of the judge preset of that name; a
setting that the judge's server refuses beside another is left out, as `judges/llm/presets.toml` says.
"""

from dataclasses import dataclass, replace

from arena_write.evaluation.request import EvaluationRequest, SetupError

PROFILE = "writingbench"
JUDGE_PRESET = "writingbench"


@dataclass(frozen=True, slots=True)
class Preset:
    """A published protocol.

    Args:
        judge: Who judges, for people.
        names: What one of is in the judge's name, wherever it is served.
        address: Where it is looked for; nothing for a model behind a server, since a key goes to where the user said,
            and to nobody else.
        example: What to write where no address is known.
    """

    judge: str
    names: tuple[str, ...]
    address: str | None = None
    example: str = ""


_CRITIC = "WritingBench-Critic-Model-Qwen-7B"

PRESETS = {
    "v1-critic": Preset(_CRITIC, (_CRITIC,), address=f"vllm/AQuarterMile/{_CRITIC}"),
    "2025-04": Preset(
        "Claude 3.7 Sonnet",
        ("claude-3-7-sonnet", "claude-3.7-sonnet"),
        example="openai/claude-3-7-sonnet-20250219@https://HOST/v1",
    ),
    "2025-11": Preset(
        "Claude Sonnet 4.5",
        ("claude-sonnet-4-5", "claude-sonnet-4.5"),
        example="openai/claude-sonnet-4-5-20250929@https://HOST/v1",
    ),
}


def apply_preset(request: EvaluationRequest) -> EvaluationRequest:
    """Return the request with its preset's judge and settings in it.

    Raises:
        SetupError: There is no such preset, or something else was asked for that it already says.
    """
    if request.preset is None:
        return request
    preset = PRESETS.get(request.preset)
    if preset is None:
        raise SetupError(f"there is no preset {request.preset!r}; there are {', '.join(PRESETS)}")
    for option, said, own in (
        ("--profile", request.profile, PROFILE),
        ("--judge-preset", request.judge_preset, JUDGE_PRESET),
        ("--rubric", request.rubric, "each"),
        ("--judge-format", request.judge_format, "text"),
    ):
        if said not in (None, own):
            raise SetupError(
                f"--preset {request.preset} is a published protocol, with {option} {own}: leave {option} out, or leave "
                "out --preset and name every setting"
            )
    judge = _find_judge(request, preset) if request.judging else request.judge
    return replace(request, profile=PROFILE, judge_preset=JUDGE_PRESET, judge=judge)


def _find_judge(request: EvaluationRequest, preset: Preset) -> str:
    """Return the judge's address.

    Raises:
        SetupError: It is another model's, or nobody says where the model is served.
    """
    where = f"say where with --judge {preset.example}" if preset.example else "leave out --judge"
    if request.judge is None:
        if preset.address is None:
            raise SetupError(f"--preset {request.preset} is judged by {preset.judge}: {where}")
        return preset.address
    if not any(name in request.judge for name in preset.names):
        raise SetupError(
            f"--preset {request.preset} is judged by {preset.judge}, and {request.judge!r} (--judge, or "
            f"ARENA_WRITE_JUDGE) does not say {' or '.join(preset.names)}: {where}, or leave out --preset"
        )
    return request.judge
