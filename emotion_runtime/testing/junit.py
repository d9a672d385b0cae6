"""Owns the JUnit report of scenarios: a suite a file, a case a scenario, with seed and digest as properties."""

from __future__ import annotations

import re
from collections.abc import Iterable
from xml.sax.saxutils import escape, quoteattr

from emotion_runtime.testing.scenarios import Outcome

_CONTROL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(outcomes: Iterable[Outcome]) -> str:
    """The report as XML text."""
    suites: dict[str, list[Outcome]] = {}
    for each in outcomes:
        suites.setdefault(each.file.as_posix(), []).append(each)
    everything = [each for suite in suites.values() for each in suite]
    failed = sum(bool(each.failures) for each in everything)
    lines = ['<?xml version="1.0" encoding="utf-8"?>', f'<testsuites tests="{len(everything)}" failures="{failed}">']
    for name, suite in suites.items():
        failures = sum(bool(each.failures) for each in suite)
        time = sum(each.seconds for each in suite)
        lines.append(
            f'  <testsuite name={_attribute(name)} tests="{len(suite)}" failures="{failures}" time="{time:.3f}">'
        )
        for each in suite:
            lines += _case(each)
        lines.append("  </testsuite>")
    return "\n".join([*lines, "</testsuites>"]) + "\n"


def _case(each: Outcome) -> list[str]:
    where = f'file={_attribute(each.file.as_posix())} line="{each.place.line}"'
    lines = [f'    <testcase name={_attribute(each.name)} {where} time="{each.seconds:.3f}">', "      <properties>"]
    for name, value in (("seed", each.seed), ("digest", each.digest), ("simulated_seconds", f"{each.simulated:g}")):
        lines.append(f"        <property name={_attribute(name)} value={_attribute(str(value))}/>")
    lines.append("      </properties>")
    if each.failures:
        first = each.failures[0].splitlines()[0]
        lines.append(f"      <failure message={_attribute(first)}>{_text(chr(10).join(each.failures))}</failure>")
    return [*lines, "    </testcase>"]


def _text(text: str) -> str:
    return escape(_CONTROL.sub("\N{REPLACEMENT CHARACTER}", text))


def _attribute(text: str) -> str:
    return quoteattr(_CONTROL.sub("\N{REPLACEMENT CHARACTER}", text))
