"""Texts, benchmarks and outputs made up for tests: reproducible, and long enough to take time."""

import json
import random
from pathlib import Path

VOCABULARY = (
    "river stone winter ledger kettle harbour because window carry slowly under seven orchard measure letter bridge "
    "often nobody morning salt paper answer field engine quiet number borrow copper lantern village between proof"
)
WORDS = VOCABULARY.split()
HANZI = "河石冬账壶港因窗慢七果园量信桥常无晨盐纸答田机静数借铜灯村间证春山水人日月风雨书"


def write_text(seed: object, *, words: int, language: str = "en") -> str:
    """Return paragraphs of random sentences."""
    draw = random.Random(str(seed))
    paragraphs, left = [], words
    while left > 0:
        sentences = []
        for _ in range(draw.randint(2, 5)):
            count = min(left, draw.randint(6, 18))
            if count < 1:
                break
            left -= count
            if language == "zh":
                sentences.append("".join(draw.choices(HANZI, k=count)) + "。")
            else:
                sentences.append(" ".join(draw.choices(WORDS, k=count)).capitalize() + ".")
        paragraphs.append(("" if language == "zh" else " ").join(sentences))
    return "\n\n".join(paragraphs)


def write_jsonl(path: Path, rows: list[dict]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8", newline="\n")
    return path


def make_benchmark(
    folder: Path, *, prompts: int, entrants: list[str], words: int = 60, criteria: int = 0
) -> dict[str, Path]:
    """Write prompts.jsonl, every third prompt Chinese, and a file of outputs an entrant; return the paths by name.

    With `criteria`, each prompt has so many to score its answers on.
    """
    bands = ["not", "hardly", "partly", "mostly", "throughout"]
    rubric = [{"name": f"C{number}", "description": f"Asks {number}.", "bands": bands} for number in range(criteria)]
    rows, outputs = [], {name: [] for name in entrants}
    for index in range(prompts):
        language = "zh" if index % 3 == 2 else "en"
        request = (
            f"写一篇关于第{index}件事的文章，{words}字左右。"
            if language == "zh"
            else f"Write about thing {index} in about {words} words."
        )
        rows.append({"id": f"p{index}", "text": request, "language": language, "criteria": rubric})
        for name in entrants:
            length = round(words * random.Random(f"{name}{index}").uniform(0.6, 1.5))
            outputs[name].append(
                {"prompt_id": f"p{index}", "text": write_text((name, index), words=length, language=language)}
            )
    paths = {"prompts": write_jsonl(folder / "prompts.jsonl", rows)}
    for name, answers in outputs.items():
        paths[name] = write_jsonl(folder / f"{name}.jsonl", answers)
    return paths


def write_queries(folder: Path, *, queries: int) -> Path:
    """Write a copy of WritingBench's repository with made-up queries, every third one Chinese; return its folder.

    Every third query requires a length, every fourth a style; each has two criteria, `Count` and `Tone`.
    """
    bands = {name: f"like {name}" for name in ("1-2", "3-4", "5-6", "7-8", "9-10")}

    def row(number: int, names: tuple[str, ...] = ("Count", "Tone")) -> dict:
        chinese = number % 3 == 2
        return {
            "index": number,
            "domain1": ("Education", "Politics & Law")[number % 2],
            "domain2": ("Essay", "Speech")[number % 2],
            "lang": "zh" if chinese else "en",
            "query": f"写一篇关于第{number}件事的文章。" if chinese else f"Write an essay about thing {number}.",
            "checklist": [{"name": name, "criteria_description": f"Asks {name}.", **bands} for name in names],
        }

    home = folder / "benchmark_query"
    write_jsonl(home / "benchmark_all.jsonl", [row(number) for number in range(queries)])
    lengths, styles = range(0, queries, 3), range(0, queries, 4)
    for name, chosen in (("length", lengths), ("style", styles)):
        tests = ("Count",) if name == "length" else ("Tone",)
        write_jsonl(home / f"requirement/{name}/{name}_subset.jsonl", [row(number) for number in chosen])
        write_jsonl(
            home / f"requirement/{name}/{name}_subset_C.jsonl",
            [row(number, ("Count", "Tone") if name == "length" and number == 0 else tests) for number in chosen],
        )
    return folder
