"""Files of scores and the benchmark that they are about, written by the tests."""

import json
import random
from pathlib import Path

from writing import write_jsonl

BANDS = {name: f"Text {name}." for name in ("1-2", "3-4", "5-6", "7-8", "9-10")}
DOMAINS = ("Education", "Literature & Arts", "Politics & Law")


def write_queries(path: Path, *, queries=24, criteria=5) -> Path:
    """Write queries as WritingBench has them, every third Chinese."""
    return write_jsonl(
        path,
        [
            {
                "index": index,
                "domain1": DOMAINS[index % 3],
                "domain2": f"Kind {index % 6}",
                "lang": "zh" if index % 3 == 2 else "en",
                "query": f"写一篇关于第{index}件事的文章。" if index % 3 == 2 else f"Write about thing {index}.",
                "checklist": [
                    {"name": f"C{number}", "criteria_description": f"Asks {number}.", **BANDS}
                    for number in range(criteria)
                ],
            }
            for index in range(queries)
        ],
    )


def writingbench_rows(seed, *, queries=24, criteria=5, repeats=1):
    """Rows of a score file, as WritingBench's evaluate_benchmark.py writes them."""
    draw = random.Random(seed)
    return [
        {
            "index": index,
            "scores": {
                f"C{number}": [{"score": draw.randint(3, 10), "reason": f"Because {number}."} for _ in range(repeats)]
                for number in range(criteria)
            },
        }
        for index in range(queries)
    ]


def write_checklists(path: Path, *, prompts=12) -> Path:
    """Write prompts as HelloBench has them."""
    rows = [{"id": f"chat_{index:03}", "category": "chat", "instruction": f"Tell {index}."} for index in range(prompts)]
    return write_jsonl(path, rows)


def hellobench_rows(seed, *, prompts=12, checks=5):
    """Rows of a file of checklist judgements, as HelloBench has them."""
    draw = random.Random(seed)
    return [
        {
            "id": f"chat_{index:03}",
            "instruction": f"Tell {index}.",
            "response": f"Told {seed} {index}.",
            "checklist_wise_evaluation": json.dumps(
                [
                    {
                        "checklist_id": number,
                        "reason": "So.",
                        "evaluation_score": draw.choice([0, 0.25, 0.5, 0.75, 1.0]),
                    }
                    for number in range(checks)
                ]
            ),
        }
        for index in range(prompts)
    ]
