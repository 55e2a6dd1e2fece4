"""What has to change before the same command can go on: a refusal that every repetition would meet again."""

import math
import re

from arena_write.endpoints.errors import BadRequestError
from arena_write.generators.live import LiveModel
from arena_write.spending import Purse
from judges import ContextOverflowError, TransportError

_CONTEXT = re.compile(
    r"(?:context[ _](?:length|window|size|limit)|max_model_len|(?:model|sequence) length|reads and writes)\D{0,30}"
    r"(\d[\d,]*)",
    re.IGNORECASE,
)
_BUDGET = re.compile(r"max_(?:completion_|new_)?tokens", re.IGNORECASE)


def mend_refusal(error: TransportError, live: LiveModel) -> str:
    """Return what to do about a model that refuses a prompt for good; nothing where it may answer another time.

    Args:
        error: Why there is no answer.
        live: The model, and how it is asked.
    """
    name, profile = live.entrant.name, live.entrant.profile
    if isinstance(error, ContextOverflowError):
        found = _CONTEXT.search(str(error))
        holds = f"the {found[1]} tokens of its context" if found else "its context"
        if profile.max_tokens is None:
            return f"a prompt for {name} does not fit into {holds}: serve it with a longer one"
        return (
            f"prompt and answer do not fit together into {holds}, and up to {live.reply_budget} are asked for as the "
            f"answer of {name}: give a --profile with fewer max_tokens"
        )
    if isinstance(error, BadRequestError):
        if _BUDGET.search(str(error)) and profile.max_tokens is not None:
            said = f"up to {live.reply_budget} tokens are asked for as the answer of {name}, and {error}"
            return f"{said}: give a --profile with fewer max_tokens"
        return f"{name} refuses how it is asked, and would again ({error}): give a --profile that it takes"
    return ""


def mend_bound(purse: Purse) -> str:
    """Return what to do about a bound that does not pay for one call; nothing where it does."""
    if not purse.too_dear:
        return ""
    price = math.ceil(purse.too_dear * 1e4) / 1e4
    return f"one call may cost up to ${price:.4f}, so --max-cost has to be above that before anything is asked"
