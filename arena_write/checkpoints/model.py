"""A checkpoint asked in one way: what judges and generators call."""

import random
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Self

from arena_write.checkpoints.batches import Ask
from arena_write.checkpoints.engine import Engine
from arena_write.checkpoints.errors import NoTemplateError, OverlongError, SmallContextError, UnknownSettingError
from arena_write.checkpoints.grammar import read_schema
from arena_write.checkpoints.loading import Loaded
from arena_write.checkpoints.rendering import render_chat, render_text
from arena_write.endpoints.meter import Meter
from arena_write.endpoints.prices import FREE
from arena_write.endpoints.settings import RequestSettings
from arena_write.spending import Account, Purse
from judges import Completion, Message, Usage

_TEMPLATE_VARIABLES = "chat_template_kwargs"
_SEEDS = random.SystemRandom()


class CheckpointModel:
    """A `judges.ports.ChatModel` that transformers runs in this process. `async with` closes it.

    Args:
        engine: The checkpoint.
        settings: Decoding settings of every call.
        chat: Whether it is sent messages; else raw prompts.
        meter: Counts calls; may be shared.
        account: Counts them against what the run may do; without one nothing is bounded.

    Raises:
        UnknownSettingError: The settings ask for what only servers know.
    """

    def __init__(
        self,
        engine: Engine,
        settings: RequestSettings,
        *,
        chat: bool = True,
        meter: Meter | None = None,
        account: Account | None = None,
    ) -> None:
        check_settings(settings)
        self.engine, self.settings, self.chat = engine, settings, chat
        self.meter = meter or Meter()
        self.account = account or Account(Purse(), FREE)
        engine.join(self)

    def __repr__(self) -> str:
        return f"CheckpointModel({self.engine.name!r}, {self.id!r})"

    @property
    def id(self) -> str:
        """Identity of the model: the digest of its content."""
        return self.engine.id

    async def complete(self, messages: Sequence[Message], *, seed: int | None = None) -> Completion:
        """Answer chat messages.

        A thought that the template opened is given back with its tag, so that it can be told from the answer.

        Raises:
            OverlongError: Messages and budget do not fit into the model's context.
            CallError: No answer could be had.
            BudgetReachedError: The run may make no more calls.
        """
        variables = (self.settings.extra or {}).get(_TEMPLATE_VARIABLES)

        def render(loaded: Loaded) -> tuple[list[int], str]:
            ids, opened = render_chat(loaded.tokenizer, messages, controls=self.engine.controls, variables=variables)
            return ids, "" if self.settings.response_format else opened

        return await self._call(render, seed)

    async def complete_text(self, prompt: str, *, seed: int | None = None) -> Completion:
        """Continue a raw prompt, without any chat template; errors as in `complete`."""
        return await self._call(lambda loaded: (render_text(loaded.tokenizer, prompt), ""), seed)

    def check(self, loaded: Loaded) -> None:
        """Refuse a checkpoint that cannot be asked in this way.

        Raises:
            NoTemplateError: It is to be sent messages, and has no chat template.
            SmallContextError: An answer alone may be longer than all that it reads and writes.
        """
        if self.chat and not loaded.tokenizer.chat_template:
            raise NoTemplateError(
                f"{self.engine.name} has no chat template, so it cannot be sent messages: give a profile with "
                'mode = "completion" (--profile longwriter-zero, or a file of your own); a judge needs a template'
            )
        budget, context = self.settings.token_budget, loaded.context
        if context is not None and self.settings.max_tokens is not None and budget >= context:
            raise SmallContextError(
                f"{self.engine.name} reads and writes {context} tokens in one call, and an answer alone may take "
                f"{budget}: give a --profile with fewer max_tokens and thinking_tokens, for a judge a --judge-preset "
                "with fewer"
            )

    async def aclose(self) -> None:
        """Let go of the checkpoint, which leaves memory when nobody else uses it; a later call loads it again."""
        await self.engine.leave(self)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def _call(self, render: Callable[[Loaded], tuple[list[int], str]], seed: int | None) -> Completion:
        started = time.monotonic()
        self.engine.join(self)
        with self.meter.call() as call, call.attempt(1):
            loaded = await self.engine.ready()
            ids, opened = render(loaded)
            budget = self._budget(loaded, len(ids))
            drawn = _SEEDS.getrandbits(31) if seed is None else seed
            async with self.account.request(Usage(prompt_tokens=len(ids), completion_tokens=budget)) as payment:
                payment.sent()
                reply = await self.engine.reply(Ask(tuple(ids), self.settings, budget, drawn))
                usage = Usage(prompt_tokens=len(ids), completion_tokens=reply.tokens)
                payment.answered(usage)
        self.meter.add(usage)
        return Completion(
            text=opened + reply.text,
            finish_reason=reply.finish_reason,
            served_model=self.id,
            usage=usage,
            seconds=time.monotonic() - started,
            price=payment.price,
        )

    def _budget(self, loaded: Loaded, prompt: int) -> int:
        """Return the tokens that a reply may have: those of the settings, or all that the context has left."""
        if self.settings.max_tokens is None:
            budget = self.settings.token_budget if loaded.context is None else loaded.context - prompt
        else:
            budget = self.settings.token_budget
        if loaded.context is None or prompt + max(budget, 1) <= loaded.context:
            return budget
        raise OverlongError(
            f"{self.engine.name} reads and writes {loaded.context} tokens in one call, and this one needs {prompt} for "
            f"what it says and up to {budget} for the answer"
        )


def check_settings(settings: RequestSettings) -> None:
    """Refuse settings that would be ignored.

    Raises:
        UnknownSettingError: Names the first of them.
    """
    extra: dict[str, Any] = dict(settings.extra or {})
    if not isinstance(extra.pop(_TEMPLATE_VARIABLES, {}), dict):
        raise UnknownSettingError(
            f"{_TEMPLATE_VARIABLES} in a profile's extra holds the chat template's variables by name"
        )
    if read_schema(settings.response_format) is not None and settings.max_tokens is None:
        raise UnknownSettingError("a reply that is held to a schema needs max_tokens: it may never end")
    unknown = [*sorted(extra), *(["reasoning_effort"] if settings.reasoning_effort is not None else [])]
    if unknown:
        raise UnknownSettingError(
            f"a checkpoint in this process does not know the setting {unknown[0]}, and ignoring it would give another "
            f"model's answers: write what its chat template wants into extra.{_TEMPLATE_VARIABLES}, or serve it"
        )
