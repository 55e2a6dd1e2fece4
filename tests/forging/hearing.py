"""What the judge under test makes of replies."""

from collections.abc import Iterable, Sequence

from forging import Answer, Forged, ReplyFormat
from forging.pieces import Said
from judges import Completion, Criterion, Invalid, Message, Score, Verdict
from judges.llm import LLMJudge, make_spec

CRITERION = Criterion("Depth", "Goes deep.", ("a", "b", "c", "d", "e"))


class Speaker:
    """A chat model that says what it is handed."""

    id = "speaker"

    def __init__(self) -> None:
        self.completion = Completion("")

    async def complete(self, _messages: Sequence[Message], *, seed: int | None = None) -> Completion:
        return self.completion

    async def aclose(self) -> None:
        """Nothing is held."""


async def hear(made: Iterable[Forged], answer: Answer, reply_format: ReplyFormat) -> list[Said]:
    """Return what a judge takes each reply to say: a label, a number, or `None` for nothing valid.

    Raises:
        TypeError: The outcome is of another type.
    """
    speaker, heard = Speaker(), list[Said]()
    judge = LLMJudge(make_spec(speaker.id, "speaker", reply_format=reply_format), speaker, speaker)
    for one in made:
        speaker.completion = one.completion
        if answer == "verdict":
            outcome = (await judge.compare("Write a letter.", "one", "two")).outcome
        else:
            outcome = (await judge.score("Write a letter.", "one", CRITERION)).outcome
        heard.append(_said(outcome))
    return heard


def _said(outcome: Verdict | Score | Invalid) -> Said:
    if isinstance(outcome, Invalid):
        return None
    if isinstance(outcome, Verdict):
        return str(outcome.value)
    if type(outcome) is not Score or type(outcome.value) is not int:
        raise TypeError(f"neither a verdict nor a score nor invalid: {outcome!r}")
    return outcome.value
