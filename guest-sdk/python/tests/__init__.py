"""The SDK's tests: `python3 -m unittest` in the folder above."""

import sys
from pathlib import Path

from . import fake_host

sys.path.insert(0, str(Path(__file__).parent.parent / "sdk"))
fake_host.install()
