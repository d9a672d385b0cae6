"""The test API tested: what it tells the world, how time passes, twins, and what a failure says."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from emotion_runtime.errors import InputError
from emotion_runtime.testing import ExpectationError, ScenarioError, Sim, expect

pytestmark = pytest.mark.filterwarnings("error")


@pytest.fixture
def tavern() -> Sim:
    return Sim("tavern", seed=7, tick="50 ms")


def test_the_child_flees_from_a_shouting_guard(tavern: Sim) -> None:
    tavern.move("guard", near="child", distance="2 m")
    tavern.say("guard", "Out!", to="child", heard={"anger": 0.9})
    expect(tavern["child"]).to_feel("fear", above=0.6, within="500 ms")
    expect(tavern["child"]).to_do("flee", within="1 s", because="guard")
    expect(tavern["child"]).to_keep("fear < 0.95", throughout="5 s")
    tavern.run("10 s")
    expect(tavern["child"]).to_feel("fear", below=0.6)


def test_who_is_told_to_start_another_thing_is_told_to_stop_first(tavern: Sim) -> None:
    tavern.move("guard", near="thief", distance="3 m")
    tavern.set("guard.anger", 0.8, because="thief")
    tavern.run_until("guard does confront", limit="1 s")
    tavern.set("guard.anger", 0.2)
    tavern.run("100 ms")
    assert tavern.commands("guard") == ["start confront", "stop confront", "start patrol"]


@pytest.mark.parametrize(("neuroticism", "flees"), [(-0.8, False), (0.8, True)])
def test_only_the_nervous_flee(tavern: Sim, neuroticism: float, flees: bool) -> None:
    tavern["thief"].personality(neuroticism=neuroticism)
    tavern.move("guard", near="thief", distance="2 m")
    for _ in range(2):
        tavern.say("guard", "Stop!", to="thief", heard={"anger": 0.9})
    expect(tavern["thief"]).to_do("flee", within="1 s", expected=flees)


def test_a_fire_warms_only_those_near(tavern: Sim) -> None:
    tavern.move("thief", to=[12, 8])
    tavern.move("child", to=[6, 5])
    tavern.run("10 s")
    assert tavern["child"].joy > tavern["thief"].joy
    top = tavern["child"].why("joy").top
    assert top is not None
    assert top.cause == "campfire.warm"


def test_a_twin_goes_the_same_way(tavern: Sim) -> None:
    tavern.say("guard", "Out!", to="child", heard={"anger": 0.9})
    tavern.engine.fail("child", "flee")
    tavern.set("merchant.sadness", 0.7, because="thief")
    tavern.run("7 s")
    tavern.engine.never_answer("merchant", "sell")
    twin = tavern.fork()
    assert twin.digest == tavern.digest
    for world in (tavern, twin):
        world.event("theft_seen", cause="thief")
        world.run("20 s")
    assert twin.digest == tavern.digest
    assert twin.commands("merchant") == tavern.commands("merchant")


@pytest.mark.parametrize("wanted", [0.02, 0.2, 0.5, 0.97])
@pytest.mark.parametrize("label", ["fear", "joy", "anger"])
def test_an_emotion_is_what_it_was_set_to(tavern: Sim, label: str, wanted: float) -> None:
    tavern.set(f"thief.{label}", wanted, because="guard")
    tavern.step()
    assert tavern["thief"].emotion[label] == pytest.approx(wanted, abs=0.005)
    if wanted > 0.2:
        top = tavern["thief"].why(label).top
        assert top is not None
        assert top.subject == "guard"


def test_without_within_time_stands_still(tavern: Sim) -> None:
    expect(tavern["child"]).to_feel("fear", below=0.5)
    with pytest.raises(ExpectationError):
        expect(tavern["child"]).to_do("flee")
    assert tavern.time == 0.0
    expect(tavern["child"]).to_do("chat", within="1 s")
    assert tavern.time == pytest.approx(0.05)


def test_never_and_keep_watch_every_moment(tavern: Sim) -> None:
    expect(tavern["thief"]).never("does steal", throughout="3 s")
    tavern.set("world.night", True)
    with pytest.raises(ExpectationError, match="never to come to `does steal`"):
        expect(tavern["thief"]).never("does steal", throughout="3 s")
    with pytest.raises(ExpectationError, match=r"to keep `surprise > 0\.5`"):
        expect(tavern["thief"]).to_keep("surprise > 0.5", throughout="1 s")


def test_everyone_means_each(tavern: Sim) -> None:
    expect(tavern.everyone).to_feel("fear", below=0.5)
    tavern.set("child.fear", 0.9)
    tavern.step()
    with pytest.raises(ExpectationError, match=r"child to feel fear below 0\.5"):
        expect(tavern.everyone).to_feel("fear", below=0.5)


def test_the_engine_does_what_the_test_says(tavern: Sim) -> None:
    tavern.engine.fail("guard", "patrol")
    tavern.run("3 s")
    reasons = [getattr(each.command, "reason", "") for each in tavern.happened if each.command.rule == "patrol"]
    assert "engine_failure" in reasons
    slow = Sim("tavern", tick="250 ms")
    slow.engine.never_answer("guard", "patrol")
    slow.run("70 s")
    reasons = [getattr(each.command, "reason", "") for each in slow.happened if each.command.rule == "patrol"]
    assert "timeout" in reasons
    quick = Sim("tavern")
    quick.engine.succeed("guard", "patrol", after=0.2)
    quick.run("400 ms")
    assert quick.commands("guard")[:3] == ["start patrol", "stop patrol", "start look_around"]


def test_a_failure_tells_the_story(tavern: Sim) -> None:
    tavern.move("guard", near="child", distance="2 m")
    tavern.say("guard", "Out!", to="child", heard={"anger": 0.5})
    with pytest.raises(ExpectationError) as caught:
        expect(tavern["child"]).to_feel("fear", above=0.9, within="500 ms")
    text = str(caught.value)
    for part in (
        "wanted: child to feel fear above 0.9 within 500 ms",
        "most 0.", "curve:  ", "doing:  ", "guard said anger ", "so far: start ", "seed 7, tick 50 ms, digest ",
    ):  # fmt: skip
        assert part in text, text


def test_run_until_gives_up_at_its_limit(tavern: Sim) -> None:
    with pytest.raises(ExpectationError, match="`thief does steal` within 2 s"):
        tavern.run_until("thief does steal", limit="2 s")
    assert tavern.time == pytest.approx(2.0)


@pytest.mark.parametrize(
    ("do", "message"),
    [
        (lambda sim: expect(sim["child"]).to_feel("feer", above=0.1), "did you mean `fear`"),
        (lambda sim: expect(sim["child"]).to_do("flea"), "did you mean `flee`"),
        (lambda sim: expect(sim["child"]).to_keep("chlid.fear < 1", throughout="1 s"), "not known in this condition"),
        (lambda sim: sim.run("5"), "needs a time"),
        (lambda sim: sim.run(-1.0), "0 s or more"),
        (lambda sim: sim.set("child.neutral", 0.2), "cannot be set"),
        (lambda sim: sim.move("child"), "needs either"),
        (lambda sim: (sim.run("1 s"), sim.personality("child", openness=0.1)), "fixed once the world has begun"),
        (lambda sim: sim.personality("child", courage=0.1), "is no trait"),
    ],
)
def test_a_mistake_in_a_test_is_told_with_a_remedy(tavern: Sim, do, message: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ScenarioError) as caught:
        do(tavern)
    assert message in f"{caught.value} {caught.value.remedy}"


def test_what_the_scene_does_not_know_is_refused_and_changes_nothing(tavern: Sim) -> None:
    before = tavern.digest
    for refused in (lambda: tavern.event("flood"), lambda: tavern["nobody"], lambda: tavern.say("nobody")):
        with pytest.raises(InputError):
            refused()
    assert tavern.digest == before
    assert tavern.told() == []


def test_what_was_told_can_be_told_again_as_a_scenario(tavern: Sim) -> None:
    tavern.say("guard", 'He said "out"', to="child", heard={"anger": 0.9})
    tavern.run("1 s")
    tavern.event("theft_seen", cause="thief", strength=0.5)
    tavern.set("guard.anger", 0.8, because="thief")
    tavern.move("thief", to=[1, 1])
    tavern.set("world.night", True)
    tavern.run("1 s")
    text = tavern.as_scenario("again", "child does flee at 1 s")
    assert '{at: 0 s, say: guard, to: child, text: "He said \\"out\\"", heard: {anger: 0.9}}' in text
    assert "{at: 1 s, set: guard.anger, value: 0.8, because: thief}" in text
    assert repr(tavern).startswith("<Sim tavern at 2 s, ")


def test_tests_of_scenes_need_no_onnx_runtime() -> None:
    program = """
