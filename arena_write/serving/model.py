"""A model that we serve, asked in one way: what judges and generators call."""

import time
from collections.abc import Awaitable, Callable, Sequence
from types import TracebackType
from typing import Any, Self

from arena_write.checkpoints.folders import has_template
from arena_write.endpoints import EndpointModel, RequestSettings
from arena_write.endpoints.errors import (
    ConnectionTroubleError,
    EndpointError,
    ServerFaultError,
    SilentServerError,
    StalledError,
    UnreachableError,
)
from arena_write.endpoints.limit import Connections
from arena_write.endpoints.meter import Meter
from arena_write.endpoints.prices import FREE
from arena_write.serving.errors import ServingUsageError
from arena_write.serving.fleet import Fleet
from arena_write.serving.ports import ModelServer
from arena_write.serving.spelling import Speller
from arena_write.spending import Account, Purse
from judges import Completion, Message
from judges.llm import estimate_tokens

_SERVER_FAULTS = (ConnectionTroubleError, ServerFaultError, UnreachableError, SilentServerError, StalledError)


class ServedModel:
    """A `judges.ports.ChatModel` on servers of ours. `async with` closes it.

    Args:
        fleet: The servers.
        settings: Decoding settings of every call.
        connections: Calls at a time to each server.
        chat: Whether it is sent messages; else raw prompts.
        meter: Counts calls; may be shared.
        account: Counts them against what the run may do; without one nothing is bounded.

    Raises:
        ServingUsageError: The model cannot be asked in this way.
    """

    def __init__(
        self,
        fleet: Fleet,
        settings: RequestSettings,
        *,
        connections: Connections,
        chat: bool = True,
        meter: Meter | None = None,
        account: Account | None = None,
    ) -> None:
        self.fleet, self.settings = fleet, settings
        self.meter = meter or Meter()
        self.account = account or Account(Purse(), FREE)
        self._connections = connections
        self._models: dict[ModelServer, EndpointModel] = {}
        self._speller = Speller(fleet.controls, variables=_template_variables(settings))
        _check(fleet, settings, chat=chat)
        fleet.join(self)

    def __repr__(self) -> str:
        return f"ServedModel({self.fleet.name!r}, {self.id!r})"

    @property
    def id(self) -> str:
        """Identity of the model: the digest of its content, whatever runs it."""
        return self.fleet.id

    async def complete(self, messages: Sequence[Message], *, seed: int | None = None) -> Completion:
        """Answer chat messages.

        Raises:
            ServerFailedError: No server could be started, or the last one died.
            EndpointError: No answer could be had.
            UnsafeTextError: A text spells control tokens, and the chat template makes them hard to tell from its own.
            BudgetReachedError: The run may make no more calls.
        """
        size = estimate_tokens(messages)
        if not self._speller.is_needed(messages):
            return await self._call(lambda model, server: model.complete(messages, seed=seed), size)

        async def spell(model: EndpointModel, server: ModelServer) -> Completion:
            tokens = await self._speller.spell(messages, server)
            return await model.complete_tokens(tokens, messages, seed=seed)

        return await self._call(spell, size)

    async def complete_text(self, prompt: str, *, seed: int | None = None) -> Completion:
        """Continue a raw prompt, without any chat template; errors as in `complete`."""
        size = estimate_tokens([Message("user", prompt)])
        return await self._call(lambda model, server: model.complete_text(prompt, seed=seed), size)

    async def aclose(self) -> None:
        """Let go of the servers, which end when nobody else uses them; a later call starts them again."""
        models, self._models = self._models, {}
        for model in models.values():
            await model.aclose()
        await self.fleet.leave(self)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def _call(
        self, ask: Callable[[EndpointModel, ModelServer], Awaitable[Completion]], prompt_tokens: int
    ) -> Completion:
        self.fleet.join(self)
        await self.fleet.ready(self.account.require_open)
        tokens = prompt_tokens + self.settings.token_budget
        while True:
            berth = await self.fleet.choose(tokens, self.account.require_open)
            server = berth.server
            assert server is not None
            begun = time.monotonic()
            try:
                reply = await ask(self._model(server), server)
            except _SERVER_FAULTS as error:
                if isinstance(error, StalledError) and not self.fleet.seems_deaf(berth, since=begun):
                    raise
                deaf = isinstance(error, SilentServerError | StalledError)
                if not await self.fleet.replace(berth, server, deaf=deaf):
                    raise _passing(error) from None
            else:
                berth.answered = time.monotonic()
                return reply
            finally:
                berth.outstanding -= tokens

    def _model(self, server: ModelServer) -> EndpointModel:
        if server not in self._models:
            self._models[server] = server.open_model(
                self.id, self.settings, connections=self._connections, meter=self.meter, account=self.account
            )
        return self._models[server]


def _check(fleet: Fleet, settings: RequestSettings, *, chat: bool) -> None:
    """Refuse what every single call would be refused for.

    Raises:
        ServingUsageError: Messages are for a model without a chat template, or an answer alone may be too long.
    """
    if chat and not has_template(fleet.found.folder):
        raise ServingUsageError(
            f"{fleet.name} has no chat template, so it cannot be sent messages: give a profile with "
            'mode = "completion" (--profile longwriter-zero, or a file of your own); a judge needs a template'
        )
    context, budget = fleet.context, settings.token_budget
    if context is not None and settings.max_tokens is not None and budget >= context:
        raise ServingUsageError(
            f"{fleet.name} reads and writes {context} tokens in one call, and an answer alone may take {budget}: give "
            "a --profile with fewer max_tokens and thinking_tokens, for a judge a --judge-preset with fewer"
        )


def _template_variables(settings: RequestSettings) -> dict[str, Any]:
    """Return what vLLM tells the chat template of a chat request."""
    effort = {} if settings.reasoning_effort is None else {"reasoning_effort": settings.reasoning_effort}
    return effort | dict((settings.extra or {}).get("chat_template_kwargs") or {})


def _passing(error: EndpointError) -> EndpointError:
    """Return an error of a call to a server whose process runs: the next call may well succeed."""
    return ConnectionTroubleError(str(error)) if isinstance(error, UnreachableError) else error
