"""The cross-modal network from corpus to sidecar: it learns what no modality tells alone, and is used there."""

from __future__ import annotations

import functools
import json
import time
import wave
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
import torch
from typer.testing import CliRunner

from emotion_runtime.cli import app
from emotion_runtime.cli.launch import Sidecar
from emotion_runtime.cli.perceiving import cross_modal
from emotion_runtime.errors import ModelError, UsageError
from emotion_runtime.joining import Joint
from emotion_runtime.outputs import Perceived
from emotion_runtime.perception import InlineService, load_text_model, load_voice_model
from emotion_runtime.perception.joint_folder import open_joint_folder
from emotion_runtime.perception.moments import Moment, Sound
from emotion_runtime.perception.onnx_joint import OnnxJointModel
from emotion_runtime.perception.onnx_text import OnnxTextModel
from emotion_runtime.record import Recorder, Replay
from emotion_runtime.scene import bundled_scene, load_scene
from emotion_runtime.simulation import Simulation
from emotion_runtime.training.joint.fit import load
from emotion_runtime.training.joint.front_ends import LineReader, SoundReader
from emotion_runtime.training.text.corpus import LABELS
from protocol import messages
from tests.endtoend.conftest import endpoints
from tests.training import joined, tiny
from unity_bridge import EngineClient

TAVERN = load_scene(bundled_scene("tavern"))
WHO, OTHER = TAVERN.characters[0].id, TAVERN.characters[1].id
ODD = 3
LONGER = ("--epochs", 16, "--batch", 10, "--patience", 16)


