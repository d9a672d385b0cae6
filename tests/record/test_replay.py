"""A recording runs again to the same digests, and where it does not, the first difference is named."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings

from emotion_runtime.errors import SceneError
from emotion_runtime.inputs import Utterance
from emotion_runtime.perception import PerceptionService, load_text_model
from emotion_runtime.record import Outcome, Recorder, RecordingError, Replay
from emotion_runtime.record.answers import pack, unpack
from emotion_runtime.record.format import Answer, Column, Happened, Header, Reloaded, Said, Ticked, Told, Understood
from emotion_runtime.scene import load_scene
from emotion_runtime.simulation import Simulation
from tests.record.plays import (
    TAVERN,
    SlowListener,
    Turn,
    a_play,
    plays,
    record_play,
    records,
    sensed_plays,
    with_text,
    write,
)


def replayed(path: Path, until: int | None = None) -> Outcome:
    with Replay(path) as replay:
        return replay.run(until)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("plays")


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    path = tmp_path / "play.emr"
    record_play(path, a_play(60), keyframe_seconds=0.5)
    return path


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(play=plays | sensed_plays)
def test_any_play_comes_out_as_recorded(folder: Path, play: list[Turn]) -> None:
    path = folder / "random.emr"
    digests = record_play(path, play)
    seen = []
    with Replay(path) as replay:
        outcome = replay.run(each=lambda result: seen.append(result.digest))
    assert outcome.difference is None
    assert outcome.fault is None
    assert outcome.ended == "closed"
    assert seen == digests


def test_a_recording_changes_nothing(tmp_path: Path) -> None:
    recorded = record_play(tmp_path / "play.emr", a_play(60))
    listener = SlowListener(TAVERN.labels)
    with Simulation.from_scene("tavern", seed=3, perception=listener) as bare:
        digests = []
        for turn in a_play(60):
            for observation, source in turn.told:
                bare.apply(observation, source=source)
            listener.arriving = turn.arrive
            digests.append(bare.step(turn.dt, wait=turn.wait).digest)
    assert digests == recorded


def test_the_models_answers_enter_in_the_tick_in_which_they_came(tmp_path: Path) -> None:
    path = tmp_path / "live.emr"
    simulation = Simulation(TAVERN, perception=PerceptionService(load_text_model))
    with Recorder(simulation, path) as recorder:
        spoken = [recorder.say("guard", f"I hate you, thief, {number} times!") for number in range(20)]
        came: list[tuple[int, int]] = []
        while len(came) < len(spoken):  # the model is being loaded meanwhile: nobody knows how many ticks that takes
            result = recorder.step(wait=False)
            came += [(result.tick, each.utterance) for each in result.perceptions]
    again: list[tuple[int, int]] = []
    with Replay(path) as replay:
        outcome = replay.run(each=lambda result: again.extend((result.tick, p.utterance) for p in result.perceptions))
    assert outcome.equal
    assert outcome.answers == 20
    assert again == came


def test_lines_that_nothing_tells_apart_get_their_own_answers(tmp_path: Path) -> None:
    path = tmp_path / "same.emr"
    line = Utterance("guard", "Out!", 0, "thief"), 0
    again = Utterance("guard", "Thank you so much!", 0, "child"), 0
    for arrive in (1, -1):  # the oldest first, or the newest, as when an older one is still being worked on
        late = [Turn([], 0.1, False, arrive)] * 3
        record_play(path, [Turn([line, again, line], 0.1, False, 0), *late])
        assert replayed(path).equal


def test_until_ends_after_that_tick(recorded: Path) -> None:
    outcome = replayed(recorded, until=17)
    assert (outcome.ticks, outcome.equal, outcome.is_whole, outcome.ended) == (17, True, False, "")
    assert outcome.digest == next(
        r.digest.hex() for r in records(recorded)[1] if isinstance(r, Ticked) and r.tick == 17
    )


def test_a_changed_scene_is_detected_at_the_first_tick_it_matters(recorded: Path, tmp_path: Path) -> None:
    header, rest = records(recorded)
    told = next(r.tick for r in rest if isinstance(r, Ticked) and any(isinstance(i, Happened) for i in r.inputs))
    table = "appraisal"
    name = next(name for name, text in header.files.items() if table in text and "theft_seen" in text)
    line = next(line for line in header.files[name].splitlines() if "event: theft_seen" in line)
    weaker = line.replace("+0.", "+0.0", 1)
    assert weaker != line
    other = tmp_path / "other.emr"
    write(other, with_text(header, name, line, weaker), rest)
    outcome = replayed(other)
    assert outcome.difference is not None
    assert outcome.difference.tick == told == outcome.ticks + 1
    assert outcome.difference.kind == "state"
    assert "emotion" in outcome.difference.groups
    assert any("compiles to" in warning for warning in outcome.warnings)


def test_the_first_difference_is_named_to_the_number(recorded: Path, tmp_path: Path) -> None:
    header, rest = records(recorded)
    at = next(i for i, r in enumerate(rest) if isinstance(r, Ticked) and r.answers and not r.answers[0].failed)
    ticked = rest[at]
    assert isinstance(ticked, Ticked)
    answer = ticked.answers[0]
    first, second, *others = unpack(answer.probabilities)
    swapped = pack((second * 0.5, first + second * 0.5, *others))
    changed = Answer(answer.ticket, swapped, answer.seconds, answer.failed)
    rest[at] = msgspec.structs.replace(ticked, answers=[changed, *ticked.answers[1:]])
    other = tmp_path / "other.emr"
    write(other, header, rest)
    outcome = replayed(other)
    difference = outcome.difference
    assert difference is not None
    assert (difference.tick, difference.kind) == (ticked.tick, "state")
    assert difference.stage == "affect"
    assert set(difference.characters) <= set(replay_names(header))
    assert difference.characters
    # the whole states of the next keyframe are compared, value by value
    assert difference.values_tick >= difference.tick
    assert {value.column.split(".")[0] for value in difference.values} & {"emotion", "mood", "ledger"}
    assert {value.who for value in difference.values if value.column == "emotion"} & set(difference.characters)
    at_once, later = difference.tick, difference.values_tick
    assert [*outcome.dumps] == [f"tick-{at_once}-replayed", f"tick-{later}-recorded", f"tick-{later}-replayed"]
    recorded_state, replayed_state = (outcome.dumps[f"tick-{later}-{each}"] for each in ("recorded", "replayed"))
    assert recorded_state["tick"] == replayed_state["tick"] == later
    value = next(each for each in difference.values if each.column == "emotion")
    assert recorded_state["characters"][value.who]["emotion"][value.what] == value.recorded
    assert replayed_state["characters"][value.who]["emotion"][value.what] == value.replayed


def replay_names(header: Header) -> list[str]:
    assert header.scene == TAVERN.name
    return [person.id for person in TAVERN.characters]


def test_an_input_that_is_refused_now_is_a_difference(recorded: Path, tmp_path: Path) -> None:
    header, rest = records(recorded)
    at = next(i for i, r in enumerate(rest) if isinstance(r, Ticked) and r.tick == 20)
    ticked = rest[at]
    assert isinstance(ticked, Ticked)
    rest[at] = msgspec.structs.replace(ticked, inputs=[Happened(0, 0, "earthquake", None, None, None, 1.0)])
    other = tmp_path / "other.emr"
    write(other, header, rest)
    difference = replayed(other).difference
    assert difference is not None
    assert (difference.tick, difference.kind) == (20, "input")
    assert "unknown_event" in difference.replayed


@pytest.mark.parametrize("ticket", [1, 4711])
def test_an_answer_that_belongs_to_nothing_is_a_difference(recorded: Path, tmp_path: Path, ticket: int) -> None:
    header, rest = records(recorded)
    at = next(i for i, r in enumerate(rest) if isinstance(r, Ticked) and r.tick == 50)
    ticked = rest[at]
    assert isinstance(ticked, Ticked)
    stray = Answer(ticket, pack([1 / 7] * 7), 0.0, "")
    rest[at] = msgspec.structs.replace(ticked, answers=[*ticked.answers, stray])
    other = tmp_path / "other.emr"
    write(other, header, rest)
    difference = replayed(other).difference
    assert difference is not None
    assert (difference.tick, difference.kind) == (50, "answer")


def test_another_machine_or_version_is_a_warning_that_names_both(recorded: Path, tmp_path: Path) -> None:
    header, rest = records(recorded)
    profile = msgspec.structs.replace(header.profile, numpy="1.0.0", cpu="Z80")
    other = tmp_path / "other.emr"
    write(other, msgspec.structs.replace(header, version="0.0.9", profile=profile), rest)
    outcome = replayed(other)
    assert outcome.equal
    warnings = "\n".join(outcome.warnings)
    for told in ("emotion-runtime 0.0.9", "numpy 1.0.0", "cpu Z80"):
        assert told in warnings
    assert header.version in warnings
    assert header.profile.numpy in warnings


def test_a_scene_that_is_not_taken_any_more_says_so(recorded: Path, tmp_path: Path) -> None:
    header, rest = records(recorded)
    broken = msgspec.structs.replace(header, files={**header.files, header.main: "scene: [\n"})
    other = tmp_path / "other.emr"
    write(other, broken, rest)
    with pytest.raises(RecordingError, match="not taken any more"):
        Replay(other)


@pytest.mark.parametrize(
    "name", ["../x.yaml", "/etc/x.yaml", "a/../../x.yaml", "C:x.yaml", "a\\b.yaml", "", "a//b.yaml"]
)
def test_a_file_name_that_leads_elsewhere_is_refused(recorded: Path, tmp_path: Path, name: str) -> None:
    header, rest = records(recorded)
    other = tmp_path / "other.emr"
    write(other, msgspec.structs.replace(header, files={**header.files, name: "x: 1"}), rest)
    with pytest.raises(RecordingError, match="no name of a scene file"):
        Replay(other)


def test_a_file_cannot_make_a_replay_hold_ever_more(recorded: Path, tmp_path: Path) -> None:
    header, rest = records(recorded)
    at = next(i for i, r in enumerate(rest) if isinstance(r, Ticked) and r.tick == 30)
    answers = Understood(30, [Answer(1, pack([1 / 7] * 7), 0.0, "")] * 4096)
    lines = Told(30, [Said(0, 0, "guard", "Hello?", 0, None, "", None)] * 4096)
    other = tmp_path / "other.emr"
    write(other, header, [*rest[:at], *[answers] * 50])
    difference = replayed(other).difference
    assert difference is not None
    assert (difference.tick, difference.kind) == (30, "answer")
    write(other, header, [*rest[:at], *[lines] * 50])
    difference = replayed(other).difference
    assert difference is not None
    assert (difference.tick, difference.kind) == (30, "input")
    assert "too_large" in difference.replayed


def test_only_columns_of_this_world_are_compared(recorded: Path, tmp_path: Path) -> None:
    header, rest = records(recorded)
    at = next(i for i, r in enumerate(rest) if isinstance(r, Ticked) and r.tick == 30)
    ticked = rest[at]
    assert isinstance(ticked, Ticked)
    strange = [Column(30, name, "<f8", shape, b"12345678") for name, shape in (("x", (1,)), ("mood", (2**53,)))]
    other_type = Column(30, "mood", "<i4", (2,), b"12345678")
    other = tmp_path / "other.emr"
    write(other, header, [*rest[:at], msgspec.structs.replace(ticked, digest=bytes(16)), *strange, other_type])
    difference = replayed(other).difference
    assert difference is not None
    assert difference.tick == difference.values_tick == 30
    assert [value.column for value in difference.values] == ["mood"]
    assert "int32" in difference.values[0].what


@pytest.mark.parametrize(
    ("old", "new"),
    [("conscientiousness: 0.7", "conscientiousness: -0.7"), ("thief", "rogue"), ("joy: 20 s", "joy: 21 s")],
    ids=["a personality", "a name", "an included file"],
)
def test_a_reload_is_an_input_and_happens_again(tmp_path: Path, old: str, new: str) -> None:
    """With lines that are queued or being understood, of a speaker who perhaps is gone afterwards."""
    path, folder = tmp_path / "reload.emr", tmp_path / "scene"
    folder.mkdir()
    for file in TAVERN.path.parent.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    main = folder / TAVERN.path.name
    listener = SlowListener(TAVERN.labels)
    speaker = "thief"
    with Recorder(Simulation(load_scene(main), perception=listener), path) as recorder:
        for tick in range(40):
            recorder.say(speaker, f"All mine! {tick}")
            recorder.say(speaker, f"All of it! {tick}", heard={"joy": 0.5})
            if tick == 20:
                texts = {file: file.read_text(encoding="utf-8") for file in folder.iterdir()}
                assert any(old in text for text in texts.values())
                for file, text in texts.items():
                    file.write_bytes(text.replace(old, new).encode())
                recorder.reload()
                assert recorder.epoch == 2
                speaker = speaker.replace(old, new)
            recorder.say("guard", f"Stop! {tick}", to=speaker)
            listener.arriving = 1
            recorder.step(wait=False)
        recorder.step(wait=True)
        assert recorder.health()["recording"]["state"] == "recording"
    outcome = replayed(path)
    assert outcome.difference is None
    assert (outcome.ticks, outcome.ended, outcome.warnings) == (41, "closed", ())
    assert sum(isinstance(record, Reloaded) for record in records(path)[1]) == 1


def test_a_refused_reload_is_not_recorded(tmp_path: Path) -> None:
    path, broken = tmp_path / "reload.emr", tmp_path / "broken.yaml"
    broken.write_text("scene: [", encoding="utf-8")
    with Recorder(Simulation(TAVERN), path) as recorder:
        with pytest.raises(SceneError):
            recorder.reload(broken)
        recorder.step()
    assert replayed(path).equal
    assert not any(isinstance(record, Reloaded) for record in records(path)[1])
