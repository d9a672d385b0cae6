"""What is drawn follows from the seed; what an object does follows from who sees it and who came first."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from emotion_runtime import InputError, Simulation
from emotion_runtime.scene import load_scene

DANCERS = """\
scene: dancers
language: 1
archetypes:
  dancer: {tags: [guest], can: [waltz, polka, rest], tree: dance}
characters:
PEOPLE
objects:
  lamp:
    at: [0, 0]
    vars: {lit: true}
    rules:
      shine: {trigger: lit, bearer: all(guest) within 50 m, effect: {joy: +0.2/s}, in_sight: true}
      seat: {trigger: lit, bearer: all(guest) within 5 m, effect: {sadness: +0.2/s}, capacity: 1, claims: true}
rules:
  waltz: {bearer: self, trigger: joy < 0.99, lasts: 1 s}
  polka: {bearer: self, trigger: joy < 0.99, lasts: 1 s}
  rest: {bearer: self, trigger: joy < 0.99, lasts: 1 s}
trees:
  dance: {modify: {choose: [waltz, polka, rest], weights: [3, 1, 1]}, with: [cooldown 0.2..1 s]}
"""


def dancers(folder: Path, names: list[str]) -> Path:
    path = folder / f"dancers_{len(names)}.yaml"
    people = "\n".join(f"  {name}: {{is: dancer, at: [{place}, 0]}}" for place, name in enumerate(names))
    path.write_text(DANCERS.replace("PEOPLE", people), encoding="utf-8")
    return path


def danced(path: Path, seed: int, seconds: float = 20.0) -> dict[str, list[tuple[str, float]]]:
    """What each character started, and when."""
    started: dict[str, list[tuple[str, float]]] = {}
    with Simulation.from_scene(path, seed=seed, perception=None, rate=20.0) as sim:
        while sim.time < seconds:
            result = sim.step()
            for command in result.commands:
                if hasattr(command, "lasts"):
                    started.setdefault(command.character, []).append((command.rule, result.time))
    return started


def test_the_same_seed_gives_the_same_run(tmp_path: Path) -> None:
    path = dancers(tmp_path, ["anna", "ben"])
    assert danced(path, 7) == danced(path, 7)


def test_another_seed_gives_another_run(tmp_path: Path) -> None:
    path = dancers(tmp_path, ["anna", "ben"])
    assert danced(path, 7) != danced(path, 8)
    digests = []
    for seed in (7, 8):
        with Simulation.from_scene(path, seed=seed, perception=None) as sim:
            digests.append(sim.step().digest)
    assert digests[0] != digests[1]


def test_a_newcomer_changes_nobodys_chances(tmp_path: Path) -> None:
    few, more = danced(dancers(tmp_path, ["anna", "ben"]), 3), danced(dancers(tmp_path, ["aaron", "anna", "ben"]), 3)
    assert few == {name: more[name] for name in few}
    assert more["anna"] != more["ben"]


def test_the_streams_are_part_of_the_state_where_anything_is_drawn(tmp_path: Path) -> None:
    with Simulation.from_scene(dancers(tmp_path, ["anna", "ben"]), perception=None) as sim:
        (streams,) = sim.state()["chance"]
        assert len(set(streams.tolist())) == 2
    digests = set()
    for seed in (1, 2):
        with Simulation.from_scene("tavern", seed=seed, perception=None) as sim:
            assert "chance" not in sim.state()
            digests.add(sim.step().digest)
    assert len(digests) == 1


def test_a_crowd_draws_the_same_in_every_form_of_the_kernels(tmp_path: Path) -> None:
    pytest.importorskip("numba")
    scene = load_scene(dancers(tmp_path, [f"d{number}" for number in range(90)]))
    digests = []
    for form in ("numpy", "numba"):
        with Simulation(scene, seed=5, kernels=form, rate=10.0) as sim:
            digests.append([sim.step().digest for _ in range(60)])
    assert digests[0] == digests[1]


def joy(sim: Simulation) -> list[float]:
    return [sim[name].emotion["joy"] for name in sim.characters]


def test_an_effect_in_sight_stops_when_the_engine_says_that_one_does_not_see(tmp_path: Path) -> None:
    with Simulation.from_scene(dancers(tmp_path, ["anna", "ben"]), perception=None) as sim:
        sim.sight("ben", "lamp", False)
        sim.run(2.0)
        anna, ben = joy(sim)
        assert anna > ben + 0.1
        sim.sight("ben", "lamp", True)
        sim.run(2.0)
        assert joy(sim)[1] > ben + 0.1


def test_sight_of_what_is_no_object_or_by_whom_is_no_character_is_refused(tmp_path: Path) -> None:
    with Simulation.from_scene(dancers(tmp_path, ["anna", "ben"]), perception=None) as sim:
        for who, what, code in (("anna", "ben", "unknown_subject"), ("lamp", "lamp", "unknown_character")):
            with pytest.raises(InputError) as refused:
                sim.sight(who, what, False)
            assert refused.value.code == code


def test_sight_and_places_live_on_through_a_reload(tmp_path: Path) -> None:
    path = dancers(tmp_path, ["anna", "ben"])
    with Simulation.from_scene(path, perception=None) as sim:
        sim.sight("ben", "lamp", False)
        sim.run(0.5)
        sim.move("ben", 0.0, 0.0, 0.0)
        sim.move("anna", 4.0, 0.0, 0.0)
        sim.run(0.5)
        before = {name: [each.copy() for each in sim.state()[name]] for name in ("sight", "claims")}
        assert before["sight"][0].tolist() == [[True, False]]
        assert before["claims"][0].tolist() == [[True, False]]
        path.write_text(
            path.read_text(encoding="utf-8").replace("  anna:", "  aaron: {is: dancer, at: [9, 9]}\n  anna:"),
            encoding="utf-8",
        )
        sim.reload()
        assert np.array_equal(sim.state()["sight"][0], [[True, True, False]])
        assert np.array_equal(sim.state()["claims"][0], [[False, True, False]])
        sim.run(0.5)
        assert np.array_equal(sim.state()["claims"][0], [[False, True, False]])


def test_a_saved_run_goes_on_with_the_same_chances_sight_and_places(tmp_path: Path) -> None:
    path = dancers(tmp_path, ["anna", "ben", "cleo"])
    with Simulation.from_scene(path, seed=4, perception=None, rate=20.0) as sim:
        sim.sight("ben", "lamp", False)
        sim.run(1.5)
        sim.move("cleo", 0.5, 0.0, 0.0)
        sim.sight("cleo", "lamp", False)
        saved = sim.save()
        wanted = [sim.step().digest for _ in range(60)]
    with Simulation.from_scene(path, seed=99, perception=None, rate=20.0) as other:
        other.restore(saved)
        assert [other.step().digest for _ in range(60)] == wanted


def test_what_is_seen_is_restored_by_name_into_another_scene(tmp_path: Path) -> None:
    with Simulation.from_scene(dancers(tmp_path, ["anna", "ben"]), perception=None) as sim:
        sim.sight("ben", "lamp", False)
        sim.step()
        saved = sim.save()
    with Simulation.from_scene(dancers(tmp_path, ["aaron", "anna", "ben"]), perception=None) as other:
        other.restore(saved)
        assert other.state()["sight"][0].tolist() == [[True, True, False]]
