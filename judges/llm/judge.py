"""A language model as judge: renders, asks, and reads the answer strictly."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Protocol, Self, TypeVar

from judges.llm.identity import template_id
from judges.llm.official import OfficialPrompt
from judges.llm.rendering import render_comparison, render_joint_scoring, render_scoring, shuffle_criteria
from judges.llm.schemas import joint_response_format, response_format
from judges.llm.thoughts import visible_reply
from judges.parsing import (
    check_completion,
    parse_joint_scores,
    parse_joint_scores_json,
    parse_only_score,
    parse_score,
    parse_score_json,
    parse_verdict,
    parse_verdict_json,
)
from judges.ports import ChatModel, Comparison, Completion, Criterion, JointScoring, JudgeSpec, Message, Scoring
from judges.verdicts import Invalid

Outcome = TypeVar("Outcome")


class JudgeModel(ChatModel, Protocol):
    """A chat model that holds connections."""

    async def aclose(self) -> None:
        """Let go of connections."""
        ...


OpenModel = Callable[[Mapping[str, Any] | None], JudgeModel]
"""Opens a judge's model with this `response_format`, or with none."""


class LLMJudge:
    """Compares and scores texts by asking a chat model; implements `Judge`, `RubricJudge` and `JointRubricJudge`.

    A model is set up by who opens it: with `spec.decoding`, and for `json_schema` with a response format. A server
    takes one response format per request, so such a judge has several models, which differ in nothing else (`open`).
    For `text` replies one model does all. No seed is sent: an attempt that gave no valid answer is repeated, and would
    give the same one.

    Args:
        spec: Who judges, as `make_spec` builds it.
        comparer: The model for comparisons, and for scores where the replies are text.
        scorer: The model for single scores where the replies are JSON.
        open_joint: Opens the model for scores on so many criteria at once, where the replies are JSON.
        official: The official prompt, where single scores are asked for with that.

    Raises:
        ValueError: The spec is of another model, of other templates or of no reply format.
    """

    def __init__(
        self,
        spec: JudgeSpec,
        comparer: JudgeModel,
        scorer: JudgeModel | None = None,
        *,
        open_joint: Callable[[int], JudgeModel] | None = None,
        official: OfficialPrompt | None = None,
    ) -> None:
        if spec.reply_format == "none":
            raise ValueError("the reply format of an LLM judge is text or json_schema")
        templates = [template_id(spec.rubric, official, apart=apart) for apart in (False, True)]
        if spec.template not in templates:
            raise ValueError(f"{spec.name} is a judge with templates {spec.template}, these are {templates[0]}")
        for model in (comparer, scorer):
            if model is not None and model.id != spec.model:
                raise ValueError(f"{spec.name} is a judge with model {spec.model}, this is {model.id}")
        self._spec = spec
        self._apart = spec.template == templates[1]
        self._models = [comparer] if scorer is None else [comparer, scorer]
        self._comparer = comparer
        self._scorer = scorer or (comparer if spec.reply_format == "text" else None)
        self._open_joint = open_joint
        self._joint: dict[int, JudgeModel] = {}
        self._official = official

    @classmethod
    def open(cls, spec: JudgeSpec, open_model: OpenModel, *, official: OfficialPrompt | None = None) -> Self:
        """Return the judge of this spec, its models opened with `open_model` as it needs them.

        Raises:
            ValueError: See the class.
        """
        if spec.reply_format == "text":
            return cls(spec, open_model(None), official=official)
        comparer, scorer = (open_model(response_format(answer)) for answer in ("verdict", "score"))
        return cls(
            spec,
            comparer,
            scorer,
            open_joint=lambda criteria: open_model(joint_response_format(criteria)),
            official=official,
        )

    @property
    def spec(self) -> JudgeSpec:
        """Who judges, and how."""
        return self._spec

    def comparison_messages(self, prompt: str, first: str, second: str) -> list[Message]:
        """Return what `compare` sends, to be measured before the call."""
        return render_comparison(prompt, first, second, reply_format=self._spec.reply_format, apart=self._apart)

    def scoring_messages(self, prompt: str, text: str, criterion: Criterion) -> list[Message]:
        """Return what `score` sends, to be measured before the call."""
        if self._official is not None:
            return self._official.render(prompt, text, criterion)
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
            ValueError: The judge scores jointly, or answers in JSON and was built without a scorer.
        """
        if self._spec.rubric == "joint":
            raise ValueError(f"{self._spec.name} scores all criteria of a text in one call")
        if self._scorer is None:
            raise ValueError(f"{self._spec.name} answers in JSON and was built without a model for scores")
        completion = await self._scorer.complete(self.scoring_messages(prompt, text, criterion))
        parse_text = parse_score if self._official is None else parse_only_score
        return Scoring(self._read(completion, parse_text, parse_score_json), completion)

    def joint_scoring_messages(
        self, prompt: str, text: str, criteria: Sequence[Criterion], *, repeat: int = 0
    ) -> list[Message]:
        """Return what `score_jointly` sends, to be measured before the call."""
        shuffled = [criteria[place] for place in shuffle_criteria(prompt, text, criteria, repeat=repeat)]
        return render_joint_scoring(prompt, text, shuffled, reply_format=self._spec.reply_format, apart=self._apart)

    async def score_jointly(
        self, prompt: str, text: str, criteria: Sequence[Criterion], *, repeat: int = 0
    ) -> JointScoring:
        """Score `text` as an answer to `prompt` on each of `criteria`, from 1 to 10, in one call.

        The criteria are shown in an order that depends on prompt, text and repeat; the scores come in that of
        `criteria`.

        Raises:
            TransportError: No answer could be had.
            ValueError: The judge scores one criterion a call, or answers in JSON and was built without such models.
        """
        if self._spec.rubric != "joint":
            raise ValueError(f"{self._spec.name} scores one criterion a call")
        messages = self.joint_scoring_messages(prompt, text, criteria, repeat=repeat)
        completion = await self._joint_model(len(criteria)).complete(messages)
        parse_text = partial(parse_joint_scores, criteria=len(criteria))
        parse_json = partial(parse_joint_scores_json, criteria=len(criteria))
        shown = self._read(completion, parse_text, parse_json)
        if isinstance(shown, Invalid):
            return JointScoring(shown, completion)
        places = shuffle_criteria(prompt, text, criteria, repeat=repeat)
        by_place = dict(zip(places, shown, strict=True))
        return JointScoring(tuple(by_place[place] for place in range(len(criteria))), completion)

    async def aclose(self) -> None:
        """Let go of the models' connections."""
        for model in (*self._models, *self._joint.values()):
            await model.aclose()

    def _joint_model(self, criteria: int) -> JudgeModel:
        """Return the model for replies on so many criteria: a JSON reply has a schema by their number."""
        if self._spec.reply_format == "text":
            return self._comparer
        if self._open_joint is None:
            raise ValueError(f"{self._spec.name} answers in JSON and was built without models for joint scores")
        if criteria not in self._joint:
            self._joint[criteria] = self._open_joint(criteria)
        return self._joint[criteria]

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
