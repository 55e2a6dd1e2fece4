"""A real vLLM, on the CPU, in two actors of Ray, one of which is killed: a whole evaluation, and its board."""

import os
import signal
import subprocess
from pathlib import Path

import pytest
from cli.test_ray import of_this_test, wait_until
from cli.test_real_vllm import SLOW_START, machine, rows  # noqa: F401 - a fixture
from command import COMMAND

pytestmark = [pytest.mark.vllm, pytest.mark.hf, pytest.mark.ray]
