"""Owns what a study says: the paper's figure 5, table 6 and figure 6, with intervals that mean what they are called."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from emotion_runtime.expression.reader import confusion
from emotion_runtime.expression.statistics import bootstrap, mean_ci, spread, wilson
from emotion_runtime.expression.study.kit import Answer, Key


def study_report(key: Key, answers: Sequence[Answer], seed: int = 0) -> str:
    """The whole report as text."""
    return "\n".join([*_figure_5(key, answers, seed), "", *_table_6(key, answers), "", *_figure_6(answers, seed), ""])


def _figure_5(key: Key, answers: Sequence[Answer], seed: int) -> list[str]:
    truth = [key.truth[answer.clip] for answer in answers]
    counts = confusion(truth, [answer.label for answer in answers], key.labels)
    width = max(len(label) for label in key.labels) + 1
    lines = ["Figure 5: what was shown (rows) and what was seen (columns), % of each row", ""]
    lines.append(" " * width + "".join(f"{label[:8]:>9}" for label in key.labels) + f"{'n':>6}")
    for row, label in enumerate(key.labels):
        total = int(counts[row].sum())
        cells = "".join(f"{100.0 * count / total:9.1f}" if total else f"{'-':>9}" for count in counts[row].tolist())
        lines.append(f"{label:<{width}}{cells}{total:6d}")
    right = int(np.trace(counts))
    low, high = wilson(right, len(answers))
    people = np.array([answer.person for answer in answers])
    clips = np.array([list(key.truth).index(answer.clip) for answer in answers])
    hits = np.array([float(answer.label == meant) for answer, meant in zip(answers, truth, strict=True)])
    b_low, b_high = bootstrap(hits, people, clips, seed)
    lines += [
        "",
        f"accuracy {100.0 * right / len(answers):.2f} % of {len(answers)} answers, "
        f"{len(set(people.tolist()))} people, {len(set(clips.tolist()))} clips; chance {100.0 / len(key.labels):.1f} %",
        f"95 % interval: [{100 * low:.2f}, {100 * high:.2f}] if answers were independent (Wilson), "
        f"{_interval(100 * b_low, 100 * b_high)} over people and clips (bootstrap)",
    ]
    return lines


def _table_6(key: Key, answers: Sequence[Answer]) -> list[str]:
    lines = [
        "Table 6: affective index",
        "",
        f"{'clip':<10}{'meant':<10}{'most':>7} {'':<9}{'least':>7} {'':<9}{'overall':>8}",
    ]
    most_named: Counter[str] = Counter()
    least_named: Counter[str] = Counter()
    for clip, meant in key.truth.items():
        rows = [answer for answer in answers if answer.clip == clip]
        if not rows:
            continue
        most, least = _commonest(row.most for row in rows), _commonest(row.least for row in rows)
        most_named[most] += 1
        least_named[least] += 1
        scores = [
            sum(row.most_score for row in rows) / len(rows),
            sum(row.least_score for row in rows) / len(rows),
            sum(row.overall for row in rows) / len(rows),
        ]
        lines.append(f"{clip:<10}{meant:<10}{scores[0]:7.1f} {most:<9}{scores[1]:7.1f} {least:<9}{scores[2]:8.2f}")
    for what, named in (("most", most_named), ("least", least_named)):
        label, times = sorted(named.items(), key=lambda item: (-item[1], item[0]))[0]
        lines.append(f"most often said to agree {what}: {label}, {100.0 * times / named.total():.2f} % of the clips")
    return lines


def _figure_6(answers: Sequence[Answer], seed: int) -> list[str]:
    clips = sorted({answer.clip for answer in answers})
    by_clip = [[answer.overall for answer in answers if answer.clip == clip] for clip in clips]
    means = [sum(values) / len(values) for values in by_clip]
    mean, low, high = mean_ci(means)
    near, far = spread(means)
    people = np.array([answer.person for answer in answers])
    numbers = np.array([clips.index(answer.clip) for answer in answers])
    b_low, b_high = bootstrap(np.array([answer.overall for answer in answers]), people, numbers, seed)
    return [
        f"Figure 6: overall rating, {len(means)} clips",
        "",
        f"mean {mean:.2f}; mean_ci {_interval(low, high)} (t, 95 %, over clips); "
        f"bootstrap {_interval(b_low, b_high)} (over people and clips)",
        f"spread {_interval(near, far)} (2.5 and 97.5 percentile of the clips: what the paper prints as its interval)",
    ]


def _commonest(values: object) -> str:
    counted = Counter(values)  # type: ignore[call-overload]
    return str(sorted(counted.items(), key=lambda item: (-item[1], item[0]))[0][0])


def _interval(low: float, high: float) -> str:
    return "[too few]" if np.isnan(low) else f"[{low:.2f}, {high:.2f}]"
