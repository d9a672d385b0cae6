"""Owns the command that writes the generated files of other languages, or says which are out of date."""

from __future__ import annotations

import sys

from protocol.codegen import ROOT, language_modules


def main(arguments: list[str]) -> int:
    """Write all files (`--write`), or list those that differ. Returns the exit code."""
    if arguments not in ([], ["--write"]):
        sys.stderr.write("usage: python -m protocol.codegen [--write]\n")
        return 2
    differing = 0
    for module in language_modules():
        path, text = ROOT / module.PATH, module.render()
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            continue
        differing += 1
        if arguments:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
        sys.stdout.write(f"{'wrote' if arguments else 'out of date:'} {module.PATH}\n")
    return 0 if arguments or not differing else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
