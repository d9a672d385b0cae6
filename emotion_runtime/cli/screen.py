"""Owns what the demo shows: a live table, plain lines, or one JSON object a line."""

from __future__ import annotations

import io
import json
import re
import sys
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Protocol

from rich import box
from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console, Group
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from emotion_runtime.affect.labels import NEUTRAL
from emotion_runtime.affect.mood import Mood
from emotion_runtime.cli.bars import colour, meter

REFRESH_HZ: Final = 10
LINES_SHOWN: Final = 8
BAR_CELLS: Final = 7


@dataclass(slots=True)
class Row:
    """What is known of one character."""

    name: str
    emotion: Mapping[str, float]
    mood: Mood
    action: str = ""
    why: str = ""


class Screen(Protocol):
    """Somewhere to show the demo on."""

    live: bool
    """Whether `rows` may come ten times a second, instead of once."""

    def line(self, kind: str, text: str, **fields: Any) -> None:
        """Something happened."""
        ...

    def rows(self, time: float, rows: Sequence[Row]) -> None:
        """The state of everybody, now."""
        ...

    def summary(self, summary: Mapping[str, Any]) -> None:
        """The end."""
        ...

    def __enter__(self) -> Screen: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class JsonScreen:
    """One JSON object a line on standard output; the last one is the summary."""

    live = False

    def line(self, kind: str, text: str, **fields: Any) -> None:
        """Something happened."""
        self._print({"type": kind, "text": text, **fields})

    def rows(self, time: float, rows: Sequence[Row]) -> None:
        """One object a second is enough for a log: the caller sees to that."""
        characters = {
            row.name: {
                "emotion": {label: round(value, 4) for label, value in row.emotion.items()},
                "mood": [round(value, 4) for value in row.mood],
                "action": row.action,
            }
            for row in rows
        }
        self._print({"type": "state", "time": round(time, 3), "characters": characters})

    def summary(self, summary: Mapping[str, Any]) -> None:
        """The end."""
        self._print(summary)

    def _print(self, value: Mapping[str, Any]) -> None:
        sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")
        sys.stdout.flush()

    def __enter__(self) -> JsonScreen:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None


class PlainScreen(JsonScreen):
    """Plain lines, for logs and for terminals that cannot do more."""

    def line(self, kind: str, text: str, **fields: Any) -> None:
        """Something happened."""
        self._write(f"{fields.get('time', 0.0):7.2f}  {text}")

    def rows(self, time: float, rows: Sequence[Row]) -> None:
        """A line a character."""
        for row in rows:
            felt = {label: value for label, value in row.emotion.items() if label != NEUTRAL}
            top = max(felt, key=felt.__getitem__)
            self._write(f"{time:7.2f}  {row.name:10} {top} {felt[top]:.2f}  {row.mood.name:20} {row.action}")

    def summary(self, summary: Mapping[str, Any]) -> None:
        """The end."""
        self._write(summary_text(summary))

    def _write(self, text: str) -> None:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()


@dataclass(slots=True)
class LiveScreen:
    """A live table: a row a character, and below it what was said and done. `picture`: an SVG of the last view."""

    title: str
    picture: Path | None = None
    live: bool = True
    _console: Console = field(init=False)
    _live: Live = field(init=False)
    _lines: deque[Text] = field(init=False)
    _last: Group | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self._console = Console(highlight=False)
        self._live = Live(console=self._console, refresh_per_second=REFRESH_HZ, auto_refresh=False)
        self._lines = deque(maxlen=LINES_SHOWN)

    def line(self, kind: str, text: str, **fields: Any) -> None:
        """Something happened."""
        styles = {"said": "default", "heard": "dim", "event": "bold", "start": "green", "stop": "dim", "notice": "red"}
        self._lines.append(Text(f"{fields.get('time', 0.0):6.1f}  {text}", style=styles.get(kind, "default")))

    def rows(self, time: float, rows: Sequence[Row]) -> None:
        """The state of everybody, now."""
        self._last = self._view(time, rows)
        self._live.update(self._last, refresh=True)

    def summary(self, summary: Mapping[str, Any]) -> None:
        """The end; draws the picture if one was asked for."""
        self._live.stop()
        self._console.print(summary_text(summary))
        if self.picture is not None and self._last is not None:
            paper = Console(record=True, width=140, file=io.StringIO(), force_terminal=True, color_system="truecolor")
            paper.print(self._last)
            paper.save_svg(str(self.picture), title="emotion-runtime demo", code_format=_svg_without_web_fonts())

    def _view(self, time: float, rows: Sequence[Row]) -> Group:
        table = Table(
            expand=True,
            box=box.SIMPLE_HEAD,
            padding=(0, 1, 0, 0),
            title=f"{self.title}   {time:5.1f} s",
            title_justify="left",
            title_style="bold",
        )
        labels = [label for label in rows[0].emotion if label != NEUTRAL] if rows else []
        table.add_column("who", no_wrap=True)
        for label in labels:
            table.add_column(Text(label, style=colour(label)), width=max(BAR_CELLS, len(label)), no_wrap=True)
        table.add_column("mood", width=19, no_wrap=True)
        table.add_column("does", width=20, no_wrap=True)
        table.add_column("why", ratio=1, no_wrap=True, overflow="ellipsis")
        for row in rows:
            bars = [meter(label, row.emotion[label], max(BAR_CELLS, len(label))) for label in labels]
            table.add_row(Text(row.name, style="bold"), *bars, row.mood.name, row.action, Text(row.why, style="dim"))
        happened = Text("\n").join(list(self._lines) + [Text("")] * (LINES_SHOWN - len(self._lines)))
        return Group(table, Panel(happened, box=box.HORIZONTALS, title="what happens", title_align="left"))

    def __enter__(self) -> LiveScreen:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()


def _svg_without_web_fonts() -> str:
    """Rich's SVG frame without its @font-face rules, which would fetch fonts from the web."""
    return re.sub(r"@font-face \{\{.*?\}\}", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)


def summary_text(summary: Mapping[str, Any]) -> str:
    """The summary as a short table in plain text."""
    lines = [
        f"{name.replace('_', ' '):22} {value}" for name, value in summary.items() if name not in ("type", "faults")
    ]
    faults = summary.get("faults") or []
    lines.append("all of it adds up" if not faults else "\n".join(f"does not add up: {fault}" for fault in faults))
    return "\n".join(lines)
