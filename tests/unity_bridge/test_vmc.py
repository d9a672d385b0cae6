"""The VMC sink before a real UDP receiver: whole frames, known names, and a face that shows what is felt."""

from __future__ import annotations

import builtins
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from emotion_runtime import Simulation
from emotion_runtime.cli.launch import Sidecar
from emotion_runtime.errors import EmotionRuntimeError, InputError, MissingExtraError, UsageError
from emotion_runtime.expression.shapes import ARKIT
from emotion_runtime.expression.vrm import PRESETS
from emotion_runtime.scene import bundled_scene
from unity_bridge.sinks.vmc import DEFAULT_PORT, LONGEST_S, VmcSink, parse_target
from unity_bridge.sinks.vmc_frame import VRM0, VmcFrame, VmcNames, columns

pytest.importorskip("pythonosc", reason="needs the extra `vmc`")


@dataclass
class Clock:
    """Wall seconds that pass when a test says so."""

    now: float = 100.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Receiver:
    """A UDP socket whose datagrams python-osc takes apart."""

    socket: socket.socket
    values: dict[str, float] = field(default_factory=dict)

    @property
    def target(self) -> tuple[str, int]:
        host, port = self.socket.getsockname()
        return str(host), int(port)

    def frame(self) -> list[tuple[str, list[Any]]]:
        from pythonosc.osc_packet import OscPacket

        datagram = self.socket.recv(65536)
        assert datagram.startswith(b"#bundle\0"), "one bundle a frame"
        messages = [(each.message.address, list(each.message.params)) for each in OscPacket(datagram).messages]
        self.values = {arguments[0]: arguments[1] for address, arguments in messages if address == "/VMC/Ext/Blend/Val"}
        return messages


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as bound:
        bound.bind(("127.0.0.1", 0))
        bound.settimeout(10.0)
        yield Receiver(bound)


@pytest.fixture
def tavern() -> Iterator[Simulation]:
    with Simulation.from_scene("tavern", perception=None) as simulation:
        yield simulation


def live(simulation: Simulation, seconds: float, sink: VmcSink, clock: Clock, receiver: Receiver) -> None:
    """Tick with the sink's wall clock beside the simulation's, reading every frame."""
    for _ in range(int(seconds * simulation.rate)):
        simulation.step()
        clock.now += 1.0 / simulation.rate
        sink.turn()
        receiver.frame()


@pytest.mark.parametrize("names", VmcNames)
def test_a_frame_is_one_bundle_that_ends_with_apply_and_the_time(
    tavern: Simulation, receiver: Receiver, names: VmcNames
) -> None:
    clock = Clock()
    with VmcSink(tavern, "guard", receiver.target, names, clock) as sink:
        clock.now += 2.5
        sink.send()
        messages = receiver.frame()
    assert messages[0] == ("/VMC/Ext/OK", [1])
    assert [address for address, _ in messages[1:-2]] == ["/VMC/Ext/Blend/Val"] * len(columns(names))
    assert messages[-2:] == [("/VMC/Ext/Blend/Apply", []), ("/VMC/Ext/T", [2.5])]
    assert tuple(receiver.values) == columns(names)
    assert all(0.0 <= value <= 1.0 for value in receiver.values.values())


def test_every_number_arrives_under_its_own_name(receiver: Receiver) -> None:
    names = columns(VmcNames.ARKIT)
    weights = [column / 64.0 for column in range(len(names))]
    receiver.socket.sendto(VmcFrame(names).fill(weights, 1.0), receiver.target)
    receiver.frame()
    assert receiver.values == dict(zip(names, weights, strict=True))


def anger(simulation: Simulation) -> None:
    simulation.say("guard", "Out with you!", to="thief", heard={"anger": 1.0})


@pytest.mark.parametrize(
    ("names", "angry", "happy"),
    [
        (VmcNames.VRM0, "Angry", "Joy"),
        (VmcNames.VRM1, "angry", "happy"),
        (VmcNames.ARKIT, "browDownLeft", "mouthSmileLeft"),
        (VmcNames.PERFECT_SYNC, "BrowDownLeft", "MouthSmileLeft"),
    ],
)
def test_anger_is_seen_in_the_face(
    tavern: Simulation, receiver: Receiver, names: VmcNames, angry: str, happy: str
) -> None:
    clock = Clock()
    with VmcSink(tavern, "guard", receiver.target, names, clock) as sink:
        sink.send()
        receiver.frame()
        before = receiver.values[angry]
        anger(tavern)
        live(tavern, 1.0, sink, clock, receiver)
    assert receiver.values[angry] > before + 0.1
    assert receiver.values[happy] < receiver.values[angry]


@pytest.mark.parametrize(("label", "shows"), [("fear", {"Surprised", "Sorrow"}), ("disgust", {"Angry", "Sorrow"})])
def test_fear_and_disgust_have_no_preset_and_are_shown_by_their_fallbacks(label: str, shows: set[str]) -> None:
    import numpy as np

    from emotion_runtime.expression.vrm import vrm_weights

    weights = vrm_weights([label], np.ones((1, 1)), np.zeros((1, 52)), np.zeros((1, 15)), available=PRESETS)[0]
    shown = {VRM0[name] for name, value in zip(PRESETS, weights[: len(PRESETS)], strict=True) if value > 0.0}
    assert shown - {"Neutral"} == shows


