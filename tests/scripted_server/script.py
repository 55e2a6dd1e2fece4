"""What a script says, and what it means for one request.

A script is a JSON object:

| field | meaning | default |
|---|---|---|
| `seed` | of texts and faults | 0 |
| `reply` | how any model answers: `{"name": "essay", ...options}`, see `replies.py` | an essay |
| `models` | reply by model name; then every other model is unknown (404) | any model is known |
| `latency` | seconds before an answer begins | 0 |
| `chunk_seconds`, `chunk_words` | pause between the pieces of a stream, and their size | 0, 8 |
| `cached_share` | share of the prompt's tokens that is reported as cached | not reported |
| `stream_usage` | `true`, `false` (ignored) or `"refuse"` (400) for `stream_options` | true |
| `streaming` | `true`, `false` (answers with plain JSON) or `"refuse"` (400) | true |
| `key` | the only key that is accepted | any |
| `rules` | list of rules; the first that fits decides | none |
| `faults` | share of requests that meet a behaviour, by its name | none |
| `faults_per_request` | a request that is sent again meets no more faults after so many | no bound |
| `at_once` | requests that are served at a time; the others wait in turn, without a word | no bound |
| `log_bodies` | whether the log holds what was sent | true |

A rule is `{"do": BEHAVIOUR, ...its options}` with any of these conditions: `model`, `path` (`chat` or `completion`),
`contains` (in the text of the request), `numbers` (of requests, from 1), `attempts` (only the first so many times that
this very request comes), `times` (only so many uses of the rule), `share` (of the requests that fit, drawn for each
attempt by the content of the request); and `reply`, which replaces the reply.

A request is known by the hash of its content, so that a fault hits the same request whenever it arrives.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

DEFAULT_REPLY: Mapping[str, Any] = {"name": "essay"}


@dataclass(frozen=True)
class Rule:
    """What to do with the requests that fit."""

    do: str = "ok"
    model: str | None = None
    path: str | None = None
    contains: str | None = None
    numbers: tuple[int, ...] = ()
    attempts: int | None = None
    times: int | None = None
    share: float | None = None
    reply: Mapping[str, Any] | None = None
    options: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> "Rule":
        known = {item.name for item in fields(cls)} - {"options"}
        taken = {name: value for name, value in data.items() if name in known}
        taken["numbers"] = tuple(taken.get("numbers", ()))
        return cls(**taken, options={name: value for name, value in data.items() if name not in known})

    def fits(self, request: "Request") -> bool:
        return (
            (self.model is None or self.model == request.model)
            and (self.path is None or self.path == request.path)
            and (self.contains is None or self.contains in request.text)
            and (not self.numbers or request.number in self.numbers)
            and (self.attempts is None or request.attempt <= self.attempts)
        )


@dataclass(frozen=True)
class Script:
    """How a server behaves; see the table above."""

    seed: int = 0
    reply: Mapping[str, Any] = field(default_factory=lambda: dict(DEFAULT_REPLY))
    models: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    latency: float = 0.0
    chunk_seconds: float = 0.0
    chunk_words: int = 8
    cached_share: float | None = None
    stream_usage: bool | str = True
    streaming: bool | str = True
    key: str | None = None
    rules: tuple[Rule, ...] = ()
    faults: Mapping[str, float] = field(default_factory=dict)
    faults_per_request: int | None = None
    at_once: int | None = None
    log_bodies: bool = True

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> "Script":
        """Read a script; unknown fields are an error, so that a test cannot believe in a fault that never comes."""
        unknown = set(data) - {item.name for item in fields(cls)}
        if unknown:
            raise ValueError(f"unknown in a script: {', '.join(sorted(unknown))}")
        rules = tuple(Rule.read(rule) for rule in data.get("rules", ()))
        return cls(**{**data, "rules": rules})


@dataclass(frozen=True)
class Request:
    """One request for an answer.

    Args:
        number: Counted from 1 in the order of arrival.
        path: `chat` or `completion`.
        body: As sent.
        text: The messages or the prompt, as one text.
        digest: Hash of the body.
        attempt: How many times this very body has come, this time included.
    """

    number: int
    path: str
    body: Mapping[str, Any]
    text: str
    digest: str
    attempt: int

    @property
    def model(self) -> str:
        return str(self.body.get("model", ""))

    def draw(self, *salt: object) -> float:
        """Return a number in [0, 1) that depends on the request and the salt alone."""
        digest = hashlib.sha256(repr((self.digest, *salt)).encode()).digest()
        return int.from_bytes(digest[:8], "big") / 2**64


@dataclass(frozen=True)
class Plan:
    """What the script says about one request."""

    do: str
    reply: Mapping[str, Any]
    options: Mapping[str, Any] = field(default_factory=dict)


class Director:
    """Counts requests and decides what to do with each."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self._number = 0
        self._attempts: Counter[str] = Counter()
        self._faults: Counter[str] = Counter()
        self._uses: Counter[int] = Counter()

    def receive(self, path: str, raw: bytes) -> Request:
        """Count a request.

        Raises:
            ValueError: The body is no JSON object.
        """
        body = json.loads(raw)
        if not isinstance(body, dict):
            raise ValueError("the body is no object")
        if path == "chat":
            text = "\n\n".join(str(message.get("content", "")) for message in body.get("messages", ()))
        else:
            text = str(body.get("prompt", ""))
        # What the client may vary between attempts is left out: it is still the same request.
        left_out = {"stream", "stream_options", "messages", "prompt"}
        kept = [path, {name: value for name, value in body.items() if name not in left_out}, len(text)]
        digest = hashlib.sha256((json.dumps(kept, sort_keys=True) + text).encode()).hexdigest()
        self._number += 1
        self._attempts[digest] += 1
        return Request(self._number, path, body, text, digest, self._attempts[digest])

    def plan(self, request: Request) -> Plan:
        """Decide what to do: the rules first, then the faults by their shares."""
        reply = self.script.models.get(request.model, self.script.reply)
        for index, rule in enumerate(self.script.rules):
            drawn = rule.share is None or request.draw("rule", self.script.seed, index, request.attempt) < rule.share
            if drawn and rule.fits(request) and (rule.times is None or self._uses[index] < rule.times):
                self._uses[index] += 1
                return Plan(rule.do, rule.reply or reply, rule.options)
        bound = self.script.faults_per_request
        if self.script.faults and (bound is None or self._faults[request.digest] < bound):
            draw = request.draw("fault", self.script.seed, request.attempt)
            for name, share in self.script.faults.items():
                if draw < share:
                    self._faults[request.digest] += 1
                    return Plan(name, reply)
                draw -= share
        return Plan("ok", reply)
