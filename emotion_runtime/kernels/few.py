"""Owns the kernels for a handful of characters: plain Python numbers, which beat arrays when there are few of them.

The same operations on the same float64 values in the same order as the numpy form, so the same bits.
"""

from __future__ import annotations

from math import sqrt
from typing import Final

from emotion_runtime.kernels.tables import (
    NOBODY,
    Accounts,
    Active,
    Attitude,
    Bytes,
    Caught,
    Drives,
    Floats,
    Grid,
    Hits,
    Reaches,
)

FEW_PAIRS: Final = 64
"""Pairs of character and rule up to which numbers beat arrays."""
FEW: Final = 10
"""Characters up to which numbers beat arrays in contagion."""
FEW_ADMITTED: Final = 24
"""Rows with a new cause among them up to which numbers beat arrays."""
FEW_ROWS: Final = 48
"""Rows at work on one block up to which numbers beat arrays in pressing and crediting."""

RELATION: Final = 0.5
"""What is caught from another is times 1 + RELATION x likes: half as much again from a friend, half from an enemy."""


def gather(position: Floats, member: Bytes, active: Active, hits: Hits, n: int) -> int:
    """As `plain.gather` for the only block."""
    wanted, room = 0, hits.rate.shape[1]
    rules = list(
        zip(active.place.tolist(), active.fade.tolist(), active.tag.tolist(), active.only.tolist(), strict=True)
    )
    starts, rates = active.start.tolist(), active.rate.tolist()
    members = member.tolist()
    for i, (x, y, z) in enumerate(position[:n].tolist()):
        for rule, ((left, up, near, within), fade, tag, only) in enumerate(rules):
            dx, dy, dz = x - left, y - up, z - near
            metres = sqrt(dx * dx + dy * dy + dz * dz)
            if not metres <= within or not members[tag][i] or only not in (NOBODY, i):
                continue
            strength = 1.0
            if fade:
                share = metres / within
                strength = 1.0 - share if fade == 1 else 1.0 / (1.0 + 4.0 * share * share)
            for change in range(starts[rule], starts[rule + 1]):
                if wanted < room:
                    hits.character[0, wanted] = i
                    hits.change[0, wanted] = change
                    hits.rate[0, wanted] = strength * rates[change]
                wanted += 1
    hits.filled[0] = min(wanted, room)
    return wanted


def catch(emotion: Floats, reaches: Reaches, attitude: Attitude, grid: Grid, caught: Caught) -> None:
    """As `neighbours.catch` for the only block; with so few nobody's attention is exceeded."""
    places = [row for _, row in sorted(zip(grid.order.tolist(), grid.place.tolist(), strict=True))]
    widest = reaches.widest.tolist()
    near: list[list[tuple[int, float]]] = []
    for i, (x, y, z) in enumerate(places):
        mine: list[tuple[int, float]] = []
        reach = widest[i]
        for j, (left, up, front) in enumerate(places):
            dx, dy, dz = x - left, y - up, z - front
            squared = dx * dx + dy * dy + dz * dz
            if squared <= reach and i != j:
                mine.append((j, squared))
        near.append(mine)
    caught.rate[:] = 0.0
    caught.source[:] = NOBODY
    if not any(near):
        return
    weights = [[1.0 + RELATION * _likes(attitude, i, j) for j, _ in mine] for i, mine in enumerate(near)]
    for number, channel in enumerate(reaches.channel.tolist()):
        felt, gains, reach_of = emotion[channel].tolist(), reaches.gain[number].tolist(), reaches.reach[number].tolist()
        for i, mine in enumerate(near):
            if not mine or not gains[i] > 0.0:
                continue
            total, best, source = 0.0, 0.0, NOBODY
            for (j, squared), weight in zip(mine, weights[i], strict=True):
                if squared <= reach_of[i]:
                    given = weight * felt[j]
                    total += given
                    if source == NOBODY or given > best:
                        best, source = given, j
            if source != NOBODY:
                caught.rate[number, i] = gains[i] * total
                caught.source[number, i] = source


def _likes(attitude: Attitude, i: int, j: int) -> float:
    start, stop = int(attitude.start[i]), int(attitude.start[i + 1])
    row = attitude.who[start:stop].tolist()
    return float(attitude.value[start + row.index(j)]) if j in row else 0.0


