"""WritingBench's arithmetic, written anew from its description: what its calculator makes of a file of scores.

* a query's score: the mean over all its judgements; of several records of one query the last counts
* Overall: the sum of all judgements of all records over their number
* a domain: the mean of its queries' scores
* R of a requirement: the mean score of its queries; C: the mean over its queries and the criteria that test it of the
  mean over that criterion's judgements. A subset without a scored query is 0 there.
* a criterion with an empty list, a query without a criterion, and a criterion of C that nobody scored stop it
"""

import json


def calculate(path, queries):
    """Return its figures; `queries` by index have `domain1`, and `requirements` with names of criteria."""
    total, number, scores, parts = 0, 0, {}, {}
    with path.open(encoding="utf-8", newline="\n") as file:
        for line in file:
            record = json.loads(line)
            said = {name: [one["score"] for one in some] for name, some in record["scores"].items()}
            every = [score for some in said.values() for score in some]
            total, number = total + sum(every), number + len(every)
            scores[record["index"]] = sum(every) / len(every)
            parts[record["index"]] = {name: sum(some) / len(some) for name, some in said.items()}
    domains, carried, tested = {}, {}, {}
    for index, score in scores.items():
        domains.setdefault(queries[index]["domain1"], []).append(score)
        for name, criteria in queries[index].get("requirements", {}).items():
            carried.setdefault(name, []).append(score)
            tested.setdefault(name, []).extend(parts[index][criterion] for criterion in criteria)
    return {
        "overall": total / number,
        "count": len(scores),
        "domains": {name: sum(some) / len(some) for name, some in domains.items()},
        "R": {name: sum(some) / len(some) if some else 0 for name, some in carried.items()},
        "C": {name: sum(some) / len(some) if some else 0 for name, some in tested.items()},
    }
