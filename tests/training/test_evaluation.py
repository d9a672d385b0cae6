"""Rules of evaluation: intervals, tables, pictures, and the join of text, voice and face from made-up clips."""

from __future__ import annotations

import csv
import importlib.util
import json
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree

import av
import numpy as np
import pytest

from emotion_runtime.errors import MissingExtraError, UsageError
from emotion_runtime.expression.shapes import ARKIT, COLUMN
from emotion_runtime.training.baselines.paper import PaperNetwork
from emotion_runtime.training.evaluation.arkit import ArkitReader, MediaPipeReader, arkit_frame, frames_of
from emotion_runtime.training.evaluation.bootstrap import weighted_f1_interval
from emotion_runtime.training.evaluation.clips import RATE, OpenFaceReader, SpeechReader, read_sound
from emotion_runtime.training.evaluation.features import UtteranceVectors
from emotion_runtime.training.evaluation.meld_raw import ClipReader, raw_corpus, read_raw_part
from emotion_runtime.training.evaluation.pictures import confusion_svg, words_svg
from emotion_runtime.training.evaluation.tables import (
    as_markdown,
    as_record,
    as_text,
    class_rows,
    entry,
    measure_rows,
)
from emotion_runtime.training.text.corpus import LABELS, read_meld
from tests.training import tiny

TRUTH = np.arange(210) % 7


def table(seed: int, strength: float = 2.0) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    logits = strength * np.eye(7)[TRUTH] + np.random.default_rng(seed).normal(size=(210, 7))
    powers = np.exp(logits)
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def test_the_interval_holds_the_score_and_shrinks_with_more_rows() -> None:
    said = table(0).argmax(axis=1)
    found = entry("m", LABELS, TRUTH, [table(0)])
    assert found.interval.low < found.weighted[0] < found.interval.high
    more = weighted_f1_interval(np.tile(TRUTH, 16), np.tile(said, 16), 7)
    assert more.high - more.low < 0.35 * (found.interval.high - found.interval.low)


def test_the_bootstrap_deviation_is_that_of_a_share() -> None:
    truth = np.zeros(400, dtype=np.int64)
    found = weighted_f1_interval(truth, np.where(np.arange(400) < 300, 0, 1), 2, resamples=4000)
    # F1 of one class with recall r and precision 1 is 2r/(1+r); its slope at r = 3/4 is 2/(1+r)^2.
    expected = 2 / (1 + 0.75) ** 2 * np.sqrt(0.75 * 0.25 / 400)
    assert found.deviation == pytest.approx(expected, rel=0.1)


def test_tables_have_the_papers_columns_in_three_forms() -> None:
    entries = [entry("ours", LABELS, TRUTH, [table(0), table(1)]), entry("rnn", LABELS, TRUTH, [table(2)], True)]
    header, rows = class_rows(entries)
    assert header[1:9] == [*LABELS, "weighted"]
    assert float(rows[0][8]) == pytest.approx(100 * entries[0].weighted.mean(), abs=0.01)
    assert rows[1][0] == "rnn *"
    assert measure_rows(entries)[0] == ["model", "Prec.", "Rec.", "F1", "Acc."]
    assert len({len(line) for line in as_text(header, rows).splitlines()}) == 1
    assert as_markdown(header, rows).splitlines()[1].count("---") == len(header)
    held = json.loads(json.dumps(as_record(entries)))
    assert held[0]["weighted_f1"] == entries[0].weighted.tolist()
    assert np.sum(held[0]["confusion"]) == len(TRUTH)


def test_pictures_are_sound_svg_with_every_label_and_word() -> None:
    found = entry("a <b>", LABELS, TRUTH, [table(0)]).scores[0]
    drawn = ElementTree.fromstring(confusion_svg(found.confusion, LABELS, "a <b>"))
    texts = {part.text for part in drawn.iter() if part.text}
    assert {"a <b>", *LABELS} <= texts
    drawn = ElementTree.fromstring(words_svg(["no", "&"], np.array([[0.25, 0.75], [0.5, 0.5]]), "t"))
    assert {"no", "&", "0.375", "0.625"} <= {part.text for part in drawn.iter() if part.text}


