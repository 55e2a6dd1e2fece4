"""Why judging cannot begin, or has to stop."""


class UnknownJudgeError(ValueError):
    """An address names no judge, or a judge that cannot do what is asked. An error of usage."""


class ServedModelError(Exception):
    """The judge's server answered with another model than before."""

    def __init__(self, before: str, after: str) -> None:
        super().__init__(
            f"the judge's server answered as {before!r} before and as {after!r} now. Two judges cannot share a board: "
            "pin the model's version in --judge, or judge the new one in a fresh folder (--results)."
        )


class ContextError(Exception):
    """The judge cannot read the texts of too many prompts whole."""

    def __init__(self, excluded: int, prompts: int) -> None:
        super().__init__(
            f"the texts of at least {excluded} of {prompts} prompts do not fit whole into the judge's context, and no "
            "text is ever cut: choose a judge with a longer context"
        )
