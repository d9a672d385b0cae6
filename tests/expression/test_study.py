"""The study kit and its statistics: the paper's own table gives the known figures, and files are checked."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

from emotion_runtime.errors import UsageError
from emotion_runtime.expression import reader
from emotion_runtime.expression.evaluation import read_by_machine
from emotion_runtime.expression.landmarks import read_basis
from emotion_runtime.expression.reader import PROTOTYPES, UNITS, confusion
from emotion_runtime.expression.recipe import default_recipes
from emotion_runtime.expression.statistics import bootstrap, mean_ci, spread, t_quantile, wilson
from emotion_runtime.expression.study.clips import Clip, make_clips
from emotion_runtime.expression.study.kit import read_answers, read_key, write_study
from emotion_runtime.expression.study.report import study_report
from tests.conftest import shared_file

TABLE_6 = (82.35, 81.09, 82.44, 83.92, 84.21, 83.09, 80.47, 82.55, 81.36, 82.45, 80.23, 82.17, 83.42, 80.24, 80.12)
"""Overall ratings as the paper prints them."""
LABELS = ("anger", "disgust", "fear", "joy", "neutral", "sadness", "surprise")


def test_the_papers_ratings_have_this_mean_interval_and_spread() -> None:
    mean, low, high = mean_ci(TABLE_6)
    assert mean == pytest.approx(82.007, abs=5e-4)
    assert (low, high) == pytest.approx((81.25, 82.76), abs=5e-3)
    assert spread(TABLE_6) == pytest.approx((80.16, 84.11), abs=5e-3)


def test_t_quantiles_are_those_of_the_tables() -> None:
    for freedom, value in ((1, 12.706), (4, 2.776), (14, 2.145), (1000, 1.962)):
        assert t_quantile(0.975, freedom) == pytest.approx(value, abs=1e-3)


def test_few_values_have_no_interval() -> None:
    assert math.isnan(mean_ci([5.0])[1])
    assert math.isnan(mean_ci([])[0])
    assert math.isnan(bootstrap(np.ones(3), np.zeros(3, int), np.arange(3), 1)[0])
    assert wilson(8, 10) == pytest.approx((0.4902, 0.9433), abs=1e-4)


def test_the_bootstrap_over_people_is_wider_when_people_differ() -> None:
    random = np.random.default_rng(1)
    people, clips = np.repeat(np.arange(20), 20), np.tile(np.arange(20), 20)
    alike = random.normal(0.0, 1.0, 400)
    differing = random.normal(0.0, 1.0, 20)[people]
    narrow, wide = bootstrap(alike, people, clips, 1, 300), bootstrap(differing, people, clips, 1, 300)
    assert wide[1] - wide[0] > 2.0 * (narrow[1] - narrow[0])
    assert bootstrap(alike, people, clips, 1, 300) == narrow


def answers(folder: Path, person: int, right: int) -> Path:
    key = json.loads((folder / "key.json").read_text(encoding="utf-8"))
    rows = [
        {
            "clip": clip, "label": truth if number < right else "neutral", "overall": 80 + number, "most": truth,
            "most_score": 90, "least": "disgust" if truth != "disgust" else "joy", "least_score": 30,
        }
        for number, (clip, truth) in enumerate(key["truth"].items())
    ]  # fmt: skip
    file = folder / f"answers-{person}.json"
    file.write_text(json.dumps({"study": key["study"], "person": person, "answers": rows}), encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def clips() -> list[Clip]:
    return make_clips(7, 3)


@pytest.fixture
def study(tmp_path: Path, clips: list[Clip]) -> Path:
    write_study(tmp_path, clips, LABELS, 3)
    return tmp_path


def test_a_study_is_a_page_without_a_network_and_a_key(study: Path, clips: list[Clip]) -> None:
    page = (study / "index.html").read_text(encoding="utf-8")
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "")
    assert "@DATA@" not in page
    key = read_key(study / "key.json")
    assert sorted(key.truth.values()) == list(LABELS)
    again = write_study(study / "again", clips, LABELS, 3)
    assert again == key
    assert write_study(study / "other", clips, LABELS, 4).study != key.study


def test_the_report_prints_the_papers_figures(study: Path) -> None:
    key = read_key(study / "key.json")
    files = [answers(study, person, 4 + person) for person in (1, 2, 3)]
    text = study_report(key, read_answers(files, key))
    assert "accuracy 85.71 % of 21 answers, 3 people, 7 clips" in text
    assert "Figure 5" in text and "Table 6" in text and "Figure 6" in text
    assert "mean 83.00; mean_ci [" in text
    assert "most often said to agree least" in text
    assert text == study_report(key, read_answers(files, key))


def test_one_persons_answers_are_reported_without_invented_intervals(study: Path) -> None:
    key = read_key(study / "key.json")
    assert "[too few]" in study_report(key, read_answers([answers(study, 1, 7)], key))


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"study": "other"}, "another study"),
        ({"person": "me"}, "no answers"),
        ({"answers": [{"clip": "clip999"}]}, "no such clip"),
        ({"answers": [{"clip": "clip001", "label": "smug", "most": "joy", "least": "joy"}]}, "label"),
        (
            {"answers": [{"clip": "clip001", "label": "joy", "most": "joy", "least": "joy", "overall": 101,
                          "most_score": 1, "least_score": 1}]},
            "0..100",
        ),
        ({"answers": []}, "no answers"),
    ],
)  # fmt: skip
def test_answers_that_do_not_fit_are_refused(study: Path, change: dict[str, object], place: str) -> None:
    key = read_key(study / "key.json")
    file = answers(study, 1, 7)
    file.write_text(json.dumps({**json.loads(file.read_text(encoding="utf-8")), **change}), encoding="utf-8")
    with pytest.raises(UsageError, match=place):
        read_answers([file], key)


def test_nobody_judges_a_clip_twice(study: Path) -> None:
    key = read_key(study / "key.json")
    file = answers(study, 1, 7)
    with pytest.raises(UsageError, match="twice"):
        read_answers([file, file], key)


def test_clips_show_what_they_mean_and_come_out_alike(clips: list[Clip]) -> None:
    assert [clip.truth for clip in clips] == list(LABELS)
    more = make_clips(8, 3)
    assert [clip.spoken != "" for clip in more] == [False] * 7 + [True]
    assert more[:7] == clips
    assert clips[3].frames[0] != clips[3].frames[-1]
    with pytest.raises(UsageError):
        make_clips(0, 1)


def test_the_reader_knows_nothing_of_the_generators_table_and_covers_its_labels() -> None:
    assert "recipe import" not in Path(reader.__file__).read_text(encoding="utf-8")
    assert set(PROTOTYPES) == set(default_recipes().emotions)
    assert {unit for variants in PROTOTYPES.values() for variant in variants for unit in variant} <= set(UNITS)


def test_the_machine_reader_tells_the_faces_apart() -> None:
    basis = read_basis(shared_file("data", "face", "ict68_arkit52.npz"))
    silent, speaking = (read_by_machine(basis, 21, speaking=each, each=40) for each in (False, True))
    assert silent.accuracy >= 0.85
    assert speaking.accuracy >= 0.70
    assert silent.counts.sum() == 280


def test_a_confusion_matrix_has_what_was_shown_in_its_rows() -> None:
    counts = confusion(["joy", "joy", "fear"], ["joy", "fear", "fear"], ("fear", "joy"))
    assert counts.tolist() == [[1, 0], [1, 1]]