def test_utterance_vectors_are_read_from_the_cache_the_second_time(tmp_path: Path) -> None:
    base = tiny.write_encoder(tmp_path / "encoder")
    rows = read_meld(tiny.write_meld(tmp_path / "meld", 12) / "meld_train.csv")
    asked: list[int] = []
    vectors = UtteranceVectors(base, cache=tmp_path / "cache")
    first = vectors(rows, lambda done, all_: asked.append(done))
    assert first.shape == (12, 32)
    assert asked[-1] == 12
    asked.clear()
    np.testing.assert_array_equal(vectors(rows, lambda done, all_: asked.append(done)), first)
    assert asked == []


def write_clip(path: Path, pitch: float, seconds: float = 0.5, sound: bool = True) -> None:
    """A film of a grey square; a tone with overtones for a voice."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w") as container:
        film = container.add_stream("mpeg4", rate=10)
        film.width = film.height = 32
        film.pix_fmt = "yuv420p"
        voice = container.add_stream("aac", rate=RATE, layout="mono") if sound else None
        for _ in range(int(seconds * 10)):
            frame = av.VideoFrame.from_ndarray(np.full((32, 32, 3), 128, dtype=np.uint8), format="rgb24")
            container.mux(film.encode(frame))
        container.mux(film.encode())
        if voice is None:
            return
        time = np.arange(int(seconds * RATE)) / RATE
        wave = sum(np.sin(2 * np.pi * pitch * k * time) / k for k in range(1, 8))
        samples = np.asarray(0.3 * wave, dtype=np.float32)[None]
        tone = av.AudioFrame.from_ndarray(samples, format="fltp", layout="mono")
        tone.sample_rate, tone.time_base, tone.pts = RATE, Fraction(1, RATE), 0
        container.mux(voice.encode(tone))
        container.mux(voice.encode())


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The official download in small: CSV files by its names, clips in its folders, one clip missing, one broken."""
    folder = tmp_path_factory.mktemp("MELD.Raw")
    tiny.write_meld(folder, 12)
    for part, place in (
        ("train", "train_splits"),
        ("dev", "dev_splits_complete"),
        ("test", "output_repeated_splits_test"),
    ):
        table_path = (folder / f"meld_{part}.csv").rename(folder / f"{part}_sent_emo.csv")
        with table_path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        for number, row in enumerate(rows):
            clip = folder / place / f"dia{row['Dialogue_ID']}_utt{row['Utterance_ID']}.mp4"
            write_clip(clip, 100.0 + 40.0 * LABELS.index(row["Emotion"]), sound=number != 3)
            faces = folder / "openface" / place / f"{clip.stem}.csv"
            faces.parent.mkdir(parents=True, exist_ok=True)
            faces.write_text(
                "frame, success, AU01_r, AU12_r\n1, 1, 0.5, 2.0\n2, 1, 1.5, 4.0\n3, 0, 9, 9\n", encoding="utf-8"
            )
    (folder / "train_splits" / "dia0_utt1.mp4").write_bytes(b"no film")
    (folder / "train_splits" / "dia0_utt2.mp4").unlink()
    return folder


