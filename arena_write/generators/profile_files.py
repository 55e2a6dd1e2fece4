"""Profiles as TOML files: those that come with the package, and the user's own."""

import tomllib
from importlib.resources import files
from pathlib import Path

from arena_write.generators.errors import GeneratorError
from arena_write.generators.profiles import Profile

PRESETS = ("default", "writingbench", "longwriter-zero")
SLOT = "{prompt}"
"""What a template has in the prompt's place."""


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
        profile = Profile.from_settings(tomllib.loads(text), name=name)
    except (tomllib.TOMLDecodeError, ValueError) as error:
        raise ProfileError(f"{source}: {error}") from None
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


def wrap_prompt(profile: Profile, text: str, *, language: str) -> str:
    """Return the raw completion prompt for a text: the template of its language, English where there is none.

    The slot is replaced once; braces in the text are text.
    """
    templates = profile.templates or {}
    template = templates.get(language) or templates.get("en") or next(iter(templates.values()))
    before, _, after = template.partition(SLOT)
    return f"{before}{text}{after}"
