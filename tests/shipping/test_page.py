"""The live page travels in a bundle: it is served there, and the licences of its script are among the papers."""

from __future__ import annotations

import json
import subprocess
import urllib.request

import pytest

from tests.shipping.conftest import Built
from unity_bridge.monitor.serving import ASSETS


def test_a_bundle_serves_the_live_page(built: Built) -> None:
    if not (ASSETS / "page.js").is_file():
        pytest.skip("needs the page: run `make monitor`")
    command = [str(built.program), "serve", "tavern", "--no-model", "--port", "0", "--json", "--until-stdin-closes"]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        [*command, "--monitor", "--monitor-port", "0"], stdin=pipe, stdout=pipe, encoding="utf-8", env={}
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        address = json.loads(process.stdout.readline())["monitor"].split("#")[0]
        with urllib.request.urlopen(address + "page.js", timeout=20) as answer:
            script = answer.read()
        process.stdin.close()
        process.wait(timeout=20)
    assert script == (ASSETS / "page.js").read_bytes()
    papers = (built.folder / "LICENSES.txt").read_text(encoding="utf-8")
    assert "preact (live page)" in papers
    assert "uplot (live page)" in papers