def test_text_voice_and_face_of_the_official_download_are_joined(raw: Path, tmp_path: Path) -> None:
    part = read_raw_part(raw, "train")
    assert part.missing == 1
    readers: dict[str, ClipReader] = {"acoustic": SpeechReader(), "visual": OpenFaceReader(raw / "openface")}
    text = np.random.default_rng(0).normal(size=(12, 5))
    told: list[tuple[str, int, int]] = []
    joined = raw_corpus(part, text, readers, tmp_path, lambda *step: told.append(step))
    assert joined.there["acoustic"].tolist() == [at not in (1, 2, 3) for at in range(12)]
    assert joined.there["visual"].tolist() == [at != 2 for at in range(12)]
    assert joined.features["visual"][0].tolist() == [1.0, 3.0, 0.5, 1.0]
    assert told[-1] == ("visual", 12, 12)
    model = PaperNetwork()
    model.fit(joined, joined, 1)
    np.testing.assert_allclose(model.probabilities(joined).sum(axis=1), 1.0)


def test_a_second_run_decodes_no_clip(raw: Path, tmp_path: Path) -> None:
    part = read_raw_part(raw, "dev")
    reader = SpeechReader()
    first = raw_corpus(part, np.zeros((6, 2)), {"acoustic": reader}, tmp_path)

    class Refusing:
        name, size = reader.name, reader.size

        def __call__(self, clip: Path) -> None:
            raise AssertionError(clip)

    second = raw_corpus(part, np.zeros((6, 2)), {"acoustic": Refusing()}, tmp_path)
    np.testing.assert_allclose(second.features["acoustic"], first.features["acoustic"], rtol=1e-6)


def test_the_sound_of_a_clip_is_sixteen_kilohertz_in_one_channel(raw: Path) -> None:
    sound = read_sound(raw / "dev_splits_complete" / "dia0_utt0.mp4")
    assert sound is not None
    assert len(sound) == pytest.approx(RATE / 2, rel=0.2)
    assert 0.1 < np.abs(sound).max() <= 1.0
    assert read_sound(raw / "train_splits" / "dia0_utt1.mp4") is None


def test_what_the_download_lacks_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"test_sent_emo\.csv"):
        read_raw_part(tmp_path, "test")
    with pytest.raises(UsageError, match="no CSV files"):
        OpenFaceReader(tmp_path)
    with pytest.raises((MissingExtraError, UsageError)):
        MediaPipeReader(tmp_path / "face_landmarker.task")


def test_a_face_is_looked_at_five_times_a_second(raw: Path) -> None:
    frames = list(frames_of(raw / "dev_splits_complete" / "dia0_utt0.mp4"))
    assert [frame.shape for frame in frames] == [(32, 32, 3)] * 3  # half a second: at 0.0, 0.2 and 0.4
    assert abs(int(frames[0].mean()) - 128) < 4
    assert list(frames_of(raw / "train_splits" / "dia0_utt1.mp4")) == []


def test_coefficients_of_a_landmarker_go_by_name(tmp_path: Path) -> None:
    scores = [SimpleNamespace(category_name=name, score=at / 100) for at, name in enumerate(("_neutral", *ARKIT[::-1]))]
    assert arkit_frame(scores) == [(52 - at) / 100 for at in range(52)]
    (tmp_path / "c.csv").write_text("Timecode,JawOpen,MouthSmileLeft\n0,0.5,0.25\n1,0.5,0.75\n", encoding="utf-8")
    row = ArkitReader(tmp_path)(tmp_path / "c.mp4")
    assert row is not None
    assert (row[COLUMN["jawOpen"]], row[52 + COLUMN["mouthSmileLeft"]], row.sum()) == (0.5, 0.25, 1.25)
    (tmp_path / "c.csv").write_text("a,b\n0,1\n", encoding="utf-8")
    with pytest.raises(UsageError, match="no ARKit coefficient"):
        ArkitReader(tmp_path)(tmp_path / "c.mp4")


def test_a_landmarker_that_is_none_is_refused_in_words(tmp_path: Path) -> None:
    if importlib.util.find_spec("mediapipe") is None:
        pytest.skip("mediapipe is not installed: extra `research`")
    (tmp_path / "face_landmarker.task").write_bytes(b"nothing")
    with pytest.raises(UsageError, match="MediaPipe refuses it"):
        MediaPipeReader(tmp_path / "face_landmarker.task")
