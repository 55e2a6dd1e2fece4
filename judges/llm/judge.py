"""A language model as judge: renders, asks, and reads the answer strictly."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from judges.llm.identity import template_id
from judges.llm.rendering import render_comparison, render_scoring
from judges.llm.thoughts import visible_reply
from judges.parsing import check_completion, parse_score, parse_score_json, parse_verdict, parse_verdict_json
from judges.ports import ChatModel, Comparison, Completion, Criterion, JudgeSpec, Message, Scoring
from judges.verdicts import Invalid

Outcome = TypeVar("Outcome")


class JudgeModel(ChatModel, Protocol):
    """A chat model that holds connections."""

    async def aclose(self) -> None:
        """Let go of connections."""
        ...


class LLMJudge:
    """Compares and scores texts by asking a chat model; implements `Judge` and `RubricJudge`.

    A model is set up by who opens it: with `spec.decoding`, and for `json_schema` with a response format. A server
    takes one response format per request, so such a judge has two models, which differ in nothing else:

        LLMJudge(spec, comparer=open_model(response_format("verdict")), scorer=open_model(response_format("score")))

    For `text` replies one model does both. No seed is sent: an attempt that gave no valid answer is repeated, and would
    give the same one.

    Args:
        spec: Who judges, as `make_spec` builds it.
        comparer: The model for comparisons, and for scores where the replies are text.
        scorer: The model for scores where the replies are JSON.

    Raises:
        ValueError: The spec is of another model, of other templates or of no reply format.
    """

    def __init__(self, spec: JudgeSpec, comparer: JudgeModel, scorer: JudgeModel | None = None) -> None:
        if spec.reply_format == "none":
            raise ValueError("the reply format of an LLM judge is text or json_schema")
        if spec.template not in (template_id(), template_id(apart=True)):
            raise ValueError(f"{spec.name} is a judge with templates {spec.template}, these are {template_id()}")
        for model in (comparer, scorer):
            if model is not None and model.id != spec.model:
                raise ValueError(f"{spec.name} is a judge with model {spec.model}, this is {model.id}")
        self._spec = spec
        self._apart = spec.template == template_id(apart=True)
        self._models = [comparer] if scorer is None else [comparer, scorer]
        self._comparer = comparer
        self._scorer = scorer or (comparer if spec.reply_format == "text" else None)

    @property
    def spec(self) -> JudgeSpec:
        """Who judges, and how."""
        return self._spec

    def comparison_messages(self, prompt: str, first: str, second: str) -> list[Message]:
        """Return what `compare` sends, to be measured before the call."""
        return render_comparison(prompt, first, second, reply_format=self._spec.reply_format, apart=self._apart)

    def scoring_messages(self, prompt: str, text: str, criterion: Criterion) -> list[Message]:
        """Return what `score` sends, to be measured before the call."""
        return render_scoring(prompt, text, criterion, reply_format=self._spec.reply_format, apart=self._apart)

    async def compare(self, prompt: str, first: str, second: str, *, repeat: int = 0) -> Comparison:
        """Compare `first` (A) with `second` (B), whole texts, as answers to `prompt`.

        Raises:
            TransportError: No answer could be had.
        """
        completion = await self._comparer.complete(self.comparison_messages(prompt, first, second))
        return Comparison(self._read(completion, parse_verdict, parse_verdict_json), completion)

    async def score(self, prompt: str, text: str, criterion: Criterion, *, repeat: int = 0) -> Scoring:
        """Score `text` as an answer to `prompt` on `criterion`, from 1 to 10.

        Raises:
            TransportError: No answer could be had.
            ValueError: The judge answers in JSON and was built without a scorer.
        """
        if self._scorer is None:
            raise ValueError(f"{self._spec.name} answers in JSON and was built without a model for scores")
        completion = await self._scorer.complete(self.scoring_messages(prompt, text, criterion))
        return Scoring(self._read(completion, parse_score, parse_score_json), completion)

    async def aclose(self) -> None:
        """Let go of the models' connections."""
        for model in self._models:
            await model.aclose()

    def _read(
        self,
        completion: Completion,
        parse_text: Callable[[str], Outcome | Invalid],
        parse_json: Callable[[str], Outcome | Invalid],
    ) -> Outcome | Invalid:
        """Read the answer from the completion's text and from nothing else, its thinking least of all."""
        fault = check_completion(completion)
        if fault is not None:
            return fault
        if self._spec.reply_format == "json_schema":
            return parse_json(completion.text)
        visible = visible_reply(completion.text)
        return visible if isinstance(visible, Invalid) else parse_text(visible)
