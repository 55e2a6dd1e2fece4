"""An OpenAI-compatible server that does what a script says, in a process of its own: the network of the tests.

    with start_server({"reply": {"name": "essay", "words": 200}, "faults": {"cut": 0.1}, "seed": 7}) as server:
        ...                        # talk to server.base_url over real HTTP
        server.requests()          # what it was asked and what it did, in order
        server.stats()             # connections now open, the most at once, ...

By hand: `PYTHONPATH=tests python -m scripted_server --port 8000 --script '{"latency": 0.2}'`. `script.py` describes
scripts, `behaviours.py` the faults, `replies.py` what is answered. The same script and the same requests give the same
faults and the same texts, in whatever order the requests come.
"""

from scripted_server.process import RunningServer, start_server
from scripted_server.script import Rule, Script

__all__ = ["Rule", "RunningServer", "Script", "start_server"]
