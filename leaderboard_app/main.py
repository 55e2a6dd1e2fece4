"""The app's entry: `arena-write app` runs this file with Streamlit."""

import argparse
import sys
from pathlib import Path

import streamlit as st

from leaderboard_app import leaderboard


def read_results_folder(arguments: list[str]) -> Path:
    """Return the results folder named on the command line, `results` by default."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--results", type=Path, default=Path("results"))
    return Path(parser.parse_known_args(arguments)[0].results)


def run() -> None:
    """Set up the pages and show the chosen one."""
    st.set_page_config(page_title="arena-write", layout="wide")
    results = read_results_folder(sys.argv[1:])
    page = st.navigation(
        [st.Page(lambda: leaderboard.show(results), title="Leaderboard", url_path="leaderboard", default=True)]
    )
    page.run()


run()
