"""Objects through the raster and the kernels do what the plain statement of `behaviors` says, whatever their rules."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from behaviors.expressions import parse
from behaviors.objects import Influence as PlainInfluence
from behaviors.rules import Bearer, Change, Fade, InteractiveRule, Who
from emotion_runtime.bench.crowd import TAG, crowd
from emotion_runtime.simulation import Simulation

RULES = (
    InteractiveRule("a", "", Bearer(Who.ALL, TAG, 9.0), parse("on"), (Change("joy", 0.3, True),), Fade.LINEAR),
    InteractiveRule("b", "", Bearer(Who.NEAREST, TAG, 9.0), parse("on"), (Change("fear", 0.2, True),)),
    InteractiveRule("c", "", Bearer(Who.NAMED, "p000003", 60.0), parse("not on"), (Change("anger", -0.2, True),)),
    InteractiveRule(
        "d", "", Bearer(Who.ALL, TAG), parse("on"), (Change("sadness", 0.1, True), Change("joy", -0.1, True))
    ),
    InteractiveRule(
        "e",
        "",
        Bearer(Who.ALL, TAG, 9.0),
        parse("on"),
        (Change("fear", 0.1, True),),
        Fade.CURVE,
        ((0.0, 1.0), (9.0, 0.0)),
    ),
    InteractiveRule("f", "", Bearer(Who.ALL, TAG, 20.0), parse("on"), (Change("disgust", 0.1, True),), capacity=2),
)


@pytest.mark.parametrize("people", [6, 40, 1500])
def test_what_reaches_whom_is_what_the_plain_statement_says(people: int) -> None:
    scene = crowd(people, 3)
    things = tuple(
        replace(thing, rules=tuple(replace(rule, inflicter=thing.id) for rule in RULES)) for thing in scene.objects
    )
    scene = replace(scene, objects=things)
    with Simulation(scene, kernels="numpy") as sim:
        sim.set(f"{things[1].id}.on", False)
        sim.step()
        world, ticker = sim.world, sim._ticker
        plain = PlainInfluence(world.cast, [rule for thing in things for rule in thing.rules])
        excite, inhibit = np.zeros((world.n, len(world.rows))), np.zeros((world.n, len(world.rows)))
        wanted = {
            (
                int(who),
                effect.label,
                world.ledger.number("object", effect.inflicter, plain.rules[effect.rule].name),
            ): rate
            for effect in plain.act(world.surroundings(), excite, inhibit)
            for who, rate in zip(effect.characters.tolist(), effect.rates.tolist(), strict=True)
        }
        influence = ticker.influence
        found = {}
        for block, filled in enumerate(influence.hits.filled.tolist()):
            for row in range(filled):
                change = influence.hits.change[block, row]
                key = int(influence.hits.character[block, row]), int(influence.active.channel[change])
                found[(*key, int(influence.active.cause[change]))] = float(influence.hits.rate[block, row])
        special = influence.joined(ticker.behaving._driving._none)
        for row in range(len(special.rate)):
            key = int(special.character[row]), int(special.channel[row])
            found[(*key, int(special.cause[row]))] = float(special.rate[row])
        assert found == wanted
        assert len(found) > people
