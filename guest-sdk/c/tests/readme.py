"""Compiles each example of a README: readme.py README LANGUAGE COMMAND…, with the file behind it."""

import pathlib
import re
import subprocess
import sys
import tempfile

readme, language, command = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3:]
examples = re.findall(rf"^```{language}\n(.*?)^```$", readme.read_text(encoding="utf-8"), re.M | re.S)
failed = 0
with tempfile.TemporaryDirectory() as folder:
    for number, example in enumerate(examples):
        source = pathlib.Path(folder, f"example-{number}.{language}")
        source.write_text(example, encoding="utf-8")
        failed += subprocess.run([*command, str(source)], check=False).returncode != 0
print(f"examples: {len(examples) - failed} passed, {failed} failed")
sys.exit(failed > 0 or not examples)
