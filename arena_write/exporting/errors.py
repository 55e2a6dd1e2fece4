"""What can go wrong with an export."""


class ExportError(Exception):
    """Nothing can be exported, or it cannot be written."""


class ExportUsageError(ExportError):
    """What was asked for is not there, or would overwrite something."""
