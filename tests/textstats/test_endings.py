"""Finished or broken off, in the shapes that texts end in."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textstats.samples import chinese, english

from arena_write.textstats import ending

FINISHED = {
    "full stop": "He closed the door and went home.",
    "question": "Who would have thought so?",
    "ellipsis": "And then, nothing but the sea...",
    "quote": "She turned around. “We are done here.”",
    "straight quote": 'She turned around. "We are done here."',
    "bold": "**That is all there was to say.**",
    "bracket": "It worked (more or less).",
    "emoji": "See you all on Saturday 🎉",
    "end mark": "They slept.\n\nThe End",
    "bold end mark": "They slept.\n\n**THE END**",
    "screenplay": "She leaves the room.\n\n**FADE OUT**",
    "trailing rule": "He closed the door and went home.\n\n---\n",
    "letter": "I look forward to your answer.\n\nYours sincerely,\nAnna Lindqvist",
    "letter with title": "Thank you.\n\nBest regards,\n\nTom Baker\nHead of Sales\nNorth Harbour Ltd",
    "placeholder": "Thank you for your time.\n\nSincerely,\n[Your Name]",
    "date": "Adopted by the board.\nOslo, 12 May\nMarch 3, 2024",
    "list": "What to bring:\n- two ropes\n- a warm coat\n- bread and cheese",
    "numbered list": "Steps:\n1. Wash the rice\n2. Boil the water\n3. Wait for ten minutes",
    "list with stops": "Rules:\n- Be kind.\n- Be brief.",
    "table": "| day | task |\n|---|---|\n| Mon | wash |",
    "code": "Run this:\n```\nmake test\n```",
    "poem": "The river keeps\nits silver word\nand nothing sleeps\nthat night has heard",
    "hashtag": "Come and see us at the market this Sunday!\n\n#market #honey",
    "link": "More at\nhttps://example.org/a",
    "stop token": "He closed the door and went home.</s>",
    "zh": "他关上门，走了。",
    "zh quote": "他说：“明天再来吧。”",
    "zh ellipsis": "天慢慢亮了……",
    "zh end": "他们都睡了。\n（完）",
    "zh thanks": "以上就是我的汇报。\n谢谢大家",
    "zh letter": "望批准为盼。\n此致\n敬礼\n\n申请人：李明\n2024年3月5日",
    "zh poem": "云收江岸阔\n风定夜潮平\n渔火三更远\n归人一叶轻",
    "zh exclamation": "加油！",
    "zh book": "我读完了整本《边城》。",
}
BROKEN = {
    "mid sentence": "He had always believed that if he only waited long enough, the letter would come and with it the",
    "comma": "He closed the door,",
    "colon": "The three reasons are as follows:",
    "dash": "There was only one thing left –",
    "hyphen": "It was a well-",
    "open bracket": "It worked (",
    "heading": "That was the first part.\n\n## Conclusion",
    "open code": "Run this:\n```\nmake te",
    "half row": "| day | task |\n|---|---|\n| Mon | wa",
    "list": "Rules:\n- Be kind.\n- Be brief.\n- Never leave a",
    "token": "He had always believed that if he only waited long enough, the letter would come with the<|im_end|>",
    "zh": "他一直相信，只要等得足够久，那封信总有一天会来到他的手里，然后他就可以",
    "zh comma": "他关上门，",
    "zh colon": "主要原因如下：",
    "zh open quote": "他说：“",
}


@pytest.mark.parametrize("text", FINISHED.values(), ids=FINISHED)
def test_finished(text):
    assert ending(text) == "finished"


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN)
def test_broken_off(text):
    assert ending(text) == "broken_off"


@pytest.mark.parametrize("text", ["", " \n\n ", "---", "A title only", "**", "标题"])
def test_unclear(text):
    assert ending(text) == "unclear"


@pytest.mark.parametrize("text", [english(40), chinese(40)], ids=["en", "zh"])
def test_cuts_inside_long_sentences_are_never_finished(text):
    cuts = [position for position in range(200, len(text) - 1, 7) if text[position - 1] not in "。. \n"]
    finished = [text[:position][-20:] for position in cuts if ending(text[:position]) == "finished"]
    assert len(cuts) > 100
    assert finished == []


@settings(deadline=None)
@given(st.text(max_size=200))
def test_never_crashes_and_ignores_trailing_space(text):
    assert ending(text) == ending(text + " \n\u2028\n")
