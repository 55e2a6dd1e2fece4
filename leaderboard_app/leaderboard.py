"""The leaderboard: a board's ratings with their intervals, and what lies behind them."""

from collections.abc import Sequence
from pathlib import Path

import altair as alt
import pandas as pd
import streamlit as st

from arena_write.reports import wording
from arena_write.reports.board import Board, Scope
from arena_write.reports.finding import list_boards
from arena_write.reports.pages import Estimated, list_blocks
from arena_write.reports.tables import Table
from arena_write.store import StoreError

_SCOPES = {"all": "All prompts", "en": "English", "zh": "Chinese"}


def show(results: Path) -> None:
    """Show the boards of a results folder, one at a time."""
    try:
        boards = list_boards(results)
    except StoreError as error:
        st.error("This results folder cannot be read.")
        st.text(str(error))
        return
    if not boards:
        st.title("No board yet")
        st.markdown("Make one, and reload this page:")
        st.code(
            "arena-write eval --model builtin/example --benchmark starter --judge builtin/textstats "
            f"--results {results}",
            language=None,
        )
        return
    board = boards[0]
    if len(boards) > 1:
        chosen = st.selectbox("Board", range(len(boards)), format_func=lambda index: _board_name(boards[index]))
        board = boards[chosen]
    _show_board(board)


def _board_name(board: Board) -> str:
    judged = f"imported from {board.imported.source}" if board.imported else f"judged by {board.judge.name}"
    judged = f"{board.title}, judge {board.judge.name}" if board.score_files else judged
    return f"{board.benchmark}, {judged} ({board.judge.id[:8]})"


def _show_board(board: Board) -> None:
    st.title(board.benchmark)
    st.text(wording.title(board))
    scope: Scope = "all"
    scopes = [section.scope for section in board.sections or board.rubric]
    if len(scopes) > 1:
        scope = st.radio("Prompts", scopes, format_func=lambda scope: _SCOPES[scope], horizontal=True)
    for block in list_blocks(board, scope):
        first, *behind = block.tables
        st.subheader(block.label)
        st.text(block.subject)
        st.caption(block.method)
        if block.habits:
            st.caption(block.habits)
        _show_chart(block.estimates, block.unit)
        _show_table(first)
        if block.legend:
            st.caption(block.legend.replace("*", "\\*"))
        for table in behind:
            st.markdown(f"**{table.title}**")
            _show_table(table)
        for note in block.notes:
            st.text(f"! {note}")
    for note in wording.excluded(board):
        st.text(f"! {note}")
    for line in board.spending:
        st.caption(wording.spending(line).replace("$", "\\$"))


def _show_chart(estimates: Sequence[Estimated], unit: str) -> None:
    """Draw each estimate with its interval; one-sided bounds and what is withheld stand in the table alone."""
    if not estimates:
        return
    names = [one.name for one in estimates]
    frame = pd.DataFrame(
        {
            "entrant": names,
            unit: [one.value for one in estimates],
            "low": [one.low for one in estimates],
            "high": [one.high for one in estimates],
        }
    )
    y = alt.Y("entrant:N", sort=names, title=None, axis=alt.Axis(labelLimit=300))
    interval = (
        alt.Chart(frame)
        .mark_rule(size=2)
        .encode(y=y, x=alt.X("low:Q", title=f"{unit}, with 95 % intervals"), x2="high:Q")
    )
    point = (
        alt.Chart(frame)
        .mark_point(filled=True, size=90)
        .encode(y=y, x=f"{unit}:Q", tooltip=["entrant", unit, "low", "high"])
    )
    chart = (
        (interval + point)
        .encode(x=alt.X(scale=alt.Scale(zero=False), axis=alt.Axis(tickCount=10, format="~g")))
        .properties(height=40 * len(estimates) + 40)
    )
    st.altair_chart(chart, width="stretch")


def _show_table(table: Table) -> None:
    st.dataframe(pd.DataFrame(list(table.rows), columns=list(table.columns)), hide_index=True, width="stretch")
