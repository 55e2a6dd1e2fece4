"""What a command line may hold and a results folder must not."""

import re

_USER_INFO = re.compile(r"://[^/\s]*@")


def hide_credentials(text: str) -> str:
    """Return `text` with the user, password or token of every URL replaced by `***`."""
    return _USER_INFO.sub("://***@", text)
