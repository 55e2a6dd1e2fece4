"""What can go wrong with a server of our own."""

from judges import TransportError


class ServingUsageError(Exception):
    """A model cannot be served as asked. An error of usage: nothing was asked of anyone."""


class ServerFailedError(TransportError):
    """A server of ours did not start, or ended and could not be brought back: no call can succeed, the run stops."""

    fatal = True
