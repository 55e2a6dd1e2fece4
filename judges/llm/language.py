"""Which language the judge is spoken to in: that of the prompt, as far as there are templates."""

import re
from typing import Literal

TemplateLanguage = Literal["en", "zh"]

_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]")
_KANA = re.compile("[\u3041-\u30ff]")
_LETTER = re.compile(r"[^\W\d_]")

_MIN_HAN = 0.2
_MAX_KANA = 0.1


def template_language(prompt: str) -> TemplateLanguage:
    """Return `zh` where at least a fifth of the prompt's letters are Han ideographs, otherwise `en`.

    An ideograph carries about as much as four Latin letters, so a fifth is where Chinese begins to be the larger part.
    Japanese (kana above a tenth of Han and kana together) and all other languages get the English templates.

    It depends on the prompt alone, so that both texts, both orders and all criteria of a prompt are judged in the same
    words. A change to this rule needs a new `RENDERING`.
    """
    han, kana = len(_HAN.findall(prompt)), len(_KANA.findall(prompt))
    if not han or kana > _MAX_KANA * (han + kana):
        return "en"
    return "zh" if han >= _MIN_HAN * len(_LETTER.findall(prompt)) else "en"
