"""What is stored, in the files of other tools: nothing is asked, nothing changed, nothing overwritten unasked.

`selection` says what is exported. `board_rows` and `stored_rows` turn it into rows, `writingbench` into the files of
WritingBench's own scripts, `dataset` into a folder for the Hugging Face hub; `run` writes them.
"""

from arena_write.exporting.errors import ExportError, ExportUsageError
from arena_write.exporting.run import TARGETS, Exported, ExportRequest, Target, export

__all__ = ["TARGETS", "ExportError", "ExportRequest", "ExportUsageError", "Exported", "Target", "export"]
