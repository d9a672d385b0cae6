"""Owns one minimal and one full example of every message, observation and command."""

from __future__ import annotations

from typing import Final

from protocol.columns import pack_f32, pack_u16, pack_u32
from protocol.ids import MAX_COUNT
from protocol.messages import (
    Ack,
    AnyMessage,
    Bye,
    Capture,
    Command,
    Event,
    Faces,
    Fault,
    Hello,
    Move,
    Notice,
    Observations,
    Owned,
    Part,
    Perception,
    Positions,
    Refused,
    Reply,
    Request,
    Result,
    Roster,
    Running,
    Sight,
    Snapshot,
    Start,
    Stop,
    Tick,
    Utterance,
    Variable,
    Variables,
    Welcome,
)

SESSION: Final = 0x0123456789ABCDEF

ROSTER: Final = Roster(
    epoch=3,
    scene="tavern",
    characters=("innkeeper", "Zoë", "traveller"),
    labels=("anger", "joy"),
    actions=("", "flee_fire", "greet"),
    objects=("campfire", "door"),
    shapes=("jawOpen", "mouthSmileLeft"),
    rate=60.0,
    seq=4,
)

TICK: Final = Tick(
    session=SESSION,
    tick=1234,
    time=20.5,
    epoch=3,
    n=3,
    emotion=pack_f32([[0.125, 0.25], [0.5, 0.75], [0.0625, 0.9375]]),
    mood=pack_f32([[-1.0, 0.0, 1.0], [0.5, -0.5, 0.25], [0.0, 0.0, 0.0]]),
    action=pack_u16([0, 1, 2]),
    digest=bytes(range(16)),
    face=pack_f32([[0.0, 1.0], [0.5, 0.25], [0.75, 0.125]]),
    paused=True,
    sent=9876.5,
    seq=7,
)

FACES: Final = Faces(
    session=SESSION,
    tick=1234,
    epoch=3,
    form="arkit52",
    n=2,
    weights=bytes((0, 255, 51, 102)),
    index=pack_u32([0, 2]),
    u8=True,
)
"""Of two columns only, as the sample roster's shapes."""

_START: Final = Start(
    action=41,
    character="innkeeper",
    rule="flee_fire",
    bearers=("campfire",),
    lasts=2.5,
    why="fear 0.81 is over 0.7",
    payload={"clip": "run", "speed": 1.5, "loop": True, "tags": ["a", "b"], "nested": {"none": None}},
)

OBSERVATIONS: Final = (
    Utterance(speaker="Zoë", text="Fire! 火事だ! 🔥", id=5, to="innkeeper", conversation="bar", heard={"joy": 0.25}),
    Event(name="explosion", cause="traveller", target="door", at=(1.0, 0.0, -2.5), strength=0.5),
    Move(id="traveller", at=(0.0, 1.5, -2.0)),
    Positions(epoch=3, index=pack_u32([0, 2]), xyz=pack_f32([[1.0, 0.0, 2.0], [-1.5, 0.0, 0.5]])),
    Variable(name="campfire.lit", value=True),
    Variable(name="world.night", value=0.5),
    Sight(character="Zoë", object="campfire", sees=False),
    Result(action=41, ok=False, detail="no path"),
    Utterance(
        speaker="Zoë",
        text="",
        timings={"form": "plain", "data": {"visemes": [["PP", 0, 80], ["aa", 80.5, 200]]}},
        lasts=0.25,
        voice=bytes((0, 1, 255, 127)),
        voice_rate=22050,
    ),
    Capture(character="Zoë", weights={"jawOpen": 0.5, "mouthSmileLeft": 1.0}),
    Capture(character="Zoë", like="innkeeper"),
)

MINIMAL: Final[tuple[AnyMessage, ...]] = (
    Hello(client="unity"),
    Welcome(session=1, package="0.1.0", capabilities=(), schema="", credit=8, observed=0, owns=()),
    Refused(code="wrong_version", message="update the client"),
    Bye(),
    Roster(epoch=0, scene="", characters=(), labels=(), actions=("",)),
    Tick(session=1, tick=0, time=0.0, epoch=0, n=0, emotion=b"", mood=b"", action=b""),
    Faces(session=1, tick=0, epoch=0, form="vrm", n=0, weights=b""),
    Snapshot(
        session=1,
        roster=Roster(epoch=0, scene="", characters=(), labels=(), actions=("",)),
        state=Tick(session=1, tick=0, time=0.0, epoch=0, n=0, emotion=b"", mood=b"", action=b""),
    ),
    Command(seq=1, tick=0, commands=()),
    Perception(seq=1, tick=0, utterance=0, character="a", labels=(), probabilities=()),
    Part(index=0, count=1, data=b""),
    Variables(seq=1, tick=0, values={}),
    Owned(seq=1, tick=0, owns=()),
    Notice(code="bad_value", message=""),
    Observations(seq=1, items=()),
    Ack(seq=0),
    Request(client="tool", id=0, op="ping"),
    Reply(id=0),
)

FULL: Final[tuple[AnyMessage, ...]] = (
    Hello(
        client="unity",
        package="0.1.0",
        capabilities=("columns.f32", "credit"),
        schema="0123456789abcdef",
        owns=("innkeeper", "Zoë"),
        session=SESSION,
        received=17,
        lockstep=True,
    ),
    Welcome(
        session=MAX_COUNT,
        package="0.1.0",
        capabilities=("columns.f32", "resume"),
        schema="0123456789abcdef",
        credit=8,
        observed=12,
        owns=("innkeeper",),
        resumed=True,
        stream="tcp://127.0.0.1:5570",
        control="tcp://127.0.0.1:5572",
    ),
    Refused(code="already_owned", message="unity-2 owns innkeeper", remedy="leave it out of `owns`"),
    Bye(reason="shutting_down"),
    ROSTER,
    TICK,
    FACES,
    Snapshot(
        session=SESSION,
        roster=ROSTER,
        state=TICK,
        running=(
            Running(
                action=41,
                character="innkeeper",
                rule="flee_fire",
                bearers=("campfire",),
                lasts=2.5,
                elapsed=0.5,
                payload={"clip": "run"},
            ),
        ),
        variables={"campfire.lit": 1.0, "world.night": 0.0},
    ),
    Command(
        seq=18,
        tick=1234,
        commands=(Stop(action=40, character="innkeeper", rule="greet", reason="outranked"), _START),
    ),
    Perception(
        seq=19,
        tick=1240,
        utterance=5,
        character="Zoë",
        labels=("anger", "joy"),
        probabilities=(0.25, 0.75),
        label="joy",
        latency=0.015625,
        failed="perception_failed",
    ),
    Part(index=2, count=3, data=bytes(range(16))),
    Variables(seq=21, tick=1241, values={"campfire.lit": 0.0, "world.night": 0.5}),
    Owned(seq=22, tick=1242, owns=("innkeeper", "Zoë")),
    Notice(code="unknown_character", message="no character 'bob'", seq=20, batch=6, item=2),
    Observations(seq=6, items=OBSERVATIONS, received=19),
    Ack(seq=6, credit=8),
    Request(client="tool", id=3, op="step", args={"n": 10, "where": {"deep": [1, -2, 2.5, None, False]}}),
    Reply(
        id=3,
        tick=1250,
        result={"digest": "00112233"},
        error=Fault(code="unknown_operation", message="no such request", where="$.op", remedy="see docs/protocol.md"),
    ),
)
