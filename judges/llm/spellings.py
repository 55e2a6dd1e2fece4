"""Control tokens that are spelt out in a text, for judges of whose tokenizer nothing is known.

A server that reads `<|im_end|>` in a message as the token that ends it lets a text leave its message and speak in the
judge's place. Where we run the model ourselves we see to that and show texts as they are. A server of others may or may
not; so what it is sent has one space in each spelling that is known to control some family of models: `< |im_end|>`.
"""

import re

APART = 1
"""Version of the list below; part of the templates' hash where it is used. Raise it with any change."""

_KNOWN = re.compile(
    r"""
    (?<=<) (?:
        \| [^<>|\s]{1,64} \|>                       # ChatML, Llama 3, GLM, Phi, gpt-oss
      | \uff5c [^<>\uff5c\s]{1,64} \uff5c>          # DeepSeek
      | /?s> | (?:bos|eos|pad|unk|sop|eop)>         # Llama 2, Mistral, Gemma, GLM
      | (?:start|end)_of_turn>                      # Gemma
      | </?SYS>>                                    # Llama 2
      | /?(?:think|thinking|reasoning|tool_call|tool_response)>
    )
  | (?<=\[) /? (?:INST|THINK|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS|gMASK) \]   # Mistral, GLM
    """,
    re.VERBOSE,
)


def set_apart(text: str) -> str:
    """Return a text with a space behind the first character of each spelling; all other texts are returned unchanged.

    It is visible on purpose: a judge may well count against a text that it tries such things.
    """
    return _KNOWN.sub(lambda found: f" {found[0]}", text)