Row = tuple[int, int, float, int]
"""Place within the block, channel, signed rate, cause."""


def acting(
    block: int, low: int, high: int, hits: Hits, active: Active, drives: Drives, caught: Caught, width: int
) -> list[Row] | None:
    """All that acts on one block in the order of its sum, or None when it is more than a few rows."""
    count, first, last = int(hits.filled[block]), int(drives.start[block]), int(drives.start[block + 1])
    if count + last - first > FEW_ROWS or (high - low) * len(caught.code) > FEW_ROWS:
        return None
    rows: list[Row] = []
    if count:
        changes = hits.change[block, :count]
        rows.extend(
            zip(
                (hits.character[block, :count] - low).tolist(),
                active.channel[changes].tolist(),
                hits.rate[block, :count].tolist(),
                active.cause[changes].tolist(),
                strict=True,
            )
        )
    for row in range(first, last):
        rate, cause = float(drives.rate[row]), int(drives.cause[row])
        rows.append((int(drives.character[row]) - low, int(drives.channel[row]), rate, cause))
    for channel, code, rates, sources in zip(
        caught.channel.tolist(), caught.code.tolist(), caught.rate, caught.source, strict=True
    ):
        for i, source in enumerate(sources[low:high].tolist()):
            if source != NOBODY:
                rows.append((i, channel, float(rates[low + i]), (source + 1) * width + code))
    return rows


def press(rows: list[Row], excite: Floats, inhibit: Floats) -> None:
    """Sum the rates (c, k)."""
    for i, channel, rate, _ in rows:
        if rate > 0.0:
            excite[channel, i] += rate
        else:
            inhibit[channel, i] += -rate


def account(rows: list[Row], low: int, baseline: Floats, share: Floats, ledger: Accounts) -> None:
    """Credit every cause. `baseline` and `share` (c, k) are those of the block."""
    if not rows:
        return
    calms, shares = baseline.tolist(), share.tolist()
    touched: dict[tuple[int, int], None] = {}
    for i, channel, rate, cause in rows:
        calm = calms[channel][i]
        credit(ledger, channel, low + i, cause, rate * (shares[channel][i] * (1.0 - calm if rate > 0.0 else calm)))
        if ledger.asked[channel]:
            touched[channel, low + i] = None
    for channel, i in touched:
        ledger.strongest[channel, i] = strongest(ledger, channel, i)


def credit(ledger: Accounts, channel: int, i: int, cause: int, amount: float) -> None:
    """To the cause that has a slot, else to a free slot, else to the weakest."""
    admit(ledger, channel, i, cause, amount / ledger.scale.item(channel, i))


def admit(ledger: Accounts, channel: int, i: int, cause: int, stored: float) -> None:
    """The same for an amount in units of the cell's scale."""
    causes, amounts = ledger.cause[channel, i], ledger.amount[channel, i]
    held: list[int] = causes.tolist()
    if cause in held:
        amounts[held.index(cause)] += stored
        return
    if NOBODY in held:
        slot = held.index(NOBODY)
        causes[slot], amounts[slot] = cause, stored
        return
    sizes = [abs(each) for each in amounts.tolist()]
    least = min(sizes)
    if abs(stored) < least:
        ledger.other[channel, i] += stored
        return
    slot = sizes.index(least)
    ledger.other[channel, i] += amounts[slot]
    causes[slot], amounts[slot] = cause, stored


def strongest(ledger: Accounts, channel: int, i: int) -> int:
    """Who gave most of one emotion of one character."""
    subjects = [cause // ledger.width - 1 if cause != NOBODY else NOBODY for cause in ledger.cause[channel, i].tolist()]
    amounts = ledger.amount[channel, i].tolist()
    best, found = 0.0, NOBODY
    for subject in subjects:
        if subject in (NOBODY, i):
            continue
        total = 0.0
        for other, amount in zip(subjects, amounts, strict=True):
            total += amount if other == subject else 0.0
        if total > best:
            best, found = total, subject
    return found


def few(n: int, rules: int) -> bool:
    """Whether `gather` in numbers is worth it."""
    return n * rules <= FEW_PAIRS
