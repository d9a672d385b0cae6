"""Owns the audit of dependencies: asks advisory databases about every installed package, and says what nobody answered.

    make audit

Exit code 0: every package was looked up, and none has a known vulnerability. 1: some have. 3: for some, or all, no
database could be asked: that is not clean. `pip-audit` counts packages it could not look up as none found, so its own
exit code cannot be used.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[1]
DATABASES: Final = ("osv", "pypi")
"""Of Python packages, as pip-audit names them: the first that answers for a package counts."""
CLEAN, VULNERABLE, UNKNOWN = 0, 1, 3


@dataclass(slots=True)
class Findings:
    """What came of it: names of packages looked up, `vulnerable` with what is known, `unknown` with why not."""

    audited: set[str] = field(default_factory=set)
    vulnerable: dict[str, list[str]] = field(default_factory=dict)
    unknown: dict[str, str] = field(default_factory=dict)

    @property
    def code(self) -> int:
        """The exit code."""
        if self.vulnerable:
            return VULNERABLE
        return UNKNOWN if self.unknown or not self.audited else CLEAN

    def python(self, packages: list[str], report: str, complaint: str, database: str) -> None:
        """Take pip-audit's JSON about `packages` (name==version), or its complaint where it gave none."""
        try:
            found = {_normal(each["name"]): each for each in json.loads(report)["dependencies"]}
        except (ValueError, KeyError, TypeError):
            found = {}
        last = complaint.strip().rpartition("\n")[2][:200]
        for package in packages:
            told = found.get(_normal(package.partition("==")[0]))
            if told is not None and "vulns" in told:
                self.audited.add(package)
                self.unknown.pop(package, None)
                known = [(each["id"], ", ".join(each["fix_versions"]) or "no version") for each in told["vulns"]]
                if known:
                    self.vulnerable[package] = [f"{number} (fixed in {version})" for number, version in known]
            elif package not in self.audited:
                why = told.get("skip_reason", "") if told is not None else last
                self.unknown[package] = f"{database}: {why or 'no answer'}"

    def npm(self, report: str) -> None:
        """Take the JSON of `npm audit`, for the packages that build the live page."""
        try:
            told = json.loads(report)
            found = told["vulnerabilities"]
        except (ValueError, KeyError, TypeError):
            self.unknown["npm packages of monitor/"] = "npm: the registry answers no audits"
            return
        self.audited.add(f"{told['metadata']['dependencies']['total']} npm packages of monitor/")
        for name, each in found.items():
            self.vulnerable[f"npm {name}"] = [str(each.get("severity", "unknown severity"))]


def _normal(name: str) -> str:
    """A package's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def installed() -> list[str]:
    """Every package of this interpreter's environment but our own, as name==version."""
    command = [sys.executable, "-m", "pip", "freeze", "--exclude-editable"]
    lines = subprocess.run(command, capture_output=True, encoding="utf-8", check=True).stdout.splitlines()
    # a wheel that pip was given by its path has no version here; pip-audit could not look it up either
    return [line for line in lines if "==" in line]


def audit(packages: list[str]) -> Findings:
    """Ask all databases. Takes a request a package."""
    findings = Findings()
    with tempfile.TemporaryDirectory() as folder:
        listed = Path(folder) / "installed.txt"
        for database in DATABASES:
            missing = [each for each in packages if each not in findings.audited]
            if not missing:
                break
            listed.write_text("\n".join(missing) + "\n", encoding="utf-8")
            command = [sys.executable, "-m", "pip_audit", "-r", str(listed), "--no-deps", "--disable-pip"]
            command += ["-s", database, "-f", "json", "--progress-spinner", "off"]
            ran = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
            findings.python(missing, ran.stdout, ran.stderr, database)
    npm = shutil.which("npm")
    if npm is not None:
        command = [npm, "audit", "--package-lock-only", "--json"]
        ran = subprocess.run(command, cwd=ROOT / "monitor", capture_output=True, encoding="utf-8", check=False)
        findings.npm(ran.stdout)
    else:
        findings.unknown["npm packages of monitor/"] = "npm is not installed"
    return findings


def main() -> None:
    """Audit this environment, and say so."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")
    asked = parser.parse_args()
    packages = installed()
    sys.stderr.write(f"asking {' and '.join(DATABASES)} about {len(packages)} packages, npm about those of monitor/\n")
    findings = audit(packages)
    if asked.json:
        told: dict[str, Any] = {
            "type": "audit",
            "audited": sorted(findings.audited),
            "vulnerable": findings.vulnerable,
            "unknown": findings.unknown,
        }
        sys.stdout.write(json.dumps(told) + "\n")
    else:
        sys.stdout.write(text(findings))
    raise SystemExit(findings.code)


def text(findings: Findings) -> str:
    """The findings in words."""
    lines = [f"{name}: {', '.join(known)}" for name, known in findings.vulnerable.items()]
    reasons: dict[str, list[str]] = {}
    for name, why in findings.unknown.items():
        reasons.setdefault(re.sub(r": \S+ \(\S+\)$", "", why), []).append(name)
    for why, names in reasons.items():
        lines.append(f"not audited: {len(names)} ({', '.join(names[:5])}{' ...' if len(names) > 5 else ''}): {why}")
    verdict = {CLEAN: "no known vulnerability", VULNERABLE: "VULNERABLE", UNKNOWN: "NOT AUDITED, which is not clean"}
    lines.append(f"{len(findings.audited)} looked up, {len(findings.unknown)} not: {verdict[findings.code]}")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
