"""Profiles as TOML files: those that come with the package, and the user's own."""

import math
import tomllib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from arena_write.endpoints.settings import check_extra
from arena_write.generators.errors import GeneratorError
from arena_write.generators.profiles import Profile

PRESETS = ("default", "writingbench", "longwriter-zero")
SLOT = "{prompt}"
"""What a template has in the prompt's place."""
_MOST_RANKS = 1_000_000
"""No vocabulary has more tokens."""
_MOST_TOKENS = 10**9
"""No answer has more."""
_BOUNDS: Mapping[str, tuple[float, float, str]] = {
    "temperature": (0, math.inf, "0, which takes the likeliest token, or more"),
    "top_p": (math.ulp(0.0), 1, "more than 0 and at most 1; leave it out to sample among all tokens"),
    "top_k": (1, _MOST_RANKS, f"1 to {_MOST_RANKS:,}; leave it out to sample among all tokens"),
    "min_p": (0, 1, "0 to 1"),
    "max_tokens": (1, _MOST_TOKENS, f"1 to {_MOST_TOKENS:,}; leave it out to let the server decide"),
    "thinking_tokens": (0, _MOST_TOKENS, f"0 to {_MOST_TOKENS:,}"),
}
"""The least and the most that a setting may be, and that in words with the mend."""


class ProfileError(GeneratorError):
    """A profile cannot be used. An error of usage."""


def load_profile(name: str) -> Profile:
    """Return the preset of this name, or the profile in this `.toml` file.

    Raises:
        ProfileError: There is no such preset or file, or the file is not a profile; names the setting.
    """
    if name in PRESETS:
        return _parse(
            name, (files("arena_write.generators.presets") / f"{name}.toml").read_text(encoding="utf-8"), name
        )
    path = Path(name).expanduser()
    if not path.is_file():
        raise ProfileError(
            f"there is no profile {name!r}; there are {', '.join(PRESETS)}, and any path of a .toml file"
        )
    try:
        return _parse(path.stem, path.read_text(encoding="utf-8"), str(path))
    except UnicodeDecodeError as error:
        raise ProfileError(f"{path}: byte {error.start} is not UTF-8; save the file as UTF-8") from None
    except OSError as error:
        raise ProfileError(f"{path} cannot be read: {error.strerror or error}") from None


def _parse(name: str, text: str, source: str) -> Profile:
    try:
        settings = tomllib.loads(text)
        _check_values(settings, "")
        profile = Profile.from_settings(settings, name=name)
        _check_bounds(profile)
        check_extra(profile.extra)
    except (tomllib.TOMLDecodeError, ValueError) as error:
        raise ProfileError(f"{source}: {error}") from None
    except RecursionError:
        raise ProfileError(f"{source}: its values are nested too deep; a profile is flat but for [extra]") from None
    if profile.mode == "recorded":
        raise ProfileError(f"{source}: mode 'recorded' is of outputs that exist already; write 'chat' or 'completion'")
    if profile.mode == "completion" and not profile.templates:
        raise ProfileError(f"{source}: a raw completion needs a template per language under [templates]")
    if profile.mode == "chat" and profile.templates:
        raise ProfileError(f"{source}: templates wrap raw completions; with chat, the model's own template is used")
    for language, template in (profile.templates or {}).items():
        if template.count(SLOT) != 1:
            raise ProfileError(f"{source}: the template {language!r} must hold {SLOT} once")
    return profile


def _check_values(value: object, name: str) -> None:
    """Refuse what TOML can say and a request cannot.

    Raises:
        ValueError: Some value is no finite number or a date; names it.
    """
    if isinstance(value, Mapping | list):
        for part, inner in value.items() if isinstance(value, Mapping) else enumerate(value):
            _check_values(inner, f"{name}.{part}" if name else str(part))
    elif isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"setting {name!r} of a profile is {value}: write a number, or leave it out")
    elif not isinstance(value, str | int | float):
        raise ValueError(f"setting {name!r} of a profile is a date or a time: write it in quotes, as a string")


def _check_bounds(profile: Profile) -> None:
    """Refuse settings with which no model can be asked.

    Raises:
        ValueError: A setting is out of its bounds; names it, and them.
    """
    for name, (least, most, words) in _BOUNDS.items():
        value = getattr(profile, name)
        if value is not None and not least <= value <= most:
            raise ValueError(f"setting {name!r} of a profile is {value}, and must be {words}")
    if "" in (profile.stop or ()):
        raise ValueError("setting 'stop' of a profile holds an empty string, which ends every answer: leave it out")


def wrap_prompt(profile: Profile, text: str, *, language: str) -> str:
    """Return the raw completion prompt for a text: the template of its language, English where there is none.

    The slot is replaced once; braces in the text are text.
    """
    templates = profile.templates or {}
    template = templates.get(language) or templates.get("en") or next(iter(templates.values()))
    before, _, after = template.partition(SLOT)
    return f"{before}{text}{after}"
