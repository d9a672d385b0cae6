"""Owns `emotion-runtime serve`: a scene and its sockets as one process, ended by Ctrl-C, a request or its parent."""

from __future__ import annotations

import contextlib
import gc
import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from emotion_runtime.cli.access import access
from emotion_runtime.cli.resuming import resumed
from emotion_runtime.scene.find import find_scene

FACES_UP_TO = 64
"""`--faces auto` streams faces for at most this many characters: 52 floats each are most of a frame."""


class Faces(StrEnum):
    """Which face columns are streamed."""

    AUTO = "auto"
    ARKIT52 = "arkit52"
    NONE = "none"


class VmcNaming(StrEnum):
    """The names that a VRM tool is told; see docs/vmc.md."""

    VRM0 = "vrm0"
    VRM1 = "vrm1"
    ARKIT = "arkit"
    PERFECT_SYNC = "perfect-sync"


def serve(
    scene: Annotated[str, typer.Argument(help="A scene file, or the name of a bundled scene.")],
    host: Annotated[
        str, typer.Option(help="Address to listen on; others than this machine's need --curve.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Stream; link and control are the next two. 0: free ones.")] = 5570,
    rate: Annotated[float, typer.Option(help="Ticks a second.", min=1.0, max=1000.0)] = 60.0,
    seed: Annotated[int, typer.Option(help="Seed of all chance in the simulation.")] = 0,
    faces: Annotated[Faces, typer.Option(help="Face columns in the stream.")] = Faces.AUTO,
    lockstep: Annotated[bool, typer.Option("--lockstep", help="Tick only when a `step` request says so.")] = False,
    stale_after: Annotated[
        float, typer.Option(help="Give up lines that waited so many seconds for the model; 0: none.", min=0.0)
    ] = 10.0,
    no_model: Annotated[bool, typer.Option("--no-model", help="Run without text and voice perception.")] = False,
    model: Annotated[
        str, typer.Option(help="Text model: `bundled`, a folder, or a Hugging Face classifier (owner/model).")
    ] = "bundled",
    voice: Annotated[
        str, typer.Option(help="Voice model: `bundled`, a folder, or `none`. Loaded with the first voice.")
    ] = "bundled",
    multimodal: Annotated[
        Path | None, typer.Option(help="A cross-modal network: the folder that `export multimodal` wrote.")
    ] = None,
    sounds: Annotated[Path | None, typer.Option(help="The folder in which voice observations may name files.")] = None,
    baked: Annotated[Path | None, typer.Option(help="Lines annotated ahead of time by `bake`.")] = None,
    device: Annotated[str, typer.Option(help="Where text runs: cpu, cuda, tensorrt or auto.")] = "cpu",
    fp16: Annotated[bool, typer.Option("--fp16", help="Half precision on a GPU.")] = False,
    max_delay: Annotated[
        float, typer.Option(help="Seconds a line waits for others, with a model that takes several in a run.", min=0.0)
    ] = 0.0,
    token_file: Annotated[
        Path | None, typer.Option(help="Let in only who knows a token; random ones are written to this file.")
    ] = None,
    curve: Annotated[
        Path | None, typer.Option(help="Encrypt, and let in only the keys of this `keygen` folder.")
    ] = None,
    record: Annotated[Path | None, typer.Option(help="Record all that happens to this file, for `replay`.")] = None,
    journal: Annotated[
        Path | None, typer.Option(help="Keep all that happens in this folder: after a kill, serve goes on from it.")
    ] = None,
    vmc: Annotated[
        str | None, typer.Option(metavar="HOST:PORT", help="Send one character's face to this VRM tool, by VMC.")
    ] = None,
    vmc_character: Annotated[str, typer.Option(help="Whose face `--vmc` sends; the first, unless named.")] = "",
    vmc_names: Annotated[VmcNaming, typer.Option(help="The names of `--vmc`.")] = VmcNaming.VRM0,
    performer: Annotated[
        str | None,
        typer.Option(metavar="CHARACTER=PORT", help="Let Live Link Face at this UDP port drive a character's face."),
    ] = None,
    monitor: Annotated[bool, typer.Option("--monitor", help="Serve the live page; see docs/monitor.md.")] = False,
    monitor_port: Annotated[int, typer.Option(help="Port of the live page. 0: a free one.", min=0, max=65535)] = 5573,
    monitor_edit: Annotated[
        bool, typer.Option("--monitor-edit", help="Who has the page's address may also push emotions and fire events.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="First line: where it listens; last line: a summary.")
    ] = False,
    until_stdin_closes: Annotated[
        bool, typer.Option("--until-stdin-closes", help="End when standard input ends: for a game that starts us.")
    ] = False,
) -> None:
    """Run the sidecar on a scene until Ctrl-C, a `shutdown` request, or the end of standard input if asked."""
    from emotion_runtime.cli.perceiving import Senses, senses
    from emotion_runtime.record import Recorder, model_digest
    from emotion_runtime.scene import load_scene
    from emotion_runtime.simulation import Simulation
    from unity_bridge import Bridge, BridgeConfig
    from unity_bridge.access import write_tokens
    from unity_bridge.world import World

    path = find_scene(scene)
    config = BridgeConfig(host=host, port=port, lockstep=lockstep, access=access(token_file, curve))
    loaded = load_scene(path)
    found: Senses | None = None
    if not no_model:
        found = senses(
            model=model,
            voice=voice,
            sounds=sounds,
            device=device,
            fp16=fp16,
            baked=baked,
            stale_after=None if lockstep else stale_after or None,
            lockstep=lockstep,
            multimodal=multimodal,
            max_delay=max_delay,
        )
    with contextlib.ExitStack() as stack:
        sim = stack.enter_context(
            Simulation(
                loaded,
                seed=seed,
                rate=rate,
                perception=found.text if found else None,
                voice=found.voice if found else None,
                voice_reliability=found.voice_reliability if found else 0.0,
                joint=found.joint if found else None,
            )
        )
        if faces is Faces.ARKIT52 or (faces is Faces.AUTO and len(sim.characters) <= FACES_UP_TO):
            sim.stream_faces()
        world: World = sim
        keeping = None
        if journal is not None:
            keeping = resumed(sim, journal, stack, alone=record is None, tell=_complain)
            world = keeping.journal
        elif record is not None:
            world = stack.enter_context(Recorder(sim, record, model=model_digest(), tell=_complain))
        bridge = stack.enter_context(Bridge(world, config, journal=keeping.journal if keeping else None))
        if keeping is not None and keeping.kept is not None:
            bridge.adopt(keeping.kept, sim.digest)
        if token_file is not None:
            # only now: the tokens in the file may be those of a sidecar that has our ports
            write_tokens(token_file, config.access.tokens)
        until = _never
        if vmc is not None:
            from unity_bridge.sinks.vmc import VmcSink, parse_target
            from unity_bridge.sinks.vmc_frame import VmcNames

            whose = vmc_character or sim.characters[0]
            sink = VmcSink(sim, whose, parse_target(vmc), VmcNames(vmc_names.value))
            until = stack.enter_context(sink).turn
        if performer is not None:
            from unity_bridge.performing import PerformerPort, parse_performer

            until = _both(until, stack.enter_context(PerformerPort(world, *parse_performer(performer))).turn)
        page: dict[str, str] = {}
        if monitor or monitor_edit:
            from emotion_runtime.cli.monitor_live import attach

            live = stack.enter_context(attach(sim, world, bridge, monitor_port, edit=monitor_edit))
            until = _both(until, live.turn)
            page = {"monitor": live.url}
        _end_on_signals(bridge.stop)
        if until_stdin_closes:
            threading.Thread(target=_wait_for_end_of_stdin, args=(bridge.stop,), daemon=True).start()
        stream, link, control = bridge.endpoints()
        if as_json:
            _print({"type": "listening", "stream": stream, "link": link, "control": control, **page})
        else:
            sys.stdout.write(f"{path.name}: stream {stream}, link {link}, control {control}. Ctrl-C ends.\n")
            if page:
                sys.stdout.write(f"live page: {page['monitor']}\n")
            sys.stdout.flush()
        gc.collect()
        gc.freeze()  # what is here now stays: walking through it again and again would only hold ticks up
        with contextlib.suppress(KeyboardInterrupt):
            bridge.run(until)
        status = bridge.status()
    if as_json:
        _print({"type": "summary", **status})
    else:
        tick = status["tick_ms"]
        sys.stdout.write(f"ended after {status['tick']} ticks; p50 {tick['p50']} ms, p99 {tick['p99']} ms\n")


def _never() -> bool:
    return False


def _both(one: Callable[[], bool], other: Callable[[], bool]) -> Callable[[], bool]:
    return lambda: bool(one()) | bool(other())


def _complain(trouble: str) -> None:
    sys.stderr.write(f"emotion-runtime: {trouble}\n")


def _print(value: dict[str, object]) -> None:
    try:
        sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")
        sys.stdout.flush()
    except OSError:  # whoever started us is gone, and there is nobody to tell
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123


def _end_on_signals(stop: Callable[[], None]) -> None:
    """SIGTERM, and Ctrl-Break on Windows, end as Ctrl-C does."""
    for name in ("SIGTERM", "SIGBREAK"):
        number = getattr(signal, name, None)
        if number is not None:
            signal.signal(number, lambda *_: stop())


def _wait_for_end_of_stdin(stop: Callable[[], None]) -> None:
    # not sys.stdin.read: a thread that waits there holds a lock that the interpreter wants at its end
    with contextlib.suppress(OSError):
        while os.read(0, 4096):
            pass
    stop()
