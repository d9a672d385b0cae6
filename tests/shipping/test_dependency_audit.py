"""The audit of dependencies: what no database answered for is never taken for clean."""

from __future__ import annotations

import json

from tests.audit import CLEAN, UNKNOWN, VULNERABLE, Findings, text

PACKAGES = ["numpy==2.4.0", "msgspec==0.20.0"]
HARM: dict[str, object] = {"id": "PYSEC-2021-1", "fix_versions": ["2.4.1"], "aliases": [], "description": ""}


def report(**vulns: list[dict[str, object]] | str) -> str:
    """What pip-audit prints: vulnerabilities by package, or why it was skipped."""
    told = [
        {"name": name, "skip_reason": each} if isinstance(each, str) else {"name": name, "version": "1", "vulns": each}
        for name, each in vulns.items()
    ]
    return json.dumps({"dependencies": told, "fixes": []})


def test_all_that_was_looked_up_and_harmless_is_clean() -> None:
    found = Findings()
    found.python(PACKAGES, report(numpy=[], msgspec=[]), "", "osv")
    assert (found.code, found.unknown) == (CLEAN, {})


def test_a_package_that_was_skipped_is_unknown_until_another_database_answers() -> None:
    found = Findings()
    found.python(PACKAGES, report(numpy=[], msgspec="not found"), "", "osv")
    assert (found.code, found.unknown) == (UNKNOWN, {"msgspec==0.20.0": "osv: not found"})
    assert "NOT AUDITED" in text(found)
    found.python(["msgspec==0.20.0"], report(msgspec=[]), "", "pypi")
    assert (found.code, found.unknown) == (CLEAN, {})


def test_a_database_that_cannot_be_reached_is_not_clean() -> None:
    found = Findings()
    found.python(PACKAGES, "", "Traceback ...\nConnectionError: no such host", "osv")
    assert found.code == UNKNOWN
    assert found.unknown["numpy==2.4.0"] == "osv: ConnectionError: no such host"
    assert Findings().code == UNKNOWN


def test_a_vulnerability_is_named_with_its_remedy_and_outweighs_all_else() -> None:
    found = Findings()
    found.python(PACKAGES, report(numpy=[HARM], msgspec="not found"), "", "osv")
    assert found.code == VULNERABLE
    assert "numpy==2.4.0: PYSEC-2021-1 (fixed in 2.4.1)" in text(found)


def test_npm_is_asked_too() -> None:
    found = Findings()
    found.npm('{"vulnerabilities": {}, "metadata": {"dependencies": {"total": 12}}}')
    assert found.code == CLEAN
    found.npm('{"vulnerabilities": {"uplot": {"severity": "high"}}, "metadata": {"dependencies": {"total": 12}}}')
    assert found.vulnerable == {"npm uplot": ["high"]}
    found.npm('{"statusCode": 405, "body": ""}')
    assert "npm packages of monitor/" in found.unknown
