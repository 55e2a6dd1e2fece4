"""The leaderboard: a board's ratings with their intervals, and what lies behind them."""

from pathlib import Path

import altair as alt
import pandas as pd
import streamlit as st

from arena_write.reports import wording
from arena_write.reports.board import Board, Section
from arena_write.reports.finding import list_boards
from arena_write.reports.tables import Table, evidence_table, rating_table
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
    return f"{board.benchmark}, judged by {board.judge.name} ({board.judge.id[:8]})"


def _show_board(board: Board) -> None:
    st.title(board.benchmark)
    st.text(wording.title(board))
    st.text(wording.subject(board))
    section = board.sections[0]
    if len(board.sections) > 1:
        scopes = [section.scope for section in board.sections]
        scope = st.radio("Prompts", scopes, format_func=lambda scope: _SCOPES[scope], horizontal=True)
        section = board.section(scope) or section
    st.caption(wording.method(board, section))
    st.subheader(board.judge.label)
    _show_chart(section)
    _show_table(rating_table(board, section))
    st.caption("\\* baseline")
    st.subheader("Behind the ratings")
    _show_table(evidence_table(section))
    for note in wording.notes(board, section):
        st.text(f"! {note}")


def _show_chart(section: Section) -> None:
    """Draw each rating with its interval; one-sided bounds and withheld ratings stand in the table alone."""
    rated = [row for row in section.rows if row.elo is not None]
    if not rated:
        return
    names = [wording.name(row) for row in rated]
    frame = pd.DataFrame(
        {
            "entrant": names,
            "Elo": [row.elo for row in rated],
            "low": [row.low for row in rated],
            "high": [row.high for row in rated],
        }
    )
    y = alt.Y("entrant:N", sort=names, title=None, axis=alt.Axis(labelLimit=300))
    interval = (
        alt.Chart(frame).mark_rule(size=2).encode(y=y, x=alt.X("low:Q", title="Elo, with 95 % intervals"), x2="high:Q")
    )
    point = (
        alt.Chart(frame)
        .mark_point(filled=True, size=90)
        .encode(y=y, x="Elo:Q", tooltip=["entrant", "Elo", "low", "high"])
    )
    chart = (
        (interval + point)
        .encode(x=alt.X(scale=alt.Scale(zero=False), axis=alt.Axis(tickCount=10, format="d")))
        .properties(height=40 * len(rated) + 40)
    )
    st.altair_chart(chart, width="stretch")


def _show_table(table: Table) -> None:
    st.dataframe(pd.DataFrame(list(table.rows), columns=list(table.columns)), hide_index=True, width="stretch")
