"""From an address to a judge."""

from judges import Judge

TEXTSTATS = "builtin/textstats"


class UnknownJudgeError(ValueError):
    """An address names no judge. An error of usage."""


def open_judge(address: str, *, max_connections: int) -> Judge:
    """Return the judge at `address`.

    Args:
        address: The address, as typed.
        max_connections: Calls at a time, at most.

    Raises:
        UnknownJudgeError: There is none.
    """
    if address == TEXTSTATS:
        from arena_write.textstats.judge import TextStatsJudge

        return TextStatsJudge()
    raise UnknownJudgeError(
        f"{address!r} is no judge of this version; there is {TEXTSTATS}, which compares text statistics and knows "
        "nothing of quality"
    )
