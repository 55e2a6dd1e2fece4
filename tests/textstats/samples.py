"""Texts that several tests share: prose-like sentences in both languages, varied, finished and without repetition."""

import re
from collections.abc import Iterator

_ENGLISH = """
harbour printer neighbour river teacher train winter mistake letter rust garden salt promise spring lamp stair window
kitchen market orchard bridge ferry ticket mirror shadow engine copper paper thread needle kettle ladder cellar chimney
meadow valley island anchor sailor captain doctor painter cousin stranger evening morning Tuesday century minute journey
question answer silence rumour memory secret weather thunder drizzle gravel timber marble velvet leather candle
remember carry forget argue paint wait gather borrow mend follow cross open count listen whisper wander return promise
slowly quietly often never almost together outside before behind beneath against toward along without between around
small bright heavy narrow distant patient crooked gentle hollow ordinary sudden careful empty stubborn familiar pale
the the the a a of of and and to in that it was with for on as at by from but not or his her their our which when where
"""

_CHINESE = """
码头 木匠 小河 老师 火车 冬天 书店 错误 书信 铁锈 花园 盐价 诺言 春天 灯火 楼梯 窗户 厨房 集市 果园 石桥 渡船 车票 镜子
影子 机器 纸张 针线 水壶 梯子 地窖 烟囱 草地 山谷 岛屿 船锚 水手 船长 医生 画家 表妹 生人 傍晚 清晨 世纪 分钟 旅途 问题
回答 沉默 传闻 记忆 秘密 天气 雷声 细雨 碎石 木料 丝绒 皮革 蜡烛 记得 带走 忘记 争论 描画 等待 聚集 借用 修补 跟随 穿过
打开 数着 倾听 低语 漫步 归来 答应 慢慢 静静 常常 从不 几乎 一同 外面 以前 背后 下面 沿着 没有 之间 周围 细小 明亮 沉重
狭窄 遥远 耐心 弯曲 温和 空洞 平常 突然 小心 空荡 倔强 熟悉 苍白 我们 他们 自己 还有 于是 然而 因为 虽然 仿佛 终于 依旧
"""


def english(sentences: int = 120) -> str:
    """Return sentences of 9 to 27 words, four to a paragraph."""
    numbers = _numbers()
    words = re.findall(r"\w+", _ENGLISH)
    lines = [" ".join(_some(words, numbers, fewest=9, most=27)) for _ in range(sentences)]
    return _paragraphs([f"{line[0].upper()}{line[1:]}." for line in lines], space=" ")


def chinese(sentences: int = 120) -> str:
    """Return sentences of 16 to 56 characters with a comma inside, four to a paragraph."""
    numbers = _numbers()
    words = re.findall(r"\w+", _CHINESE)
    halves = [["".join(_some(words, numbers, fewest=4, most=14)) for _ in range(2)] for _ in range(sentences)]
    return _paragraphs([f"{first}，{second}。" for first, second in halves], space="")


def _numbers() -> Iterator[int]:
    """Yield the same numbers everywhere, whatever the version of Python (Park and Miller 1988)."""
    state = 42
    while True:
        state = state * 48271 % 2147483647
        yield state


def _some(words: list[str], numbers: Iterator[int], *, fewest: int, most: int) -> list[str]:
    count = fewest + next(numbers) % (most - fewest + 1)
    return [words[next(numbers) % len(words)] for _ in range(count)]


def _paragraphs(lines: list[str], *, space: str) -> str:
    return "\n\n".join(space.join(lines[start : start + 4]) for start in range(0, len(lines), 4))
