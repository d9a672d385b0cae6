"""Rules of the bundled voice model: any sound is answered, each speaker stands alone, and what it keeps is bounded."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

from emotion_runtime.errors import ModelError
from emotion_runtime.perception import VoiceJob, load_voice_model
from emotion_runtime.perception.bundled import bundled_model_folder
from emotion_runtime.perception.onnx_voice import OnnxVoiceModel
from emotion_runtime.perception.pcm import RATE, Samples, read_wav
from tests.conftest import shared_file


@pytest.fixture(scope="module")
def voice() -> OnnxVoiceModel:
    return load_voice_model()


def tone(seconds: float, hertz: float = 150.0) -> Samples:
    time = np.arange(int(seconds * RATE)) / RATE
    return np.sin(2 * np.pi * hertz * time * (1 + 0.1 * np.sin(5 * time))).astype(np.float32) * np.float32(0.3)


def pcm(sound: Samples) -> bytes:
    return (np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes()


@pytest.mark.parametrize(
    "sound",
    [
        np.zeros(0, np.float32),
        np.zeros(1, np.float32),
        np.zeros(RATE, np.float32),
        np.ones(RATE, np.float32),
        np.random.default_rng(1).uniform(-1, 1, 3 * RATE).astype(np.float32),
        tone(0.01),
        tone(60.0),
    ],
    ids=["nothing", "one sample", "silence", "a constant", "noise", "a hundredth", "a minute"],
)
def test_any_sound_gives_probabilities(voice: OnnxVoiceModel, sound: Samples) -> None:
    probabilities, learnt = voice.listen(sound)
    assert math.isclose(sum(probabilities), 1.0, abs_tol=1e-9)
    assert learnt.count.tolist() == [1.0]
    assert all(np.isfinite(each).all() for each in (learnt.total, learnt.squares))


def test_of_a_long_clip_only_the_end_counts(voice: OnnxVoiceModel) -> None:
    end = tone(8.0)
    assert voice.listen(np.concatenate([tone(20.0, 300.0), end]))[0] == voice.listen(end)[0]


def test_clips_of_others_and_partial_ones_change_nothing(voice: OnnxVoiceModel) -> None:
    voice = load_voice_model()
    job = VoiceJob(1, "anna", pcm(tone(1.5)))
    alone = load_voice_model().hear(job)
    for _ in range(3):
        voice.hear(VoiceJob(2, "bert", pcm(tone(2.0, 90.0))))
        voice.hear(VoiceJob(3, "anna", pcm(tone(2.0, 220.0)), final=False))
    assert voice.hear(job) == alone


def test_a_voice_is_got_to_know(voice: OnnxVoiceModel) -> None:
    voice = load_voice_model()
    job = VoiceJob(1, "anna", pcm(tone(1.5)))
    first = voice.hear(job)
    for pitch in (100.0, 120.0, 140.0):
        voice.hear(VoiceJob(2, "anna", pcm(tone(2.0, pitch))))
    assert voice.hear(job) != first


def test_old_clips_fade_and_the_sums_stay_bounded(voice: OnnxVoiceModel) -> None:
    known = None
    for _ in range(230):
        _, known = voice.listen(tone(0.3), known)
    assert known is not None
    assert known.count[0] <= 200.0
    assert np.abs(known.total).max() <= 5.0 * 200.0


def test_every_rate_is_heard_alike(voice: OnnxVoiceModel) -> None:
    """A microphone at 48 kHz gives the answer of the same sound at 16 kHz, to a few hundredths."""
    time = np.arange(2 * 48_000) / 48_000
    wide = (0.3 * np.sin(2 * np.pi * 150.0 * time)).astype(np.float32)
    answers = [
        load_voice_model().hear(VoiceJob(1, "anna", pcm(sound), rate))
        for sound, rate in ((wide, 48_000), (wide[::3], 16_000))
    ]
    assert np.abs(np.array(answers[0]) - np.array(answers[1])).max() < 0.05


def test_real_speech_of_the_training_set_is_understood(voice: OnnxVoiceModel) -> None:
    """A check of the file, no measure of the model: it was trained on these. The figures are in the model card."""
    letters = dict(zip("WLEAFNT", voice.labels, strict=True))
    right = 0
    clips = sorted(shared_file("data", "emodb", "wav").glob("03*.wav"))[:24]
    known = None
    for path in clips:
        probabilities, known = voice.listen(read_wav(path), known)
        right += voice.labels[int(np.argmax(probabilities))] == letters[path.stem[5]]
    assert right / len(clips) > 0.8


def test_files_are_read_in_the_folder_of_sounds_only(tmp_path: Path) -> None:
    source = shared_file("data", "emodb", "wav", "03a01Wa.wav")
    sounds = tmp_path / "sounds"
    sounds.mkdir()
    (sounds / "bark.wav").write_bytes(source.read_bytes())
    (sounds / "out.wav").symlink_to(source)
    voice = load_voice_model(sounds=sounds)
    assert sum(voice.hear(VoiceJob(1, "anna", file="bark.wav"))) == pytest.approx(1.0)
    for name in ("out.wav", "../sounds/../secret.wav"):
        with pytest.raises(ModelError) as caught:
            voice.hear(VoiceJob(1, "anna", file=name))
        assert caught.value.code == "audio_folder"
    with pytest.raises(ModelError, match="folder of sounds"):
        load_voice_model().hear(VoiceJob(1, "anna", file="bark.wav"))


@pytest.mark.parametrize("name", ["model.onnx", "labels.json"])
def test_a_damaged_folder_is_refused(tmp_path: Path, name: str) -> None:
    for path in bundled_model_folder("speech").iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    with (tmp_path / name).open("ab") as file:
        file.write(b" ")
    with pytest.raises(ModelError) as caught:
        load_voice_model(tmp_path)
    assert caught.value.code == "model_damaged"


def test_a_text_model_is_no_voice_model() -> None:
    with pytest.raises(ModelError) as caught:
        load_voice_model(bundled_model_folder("text"))
    assert caught.value.code in {"wrong_model_kind", "broken_manifest"}


def test_the_folder_says_what_the_card_says() -> None:
    folder = bundled_model_folder("speech")
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    card = (folder / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert f"{manifest['files']['model.onnx']['bytes']:,} bytes" in card
    assert f"| {100 * manifest['reliability']:.1f} |" in card
