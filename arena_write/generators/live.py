"""Models that answer now: how they are asked, and their answers as rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from arena_write.benchmarks.prompts import Prompt
from arena_write.generators.answers import Answer, clean_text, split_answer
from arena_write.generators.profile_files import wrap_prompt
from arena_write.generators.profiles import Entrant
from arena_write.spending import Account
from judges import Completion, Message, content_id

SERVED_BACKEND = "vllm"
"""What runs models that are served here."""
_OPENED_THOUGHT = "<think>"


class AnsweringModel(Protocol):
    """A model that answers chat messages or continues a text; implemented by endpoints and local models."""

    @property
    def id(self) -> str:
        """Identity of the model."""
        ...

    async def complete(self, messages: Sequence[Message], *, seed: int | None = None) -> Completion:
        """Answer chat messages; see `judges.ChatModel`."""
        ...

    async def complete_text(self, prompt: str, *, seed: int | None = None) -> Completion:
        """Continue a text; raises what `complete` raises."""
        ...

    async def aclose(self) -> None:
        """Let go of connections or memory."""
        ...


@dataclass(frozen=True)
class LiveModel:
    """A model that is asked in this run.

    Args:
        entrant: What a board ranks: the model and the way it is asked.
        model: The model, set up with the profile's sampling.
        backend: What runs it; a field of rows, no part of any key.
        account: Pays for its requests; the model draws on it.
        reply_budget: Tokens that an answer may take, thinking included.
    """

    entrant: Entrant
    model: AnsweringModel
    backend: str
    account: Account
    reply_budget: int


def draw_seed(*, base: int, prompt: str, sample: int) -> int:
    """Return the seed of one answer: 31 bits drawn from the run's seed, the prompt's text id and the sample."""
    return int(content_id("seed", base, prompt, sample)[:8], 16) >> 1


async def write_answer(live: LiveModel, prompt: Prompt, *, seed: int) -> tuple[Answer, Completion]:
    """Have a model answer a prompt, and split the answer from its thinking; return it, and all that the model said.

    A thought that the template opened (it ends with `<think>`) is a thought: without its end there is no answer.

    Raises:
        TransportError: No answer could be had.
        BudgetReachedError: The next request might cost more than the run may spend.
    """
    profile = live.entrant.profile
    opened = ""
    if profile.mode == "completion":
        wrapped = wrap_prompt(profile, prompt.text, language=prompt.language)
        opened = _OPENED_THOUGHT if wrapped.rstrip().endswith(_OPENED_THOUGHT) else ""
        messages = [Message("user", wrapped)]
    else:
        system = [] if profile.system is None else [Message("system", profile.system)]
        messages = [*system, Message("user", prompt.text)]
    if profile.mode == "completion":
        completion = await live.model.complete_text(messages[0].content, seed=seed)
    else:
        completion = await live.model.complete(messages, seed=seed)
    thinking = None if completion.thinking is None else clean_text(completion.thinking)
    raw = opened + clean_text(completion.text)
    return split_answer(raw, thinking=thinking, finish_reason=completion.finish_reason), completion
