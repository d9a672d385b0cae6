"""Frames written in place are the frames made anew; memory that a reader may still read is never written."""

from __future__ import annotations

import numpy as np
import pytest
import zmq
from hypothesis import given
from hypothesis import strategies as st

from emotion_runtime.bench.crowd import crowd
from emotion_runtime.kernels.framing import put
from emotion_runtime.player import NominalPlayer
from emotion_runtime.simulation import Simulation
from protocol.messages import Tick
from protocol.rooms import Room
from protocol.views import stream_frame
from unity_bridge import translate
from unity_bridge.streaming import IN_PLACE_FROM, ROOMS, Stream

counts = st.sampled_from((0, 1, 5, 63, 64, 1365, 1366, 5461, 5462, 16384))
numbers = st.sampled_from((0, 1, 127, 128, 255, 256, 65535, 65536, 2**32 - 1, 2**32, 2**53))


@given(
    counts,
    st.integers(1, 8),
    st.sampled_from((0, 1, 52)),
    numbers,
    numbers,
    st.booleans(),
    st.binary(min_size=16, max_size=16),
)
def test_a_frame_written_in_place_is_the_frame_made_anew(
    n: int, labels: int, shapes: int, session: int, tick: int, paused: bool, digest: bytes
) -> None:
    room = Room(n, labels, shapes)
    for turn in range(2):
        chance = np.random.default_rng(turn)
        emotion, mood = chance.random((n, labels), np.float32), chance.random((n, 3), np.float32)
        action, face = chance.integers(0, 9, n).astype(np.uint16), chance.random((n, shapes), np.float32)
        columns = ((room.emotion, emotion), (room.mood, mood), (room.action, action), (room.face, face))
        for place, column in columns:
            put(room.out, place, column)
        whole = Tick(
            session=session,
            tick=tick + turn,
            time=tick / 60,
            epoch=3,
            n=n,
            emotion=emotion.tobytes(),
            mood=mood.tobytes(),
            action=action.tobytes(),
            digest=digest,
            face=face.tobytes(),
            paused=paused,
            sent=float(turn),
        )
        assert bytes(room.close(whole)) == stream_frame(whole)


@pytest.mark.parametrize("kernels", ["numpy", "numba"])
@pytest.mark.parametrize("faces", [False, True])
def test_both_forms_write_a_crowd_into_a_frame_as_it_is_published(kernels: str, faces: bool) -> None:
    if kernels == "numba":
        pytest.importorskip("numba")
    with Simulation(crowd(IN_PLACE_FROM + 100), kernels=kernels, player=NominalPlayer()) as simulation:  # type: ignore[arg-type]
        if faces:
            simulation.stream_faces()
        for _ in range(3):
            digest = simulation.step().digest
            told = {"paused": False, "sent": 2.0}
            stream = Stream(_Nowhere())  # type: ignore[arg-type]
            made = stream_frame(translate.tick(simulation, 7, digest, **told))  # type: ignore[arg-type]
            assert bytes(stream.frame(simulation, 7, digest, **told)) == made  # type: ignore[arg-type]
            assert stream._filled is not None, "it was written in place"


def test_a_frame_that_is_still_read_is_never_written_and_what_is_kept_is_bounded() -> None:
    with zmq.Context() as context, context.socket(zmq.PUSH) as push, context.socket(zmq.PULL) as pull:
        push.setsockopt(zmq.LINGER, 0)
        push.setsockopt(zmq.SNDHWM, 100)
        pull.setsockopt(zmq.RCVHWM, 100)
        pull.bind("inproc://frames")
        push.connect("inproc://frames")
        stream = Stream(push)
        with Simulation(crowd(2000), kernels="numpy") as simulation:
            sent = []
            for _ in range(ROOMS + 3):  # nobody reads: inproc hands our memory itself over
                digest = simulation.step().digest
                frame = stream.frame(simulation, 1, digest, paused=False, sent=1.0)
                sent.append(bytes(frame))
                assert stream.send(frame) == "sent"
            assert len(stream._kept) == ROOMS
            assert [pull.recv() for _ in sent] == sent
            assert len(set(sent)) == len(sent)


class _Nowhere:
    """A socket that is not written to."""
