"""Rows as CSV and as Parquet."""

import csv
import io
from collections.abc import Sequence

from arena_write.exporting.stored_rows import Row
from arena_write.spreadsheets import guard_cell


def to_csv(rows: Sequence[Row]) -> bytes:
    """Return rows as CSV in UTF-8, with a header; nothing is an empty cell.

    Texts are whole, line ends included. One that a spreadsheet would compute has an apostrophe in front.
    """
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, columns(rows), restval="", lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({name: _cell(value) for name, value in row.items()})
    return out.getvalue().encode("utf-8")


def to_parquet(rows: Sequence[Row]) -> bytes:
    """Return rows as Parquet, every text as it is; numbers that are not known are null."""
    import pandas as pd

    frame = pd.DataFrame(list(rows), columns=list(columns(rows))).convert_dtypes()
    out = io.BytesIO()
    frame.to_parquet(out, index=False)
    return out.getvalue()


def columns(rows: Sequence[Row]) -> tuple[str, ...]:
    """Return the columns of rows, in the order in which they first stand there."""
    return tuple(dict.fromkeys(name for row in rows for name in row))


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return str(value).lower()
    return guard_cell(value) if isinstance(value, str) else value