def test_the_face_is_sent_again_while_the_clock_stands(tavern: Simulation, receiver: Receiver) -> None:
    clock = Clock()
    with VmcSink(tavern, "guard", receiver.target, clock=clock) as sink:
        assert sink.turn() is False
        receiver.frame()
        first = dict(receiver.values)
        clock.now += LONGEST_S / 2
        sink.turn()
        assert sink.counts["sent"] == 1
        clock.now += LONGEST_S / 2
        sink.turn()
        receiver.frame()
        assert receiver.values == first
        assert sink.counts["sent"] == 2


def test_a_fast_clock_sends_no_more_frames_than_receivers_show(tavern: Simulation, receiver: Receiver) -> None:
    clock = Clock()
    with VmcSink(tavern, "guard", receiver.target, clock=clock) as sink:
        for _ in range(1000):
            tavern.step(0.001)
            clock.now += 0.001
            sink.turn()
        assert 55 <= sink.counts["sent"] <= 64


def test_the_face_goes_on_after_a_reload(tavern: Simulation, receiver: Receiver) -> None:
    clock = Clock()
    with VmcSink(tavern, "guard", receiver.target, clock=clock) as sink:
        anger(tavern)
        live(tavern, 0.5, sink, clock, receiver)
        tavern.reload()
        live(tavern, 1.0, sink, clock, receiver)
    assert receiver.values["Angry"] > 0.1


def test_the_sink_changes_nothing_in_the_simulation(tavern: Simulation, receiver: Receiver) -> None:
    clock = Clock()
    with Simulation.from_scene("tavern", perception=None) as other:
        with VmcSink(tavern, "guard", receiver.target, clock=clock) as sink:
            for simulation in (tavern, other):
                anger(simulation)
            live(tavern, 0.5, sink, clock, receiver)
            for _ in range(int(0.5 * other.rate)):
                other.step()
        assert tavern.digest == other.digest


def test_nobody_listening_is_no_fault(tavern: Simulation) -> None:
    clock = Clock()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as bound:
        bound.bind(("127.0.0.1", 0))
        port = int(bound.getsockname()[1])
    with VmcSink(tavern, "guard", ("127.0.0.1", port), clock=clock) as sink:
        for _ in range(5):
            sink.send()
        assert sink.counts["sent"] + sink.counts["not_sent"] == 5


def test_a_served_scene_shows_its_face_to_a_vrm_tool(receiver: Receiver) -> None:
    target = ":".join(map(str, receiver.target))
    more = ("--no-model", "--vmc", target, "--vmc-character", "child", "--vmc-names", "perfect-sync")
    with Sidecar(bundled_scene("tavern"), more):
        times = [dict(receiver.frame())["/VMC/Ext/T"][0] for _ in range(5)]
    assert times == sorted(set(times)), "frame after frame, as long as the sidecar runs"
    assert tuple(receiver.values) == columns(VmcNames.PERFECT_SYNC)


def test_the_names_are_those_of_the_standards() -> None:
    assert set(VRM0) == set(PRESETS)
    assert columns(VmcNames.PERFECT_SYNC)[:2] == ("BrowDownLeft", "BrowDownRight")
    assert columns(VmcNames.ARKIT) == ARKIT


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("127.0.0.1:39540", ("127.0.0.1", 39540)),
        ("39540", ("127.0.0.1", 39540)),
        (":39540", ("127.0.0.1", 39540)),
        ("192.168.1.20", ("192.168.1.20", DEFAULT_PORT)),
        ("[::1]:39540", ("::1", 39540)),
    ],
)
def test_a_target_is_this_machine_unless_a_host_is_named(text: str, target: tuple[str, int]) -> None:
    assert parse_target(text) == target


@pytest.mark.parametrize("text", ["host:", "host:0", "host:65536", "host:x", "host:-1", "0", "127.0.0.1:1e3"])
def test_a_target_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_target(text)
    assert caught.value.code == "bad_target"


def test_an_unknown_character_is_refused_with_the_nearest_name(tavern: Simulation) -> None:
    with pytest.raises(InputError) as caught:
        VmcSink(tavern, "gard", ("127.0.0.1", 39539))
    assert caught.value.code == "unknown_character"


def test_without_python_osc_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    load: Callable[..., Any] = builtins.__import__

    def refuse(name: str, *arguments: Any, **more: Any) -> Any:
        if name.startswith("pythonosc"):
            raise ModuleNotFoundError(name)
        return load(name, *arguments, **more)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(EmotionRuntimeError) as caught:
        VmcFrame(("Joy",))
    assert isinstance(caught.value, MissingExtraError)
    assert "emotion-runtime[vmc]" in caught.value.remedy
