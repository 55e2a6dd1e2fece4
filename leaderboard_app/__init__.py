"""The leaderboard in the browser: Streamlit pages over boards; no statistics of its own."""
