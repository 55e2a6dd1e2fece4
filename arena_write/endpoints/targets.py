"""Addresses, ids and keys of endpoints."""

import os
import re
from urllib.parse import urlsplit, urlunsplit

from arena_write.endpoints.errors import EndpointAddressError, MissingKeyError

OPENAI_BASE_URL = "https://api.openai.com/v1"
KEY_VARIABLE = "OPENAI_API_KEY"
NO_KEY = "EMPTY"
"""What is sent where there is no key: servers without keys ignore it, and the SDK insists on one."""

_AT_URL = re.compile(r"(?P<name>.+?)@(?P<url>https?://.*)", re.DOTALL | re.IGNORECASE)
_BARE_SERVER = re.compile(r"@[^@/\s]+(?::\d+|/|\.\w)|@localhost\b", re.IGNORECASE)
"""A server in the place of a version: asking OpenAI instead would send the prompts elsewhere."""
_DEFAULT_PORTS = {"http": 80, "https": 443}


def parse_endpoint(target: str) -> tuple[str, str | None]:
    """Read `NAME[@http://host:port/v1]`: what stands behind `openai/` in an address.

    Only `@http://` and `@https://` end the name, which may itself hold `/`, `@` and `:`.

    Returns:
        The model's name and the normalised base URL; `None` for the OpenAI one.

    Raises:
        EndpointAddressError: There is no name, or the URL cannot be used.
    """
    match = _AT_URL.fullmatch(target)
    name, url = (match["name"], match["url"]) if match else (target, None)
    if not name.strip() or name.startswith(("@http://", "@https://")):
        raise EndpointAddressError("an endpoint needs the model's name: openai/NAME or openai/NAME@http://host:port/v1")
    if url is None and _BARE_SERVER.search(name):
        raise EndpointAddressError(
            f"{name!r} seems to name a server without http:// or https://; write openai/NAME@http://host:port/v1"
        )
    return name.strip(), None if url is None else normalise_base_url(url)


def normalise_base_url(url: str) -> str:
    """Return the one spelling of a base URL: lower-case host, no default port, no slash at the end.

    Raises:
        EndpointAddressError: It is no http URL, or holds credentials, a query or a fragment. The message does not
            repeat them.
    """
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise EndpointAddressError(f"this base URL cannot be read ({error}); write http://host:port/v1") from None
    if parts.scheme not in _DEFAULT_PORTS or not host:
        raise EndpointAddressError("a base URL begins with http:// or https:// and a host: http://host:port/v1")
    if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        raise EndpointAddressError(
            f"the base URL at {host} holds more than host, port and path; keys come from {KEY_VARIABLE} only"
        )
    place = f"[{host}]" if ":" in host else host
    if port is not None and port != _DEFAULT_PORTS[parts.scheme]:
        place += f":{port}"
    return urlunsplit((parts.scheme, place, parts.path.rstrip("/"), "", ""))


def endpoint_id(name: str, base_url: str | None = None) -> str:
    """Return the identity of a model behind a server: where it is and what it is called there."""
    return f"openai:{normalise_base_url(base_url or OPENAI_BASE_URL)}:{name}"


def read_key(base_url: str) -> str:
    """Return the key from the environment; a server of one's own needs none.

    Raises:
        MissingKeyError: There is none, and OpenAI wants one; or it cannot be a key.
    """
    key = os.environ.get(KEY_VARIABLE, "").strip()
    if not key:
        if base_url == OPENAI_BASE_URL:
            raise MissingKeyError(f"{OPENAI_BASE_URL} wants a key: set {KEY_VARIABLE}")
        return NO_KEY
    if not key.isascii() or not key.isprintable() or " " in key:
        raise MissingKeyError(f"what {KEY_VARIABLE} holds cannot be a key: it has spaces or characters beyond ASCII")
    return key
