"""Rules of taught students: lines to ask a teacher about, what each generation learns, the refit with dev's labels."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from emotion_runtime.errors import ModelError
from emotion_runtime.perception.bundled import load_text_model
from emotion_runtime.perception.results import Line
from emotion_runtime.training.text.classifier import log_softmax
from emotion_runtime.training.text.corpus import Example, labels_of, read_goemotions, read_meld
from emotion_runtime.training.text.export import ExportNames
from emotion_runtime.training.text.finish import answers, finish
from emotion_runtime.training.text.fit import FitOptions
from emotion_runtime.training.text.lines import moved, sentences
from emotion_runtime.training.text.recipe import Recipe, Trained, Workshop, average_weights
from emotion_runtime.training.text.taught import School, Taught
from tests.training import tiny

FAST = FitOptions(epochs=4, encoder_rate=5e-3, head_rate=2e-2, bfloat16=False, freeze_embeddings=False)


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workshop, School, Trained]:
    place = tmp_path_factory.mktemp("school")
    tiny.write_encoder(place / "encoder")
    tiny.write_meld(place / "meld")
    tiny.write_goemotions(place / "goemotions")
    first = FitOptions(epochs=1, most_steps=1)
    plain = Recipe(
        str(place / "encoder"),
        place / "meld",
        place / "goemotions",
        (1,),
        0,
        first,
        FAST,
        max_tokens=40,
        context_lines=1,
    )
    shop = Workshop(plain, place / "work")
    with_teacher = School(replace(plain, seeds=(2,)), between=FAST, moved=6, others=8)
    return shop, with_teacher, Taught(shop, with_teacher).train()


def test_a_sentence_follows_the_past_of_its_line_and_the_sentences_before_it() -> None:
    past = (Line("Hello.", same_speaker=False),)
    lines = [Example("No! Why me? Go.", 3, past, "1", "ann"), Example("One only.", 4, past, "1", "ann")]
    assert [(part.text, part.context) for part in sentences(lines)] == [
        ("No!", past),
        ("Why me?", (*past, Line("No!", same_speaker=True))),
        ("Go.", (*past, Line("No!", same_speaker=True), Line("Why me?", same_speaker=True))),
    ]


def test_a_moved_line_has_the_past_of_another_and_chance_is_seeded() -> None:
    lines = [Example(str(at), 0, (Line(f"before {at}", same_speaker=False),)) for at in range(40)]
    found = moved(lines, 25, seed=3)
    assert found == moved(lines, 25, seed=3) != moved(lines, 25, seed=4)
    assert len({line.text for line in found}) == 25
    assert sum(line.context[0].text == f"before {line.text}" for line in found) < 5
    assert len(moved(lines, 99, seed=1)) == 40


def test_the_second_student_learns_what_teacher_and_first_say_of_lines_without_their_labels(
    school: tuple[Workshop, School, Trained],
) -> None:
    shop, _, _ = school
    lines = read_goemotions(shop.recipe.goemotions / "goemotions_ekman_train.tsv")

    def logs(name: str) -> NDArray[np.float64]:
        return shop.say(torch.load(shop.folder / f"{name}.pt", weights_only=True), lines)

    said = np.exp(log_softmax((logs("meld-1") + logs("teacher/meld-2")) / 2.0))
    away = {name: -(said * logs(name)).sum(1).mean() for name in ("goemotions", "between")}
    assert away["between"] < away["goemotions"], "it has come nearer to what they say"


def test_the_last_generation_is_refitted_with_dev_and_chosen_by_the_one_that_was_not(
    school: tuple[Workshop, School, Trained], tmp_path: Path
) -> None:
    shop, with_teacher, trained = school
    assert list(trained.dev) == [
        f"{name}{what}" for name in ("", "second ", "taught ") for what in ("seed 1", "average")
    ]
    kept = {
        name: torch.load(shop.folder / f"{name}.pt", weights_only=True) for name in ("taught-meld-1", "last-meld-1")
    }
    assert trained.chooser is not None
    assert all(torch.equal(value, trained.chooser[name]) for name, value in kept["taught-meld-1"].items())
    assert all(torch.equal(value, trained.average[name]) for name, value in kept["last-meld-1"].items())
    names = ExportNames("tiny")
    chosen = finish(shop, trained.average, tmp_path / "last", names, chooser=trained.chooser)
    assert finish(shop, trained.chooser, tmp_path / "chooser", names) == chosen
    dev = read_meld(shop.recipe.meld / "meld_dev.csv")
    last, chooser = (answers(load_text_model(tmp_path / name, cached_lines=0), dev) for name in ("last", "chooser"))
    assert not np.array_equal(last, chooser), "the folder holds the refitted weights"
    assert len(labels_of(dev)) == len(last)
    plain = Taught(shop, replace(with_teacher, refit=False)).train()
    assert plain.chooser is None
    assert all(torch.equal(value, trained.chooser[name]) for name, value in plain.average.items())


def test_a_school_that_is_finished_is_not_held_again(school: tuple[Workshop, School, Trained]) -> None:
    shop, with_teacher, trained = school
    steps: list[str] = []
    again = Taught(Workshop(shop.recipe, shop.folder, lambda name, *_: steps.append(name)), with_teacher).train()
    assert steps == []
    assert all(torch.equal(value, trained.average[name]) for name, value in again.average.items())
    assert all(torch.equal(value, average_weights([again.seeds[1]])[name]) for name, value in again.average.items())


def test_a_teacher_that_is_not_there_is_told_before_anything_is_trained(
    school: tuple[Workshop, School, Trained], tmp_path: Path
) -> None:
    nobody = Recipe(str(tmp_path / "nobody"), tmp_path, tmp_path)
    shop, with_teacher, _ = school
    with pytest.raises(ModelError, match="is no encoder") as caught:
        Taught(Workshop(shop.recipe, tmp_path / "work"), replace(with_teacher, teacher=nobody))
    assert caught.value.code == "encoder_missing"