import sys
class Refused:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("onnxruntime", "tokenizers", "hypothesis"):
            raise ImportError(name)
sys.meta_path.insert(0, Refused())
from emotion_runtime.testing import Sim, expect
sim = Sim("tavern")
sim.say("guard", "Out!", to="child", heard={"anger": 0.9})
expect(sim["child"]).to_feel("fear", above=0.3, within="1 s")
print("held")
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, encoding="utf-8", timeout=60, check=False
    )
    assert done.stdout.strip() == "held", done.stderr


def test_the_real_model_can_be_asked_and_a_twin_needs_it_no_more() -> None:
    pytest.importorskip("onnxruntime", reason="no ONNX Runtime is installed")
    sim = Sim("tavern", perception="bundled")
    sim.move("guard", near="child", distance="2 m")
    sim.say("guard", "Get out of here, I hate you!", to="child")
    sim.run("1 s")
    assert sim["child"].fear > 0.2
    assert sim.fork().digest == sim.digest


def test_a_twin_costs_the_same_however_long_the_play_was(tavern: Sim) -> None:
    def cost() -> float:
        times = []
        for _ in range(5):
            began = time.perf_counter()
            tavern.fork().close()
            times.append(time.perf_counter() - began)
        return min(times)

    short = cost()
    tavern.say("guard", "Out!", to="child", heard={"anger": 0.9})
    tavern.run("60 s")
    assert cost() < 8 * short