def told(*arguments: object) -> dict[str, Any]:
    found = CliRunner().invoke(app, [*map(str, arguments), "--json"], catch_exceptions=False)
    assert found.exit_code == 0, found.output
    record: dict[str, Any] = json.loads(found.stdout.splitlines()[-1])
    return record


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Trained and exported through the commands, on lines, sounds and faces."""
    folder = tmp_path_factory.mktemp("joint")
    tiny.write_encoder(folder / "encoder")
    raw = joined.write(folder / "raw")
    record = told(
        *("train", "multimodal", "--raw", raw, "--base", folder / "encoder", "--arkit", raw / "faces"),
        *("--seeds", "1", *LONGER, "--cache", folder / "cache", "-o", folder / "work"),
    )
    record |= told("export", "multimodal", folder / "work", "-o", folder / "model")
    (folder / "told.json").write_text(json.dumps(record), encoding="utf-8")
    return folder


@pytest.fixture
def model(place: Path) -> OnnxJointModel:
    return OnnxJointModel(open_joint_folder(place / "model"))


def moment(label: int) -> Moment:
    return Moment(f"{joined.word(label)} the king", Sound(joined.tone(label, seed=77), joined.RATE), None)


def test_the_network_learns_what_no_modality_tells_alone(place: Path) -> None:
    record = json.loads((place / "told.json").read_text(encoding="utf-8"))
    scores = record["test_with"]
    alone = max(value for name, value in scores.items() if name != "all")
    assert scores["all"] > alone + 10.0
    assert record["modalities"] == {"text": 32, "visual": 104, "acoustic": 633}
    assert record["reliability"] == pytest.approx(record["dev_accuracy"] / 100.0, abs=1e-3)


def test_a_second_run_trains_nothing_again_and_comes_to_the_same(place: Path) -> None:
    raw = place / "raw"
    before = (place / "work" / "seed-1.pt").stat().st_mtime_ns
    record = told(
        *("train", "multimodal", "--raw", raw, "--base", place / "encoder", "--arkit", raw / "faces"),
        *("--seeds", "1", *LONGER, "--cache", place / "cache", "-o", place / "work"),
    )
    assert (place / "work" / "seed-1.pt").stat().st_mtime_ns == before
    assert record["test_with"] == json.loads((place / "told.json").read_text(encoding="utf-8"))["test_with"]


@pytest.mark.parametrize("seen", [("text", "acoustic", "visual"), ("text", "acoustic"), ("text",), ("acoustic",), ()])
def test_the_exported_file_answers_as_torch_with_any_modality_missing(place: Path, seen: tuple[str, ...]) -> None:
    trained = load(place / "work" / "network.pt")
    session = onnxruntime.InferenceSession(str(place / "model" / "model.onnx"))
    random = np.random.default_rng(len(seen))
    for steps in (1, 3, 8):
        feed: dict[str, Any] = {}
        sequences, masks = {}, {}
        for name in trained.network.names:
            scale = trained.scales[name]
            plain = random.normal(size=(1, steps, len(scale.mean)))
            mask = np.full((1, steps), name in seen)
            mask[0, :-1] &= random.random(steps - 1) < 0.5
            feed |= {name: (plain * scale.scale + scale.mean).astype(np.float32), f"{name}_mask": mask}
            sequences[name], masks[name] = torch.from_numpy(plain).float(), torch.from_numpy(mask)
        (found,) = session.run(["logits"], feed)
        with torch.inference_mode():
            wanted = trained.network(sequences, masks).numpy()
        np.testing.assert_allclose(found, wanted, atol=2e-3)


def test_a_line_and_a_sound_go_through_the_front_ends_they_were_trained_on(
    place: Path, model: OnnxJointModel, tmp_path: Path
) -> None:
    clip = place / "raw" / "dev_splits_complete" / "dia0_utt1.mp4"
    with wave.open(str(clip), "rb") as file:
        pcm = file.readframes(file.getnframes())
    moments = [Moment("damn the king", None, None), Moment("so the ale", Sound(pcm, joined.RATE), None)]
    answer = model.judge(moments)
    assert sum(answer) == pytest.approx(1.0)
    texts = LineReader(place / "work" / "front-ends", tmp_path)([each.text for each in moments])
    heard = SoundReader(place / "work" / "front-ends")(clip)
    assert heard is not None
    np.testing.assert_array_equal(moments[0].vectors["text"], texts[0].astype(np.float32))
    np.testing.assert_array_equal(moments[1].vectors["text"], texts[1].astype(np.float32))
    np.testing.assert_allclose(np.asarray(moments[1].vectors["acoustic"]), heard, rtol=1e-4, atol=1e-4)
    assert moments[0].vectors["acoustic"] is None


def test_a_sound_is_heard_once_and_may_then_be_forgotten(model: OnnxJointModel) -> None:
    earlier, now = moment(1), moment(2)
    model.judge([earlier])
    with_sound = model.judge([earlier, now])
    assert model.judge([earlier.without_sound(), now]) == with_sound
    assert model.judge([Moment(earlier.text, None, None), now]) != with_sound


@functools.cache
def text_model() -> OnnxTextModel:
    return load_text_model()


def simulation(folder: Path, joint: Joint | None = None, **more: Any) -> Simulation:
    joint = joint or cross_modal(folder, None)
    return Simulation(
        TAVERN,
        perception=InlineService(text_model),
        voice=InlineService(load_voice_model),
        voice_reliability=0.8,
        joint=joint,
        rate=20.0,
        **more,
    )


def speak(sim: Any, label: int, number: int) -> list[Perceived]:
    sim.voice(WHO, joined.tone(label, seed=5), OTHER, number=number, last=True, transcript=True)
    sim.say(WHO, f"{joined.word(label)} the king", OTHER)
    return list(sim.step().perceptions)


def test_the_sidecar_asks_the_network_where_two_modalities_are_there(place: Path, model: OnnxJointModel) -> None:
    with simulation(place / "model") as sim:
        (heard,) = speak(sim, ODD, 1)
        assert heard.modality == "text+voice"
        said = Moment(f"{joined.word(ODD)} the king", Sound(joined.tone(ODD, seed=5), joined.RATE), None)
        wanted = dict(zip(model.labels, model.judge([said]), strict=True))
        assert dict(zip(heard.labels, heard.probabilities, strict=True)) == pytest.approx(wanted)
        assert (sim.health()["multimodal"]["judged"], sim.health()["multimodal"]["fell_back"]) == (1, 0)
        sim.say(WHO, "Alone.", OTHER)
        (text,) = sim.step().perceptions
        assert text.modality == "text"
        sim.voice(WHO, joined.tone(1), OTHER, number=9, last=True)
        (voice,) = sim.step().perceptions
        assert voice.modality == "voice"
        assert sim.health()["multimodal"]["judged"] == 1


def test_a_face_counts_as_a_modality_of_what_its_owner_says(place: Path) -> None:
    with simulation(place / "model") as sim:
        sim.face(WHO, {"mouthSmileLeft": 0.8, "jawOpen": 0.1})
        sim.say(WHO, "great the king")
        (heard,) = sim.step().perceptions
        assert heard.modality == "text+face"
        assert sim.health()["multimodal"]["judged"] == 1


def test_when_the_network_fails_the_rule_decides_and_it_is_counted(place: Path) -> None:
    class Broken:
        labels = LABELS

        def judge(self, moments: object) -> tuple[float, ...]:
            raise RuntimeError("broken")

    good = cross_modal(place / "model", None)
    broken = Joint(InlineService(Broken), good.modalities, good.steps, good.reliability)
    with simulation(place / "model", broken) as sim:
        (heard,) = speak(sim, ODD, 1)
        assert (heard.failed, heard.modality) == ("", "text+voice")
        figures = sim.health()["multimodal"]
        assert (figures["judged"], figures["fell_back"], figures["under_way"]) == (0, 1, 0)
        assert "broken" in figures["trouble"]


class Late:
    """A service whose answers come when the test lets them."""

    def __init__(self) -> None:
        self.jobs: list[Any] = []
        self.cancelled: list[int] = []
        self.ready: list[Any] = []

    def submit(self, job: Any) -> bool:
        self.jobs.append(job)
        return True

    def collect(self) -> list[Any]:
        ready, self.ready = self.ready, []
        return ready

    def wait(self, count: int | None = None, timeout: float | None = None) -> list[Any]:
        return self.collect()

    def cancel(self, ticket: int) -> None:
        self.cancelled.append(ticket)

    def health(self) -> Any:
        return InlineService(text_model).health()

    def close(self) -> None:
        pass


def test_what_the_network_does_not_answer_in_a_second_the_rule_decides(place: Path) -> None:
    service = Late()
    good = cross_modal(place / "model", None)
    with simulation(place / "model", Joint(service, good.modalities, good.steps, good.reliability)) as sim:
        sim.voice(WHO, joined.tone(1), OTHER, number=1, last=True, transcript=True)
        sim.say(WHO, "damn the king", OTHER)
        told = [each for _ in range(20) for each in sim.step(wait=False).perceptions]
        assert told == []
        (heard,) = sim.step(wait=False).perceptions
        assert heard.modality == "text+voice"
        assert service.cancelled == [job.ticket for job in service.jobs]
        assert sim.health()["perception"]["answered"] == 1


@pytest.mark.parametrize("wait", [True, False])
def test_a_recording_replays_exactly_without_the_network(place: Path, tmp_path: Path, wait: bool) -> None:
    path = tmp_path / "joint.emr"
    worker = cross_modal(place / "model", None)
    inline = InlineService(lambda: OnnxJointModel(open_joint_folder(place / "model")))
    sim = simulation(place / "model", worker if wait else replace(worker, service=inline))
    with Recorder(sim, path) as recorder:
        recorder.face(WHO, {}, neutral=True)
        for tick in range(40):
            recorder.face(WHO, {"mouthSmileLeft": tick / 40})
            if tick % 8 == 0:
                recorder.voice(WHO, joined.tone(tick % 7), OTHER, number=1 + tick // 8, last=True, transcript=True)
                recorder.say(WHO, f"{joined.word(tick % 7)} the king", OTHER)
            if tick % 8 == 3:
                recorder.say(OTHER, "so?", WHO)
            recorder.step(wait=wait)
        judged = sim.health()["multimodal"]["judged"]
    assert judged > 0
    with Replay(path) as replay:
        outcome = replay.run()
        assert replay.header.joint is not None
    assert (outcome.ticks, outcome.equal, outcome.difference) == (40, True, None)


def test_a_reload_decides_what_is_under_way_by_the_rule(place: Path) -> None:
    good = cross_modal(place / "model", None)
    with simulation(place / "model", Joint(Late(), good.modalities, good.steps, good.reliability)) as sim:
        sim.voice(WHO, joined.tone(1), OTHER, number=1, last=True, transcript=True)
        sim.say(WHO, "damn the king", OTHER)
        assert sim.step(wait=False).perceptions == ()
        saved = sim.save()
        sim.reload()
        (heard,) = sim.step(wait=False).perceptions
        assert heard.modality == "text+voice"
    with simulation(place / "model") as back:
        back.restore(saved)
        (again,) = back.step().perceptions
        assert again.probabilities == heard.probabilities


@pytest.mark.parametrize(
    ("file", "change", "code"),
    [
        ("model.onnx", lambda data: data[:-1], "model_damaged"),
        ("acoustic.onnx", lambda data: data[:50] + b"x" + data[51:], "model_damaged"),
        ("tokenizer.json", lambda data: data + b" ", "model_damaged"),
        ("manifest.json", lambda data: data.replace(b'"encoder"', b'"sound"'), "broken_manifest"),
        ("manifest.json", lambda data: data.replace(b'"size": 104', b'"size": 52'), "broken_manifest"),
        ("manifest.json", lambda data: data.replace(b'"multimodal"', b'"text"'), "wrong_model_kind"),
        ("manifest.json", lambda data: data.replace(b'"size": 32', b'"size": 33'), "model_signature"),
        ("labels.json", None, "model_file_missing"),
    ],
)
def test_a_folder_that_is_not_what_was_sealed_is_refused(
    place: Path, tmp_path: Path, file: str, change: Any, code: str
) -> None:
    for each in (place / "model").iterdir():
        (tmp_path / each.name).write_bytes(each.read_bytes())
    path = tmp_path / file
    data = path.read_bytes()
    path.unlink()
    if change is not None:
        path.write_bytes(change(data))
    with pytest.raises(ModelError) as caught:
        OnnxJointModel(open_joint_folder(tmp_path))
    assert caught.value.code == code
    assert caught.value.message


def test_doctor_checks_a_cross_modal_network(place: Path) -> None:
    record = told("doctor", "--multimodal", place / "model")
    (found,) = [part for part in record["parts"] if part["name"] == "cross-modal network"]
    assert found["here"]
    assert "text + visual + acoustic" in found["good_for"]


def test_faces_come_from_one_place_and_what_was_not_trained_is_not_exported(place: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not both"):
        told(
            "train",
            "multimodal",
            "--raw",
            place,
            "--base",
            "x",
            "-o",
            tmp_path,
            "--arkit",
            place,
            "--face-model",
            place,
        )
    with pytest.raises(UsageError, match="cannot be read"):
        told("export", "multimodal", tmp_path, "-o", tmp_path / "out")


def test_serve_asks_the_network_about_what_an_engine_lets_be_said(place: Path) -> None:
    """Over real sockets, in a process of its own, with the bundled models beside it."""
    with (
        Sidecar(bundled_scene("tavern"), ("--multimodal", str(place / "model"))) as sidecar,
        EngineClient.connect(endpoints=endpoints(sidecar), name="tests") as engine,
    ):
        ends = time.monotonic() + 60.0
        while figures(engine)["state"] != "ready" and time.monotonic() < ends:
            engine.poll(0.1)
        engine.face(WHO, {"mouthSmileLeft": 0.5})
        number = engine.say(WHO, "great the king", to=OTHER)
        heard: list[messages.Perception] = []
        while not heard and time.monotonic() < ends:
            heard = [each for each in engine.poll(0.1) if isinstance(each, messages.Perception) and each.utterance]
        judged = figures(engine)["judged"]
    assert [(each.utterance, each.failed, each.modality) for each in heard] == [(number, "", "text+face")]
    assert judged == 1


def figures(engine: EngineClient) -> dict[str, Any]:
    found: dict[str, Any] = engine.request("status").result["world"]["multimodal"]
    return found
