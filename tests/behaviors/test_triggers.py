"""Who may start, on whom, and who may go on: one rule of the scene language a test."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from behaviors.columns import Bound, Frame, Pairs
from behaviors.conditions import Conditions
from behaviors.errors import RuleError
from behaviors.expressions import compile, parse
from behaviors.forest import Forest
from behaviors.rules import AutonomousRule
from behaviors.senses import Ints
from behaviors.trees import Leaf, Selector, Tree
from behaviors.triggers import SMALL_CAST, Sight, Triggers
from tests.behaviors.play import filtered
from tests.behaviors.stage import LABELS, PAD, TRAITS, Stage, rule, rules

GUARD, MERCHANT, CHILD, THIEF = range(4)


class Looking:
    """Every character has every rule given; slot = character * rules + rule."""

    def __init__(self, stage: Stage, *several: AutonomousRule) -> None:
        self.stage = stage
        tree = Tree("tree", Selector(tuple(Leaf(each.name) for each in several)))
        self.forest = Forest([tree] * len(stage.cast.characters), rules(*several), PAD)
        self.triggers = Triggers(stage.cast, self.forest.slots, self.forest.rules)
        self.width = len(several)

    def look(self, running: Mapping[int, int] | None = None, sets: Mapping[int, Ints] | None = None) -> Sight:
        """One look; `running` maps slots to their fixed bearers."""
        held = np.zeros(len(self.forest.slots), np.bool_)
        bearer = np.full(len(held), -1, np.int32)
        for slot, subject in (running or {}).items():
            held[slot] = True
            bearer[slot] = subject
        return self.triggers.look(self.stage.senses, held, bearer, sets or {})


def bearers(stage: Stage, one: AutonomousRule) -> list[int]:
    return chosen(Looking(stage, one).look())


def chosen(sight: Sight) -> list[int]:
    """The bearer of each ready slot, -1 for the others."""
    return [int(each) for each in np.where(sight.ready, sight.bearer, -1)]


def test_bare_names_are_the_inflicters() -> None:
    stage = Stage()
    stage.feel("child", fear=0.7)
    stage.senses.mood[CHILD, 2] = -0.4
    stage.senses.traits[CHILD, TRAITS.index("neuroticism")] = 0.7
    text = "fear > 0.6 - 0.2 * neuroticism and mood.dominance < 0 and self.fear == fear"
    assert bearers(stage, rule("flee", "self", text)) == [-1, -1, CHILD, -1]


def test_bearer_names_are_the_bearers() -> None:
    stage = Stage()
    stage.feel("child", sadness=0.8)
    stage.senses.mood[CHILD, 0] = -0.5
    stage.senses.traits[CHILD, 0] = 0.8
    text = "bearer.sadness > 0.5 and bearer.mood.pleasure < 0 and bearer.openness > 0.5 and sadness < 0.5"
    assert bearers(stage, rule("comfort", "nearest(person)", text)) == [CHILD, CHILD, -1, CHILD]


def test_world_and_object_variables_may_be_read() -> None:
    stage = Stage(objects=("baby",), variables=("world.night", "baby.crying"))
    one = rule("rock", "baby", "bearer.crying > 0.3 and world.night and baby.crying < 0.9")
    assert bearers(stage, one) == [-1] * 4
    stage.set("world.night", 1.0)
    stage.set("baby.crying", 0.5)
    assert bearers(stage, one) == [stage["baby"]] * 4


def test_distance_and_likes_are_between_inflicter_and_bearer() -> None:
    stage = Stage()
    stage.put("guard", 3.0)
    stage.like(MERCHANT, GUARD, -0.5)
    assert bearers(stage, rule("a", "guard", "distance > 2 m and likes < 0")) == [-1, GUARD, -1, -1]


def test_nobody_likes_or_dislikes_an_object() -> None:
    stage = Stage(objects=("baby",))
    stage.like(slice(None), slice(None), -1.0)
    stage.senses.target[:] = stage["baby"]
    assert bearers(stage, rule("a", "baby", "likes == 0")) == [stage["baby"]] * 4
    assert bearers(stage, rule("b", "target", "likes == 0")) == [stage["baby"]] * 4


def test_the_nearest_never_is_oneself() -> None:
    stage = Stage()
    for place, who in enumerate(stage.cast.characters):
        stage.put(who, float(place * place))
    assert bearers(stage, rule("a", "nearest(person)", "true")) == [MERCHANT, GUARD, MERCHANT, CHILD]


def test_the_bearer_is_the_nearest_for_whom_the_trigger_holds() -> None:
    stage = Stage()
    for place, who in enumerate(stage.cast.characters):
        stage.put(who, float(place))
    stage.feel("thief", sadness=0.9)
    assert bearers(stage, rule("a", "nearest(person)", "bearer.sadness > 0.5")) == [THIEF, THIEF, THIEF, -1]


def test_of_two_equally_near_the_first_is_the_bearer() -> None:
    assert bearers(Stage(), rule("a", "nearest(person)", "true")) == [MERCHANT, GUARD, GUARD, GUARD]


def test_nobody_beyond_the_range_is_a_bearer() -> None:
    stage = Stage()
    stage.put("guard", 5.0)
    assert bearers(stage, rule("a", "nearest(person) within 5 m", "bearer.fear < 0.5"))[GUARD] == MERCHANT
    stage.put("guard", 5.001)
    assert bearers(stage, rule("a", "nearest(person) within 5 m", "bearer.fear < 0.5"))[GUARD] == -1


def test_no_candidate_means_not_ready() -> None:
    stage = Stage(tags={"small": ("child",), "ghost": ()})
    assert bearers(stage, rule("a", "nearest(small)", "true")) == [CHILD, CHILD, -1, CHILD]
    assert bearers(stage, rule("a", "nearest(ghost)", "true")) == [-1] * 4


def test_the_cause_of_an_emotion_is_the_bearer() -> None:
    stage = Stage(objects=("corpse",))
    stage.blame("child", "fear", "guard")
    stage.blame("thief", "fear", "corpse")
    assert bearers(stage, rule("flee", "cause(fear)", "fear < 0.5")) == [-1, -1, GUARD, stage["corpse"]]


def test_a_rule_that_reads_the_bearers_emotion_finds_no_bearer_in_an_object() -> None:
    stage = Stage(objects=("corpse",))
    stage.blame("thief", "fear", "corpse")
    assert bearers(stage, rule("a", "cause(fear)", "bearer.fear < 0.5")) == [-1] * 4
    assert bearers(stage, rule("b", "cause(fear)", "true", "bearer.fear > 0.5")) == [-1] * 4


def test_speaker_and_target_are_whom_the_game_named() -> None:
    stage = Stage()
    stage.senses.speaker[CHILD] = GUARD
    stage.senses.target[THIEF] = MERCHANT
    assert bearers(stage, rule("a", "speaker", "true")) == [-1, -1, GUARD, -1]
    assert bearers(stage, rule("b", "target", "true")) == [-1, -1, -1, MERCHANT]


def test_all_gives_every_bearer_by_ascending_distance() -> None:
    stage = Stage()
    for who, x in (("merchant", 3.0), ("child", 1.0), ("thief", 3.0)):
        stage.put(who, x)
    stage.feel("child", anger=0.9)
    sight = Looking(stage, rule("a", "all(person) within 3 m", "true")).look()
    assert sight.all_bearers(GUARD).tolist() == [CHILD, MERCHANT, THIEF]
    assert sight.bearer[GUARD] == CHILD
    sight = Looking(stage, rule("a", "all(person) within 3 m", "bearer.anger < 0.5")).look()
    assert sight.all_bearers(GUARD).tolist() == [MERCHANT, THIEF]
    assert sight.all_bearers(THIEF).tolist() == [MERCHANT, GUARD]


def test_a_slot_that_is_not_ready_has_no_bearers() -> None:
    sight = Looking(Stage(), rule("a", "all(person) within 3 m", "fear > 0.5")).look()
    assert sight.all_bearers(0).tolist() == []


def test_a_running_slot_is_never_ready() -> None:
    sight = Looking(Stage(), rule("a", "self", "true")).look({1: 1})
    assert sight.ready.tolist() == [True, False, True, True]
    assert chosen(sight) == [0, -1, 2, 3]
    assert sight.holds.tolist() == [False, True, False, False]


def test_an_action_goes_on_while_its_trigger_holds_for_the_fixed_bearer() -> None:
    stage = Stage()
    looking = Looking(stage, rule("a", "nearest(person)", "bearer.sadness > 0.5"))
    stage.feel("child", sadness=0.9)
    assert looking.look({GUARD: CHILD, THIEF: MERCHANT}).holds.tolist() == [True, False, False, False]


def test_an_action_with_release_goes_on_until_it_holds() -> None:
    stage = Stage()
    looking = Looking(stage, rule("flee", "self", "fear > 0.6", "fear < 0.3"))
    for fear, holds in ((0.9, True), (0.4, True), (0.3, True), (0.29, False)):
        stage.feel("child", fear=fear)
        assert looking.look({CHILD: CHILD}).holds[CHILD] == holds


def test_an_action_ends_when_its_bearer_leaves_the_range() -> None:
    stage = Stage()
    looking = Looking(stage, rule("a", "nearest(person) within 5 m", "true", "fear > 0.5"))
    stage.put("child", 5.0)
    assert looking.look({GUARD: CHILD}).holds[GUARD]
    stage.put("child", 5.1)
    assert not looking.look({GUARD: CHILD}).holds[GUARD]


def test_an_action_on_all_goes_on_while_one_of_its_fixed_bearers_is_left() -> None:
    stage = Stage()
    looking = Looking(stage, rule("a", "all(person) within 5 m", "bearer.anger > 0.5"))
    fixed = {GUARD: np.array([MERCHANT, CHILD], np.int32), THIEF: np.array([GUARD], np.int32)}
    running = {GUARD: MERCHANT, THIEF: GUARD}
    stage.feel("child", anger=0.9)
    stage.feel("thief", anger=0.9)
    assert looking.look(running, fixed).holds.tolist() == [True, False, False, False]
    stage.put("child", 9.0)
    assert looking.look(running, fixed).holds.tolist() == [False] * 4


@pytest.mark.parametrize(
    ("one", "code", "message"),
    [
        (rule("a", "self", "feer > 0.5"), "unknown_name", "`feer`"),
        (rule("a", "baby", "bearer.fear > 0.5"), "unknown_name", "`bearer.fear`"),
        (rule("a", "self", "world.night"), "unknown_name", "`world.night`"),
        (rule("a", "nobody", "true"), "unknown_bearer", "`nobody`"),
        (rule("a", "nearest(elf)", "true"), "unknown_tag", "`elf`"),
        (rule("a", "cause(envy)", "true"), "unknown_label", "`envy`"),
    ],
)
def test_what_the_cast_does_not_have_is_refused_at_construction(one: AutonomousRule, code: str, message: str) -> None:
    with pytest.raises(RuleError) as caught:
        Looking(Stage(objects=("baby",)), one)
    assert (caught.value.code, caught.value.where) == (code, "rule `a`")
    assert message in caught.value.message


def crowd(size: int) -> tuple[Stage, tuple[AutonomousRule, ...]]:
    chance = np.random.default_rng(7)
    names = [f"c{place}" for place in range(size)]
    stage = Stage(names, ("fire",), {"even": names[::2]}, ("fire.lit", "world.night"))
    senses = stage.senses
    senses.emotion[:] = chance.random((size, len(LABELS)))
    senses.mood[:] = chance.uniform(-1, 1, (size, 3))
    senses.position[:] = chance.uniform(0, 20, (size + 1, 3))
    stage.like(slice(None), slice(None), chance.uniform(-1, 1, (size, size)))
    senses.cause[:] = chance.integers(-1, size + 1, senses.cause.shape)
    senses.speaker[:] = chance.integers(-1, size, size)
    senses.target[:] = chance.integers(-1, size + 1, size)
    several = (
        rule("a", "nearest(even) within 6 m", "fear > 0.3 and bearer.joy < 0.6 and likes < 0.5"),
        rule("b", "all(person) within 5 m", "bearer.anger > anger", "bearer.anger < 0.1"),
        rule("c", "cause(fear)", "bearer.fear < 0.5 and distance < 12 m"),
        rule("d", "speaker", "likes > 0 and mood.arousal > bearer.mood.arousal"),
        rule("e", "target", "distance < 9 m and likes < 0.4"),
        rule("f", "self", "max(joy, anger) > 0.5 and not world.night"),
        rule("g", "fire", "distance < 8 m and not bearer.lit"),
        rule("h", "c1", "likes > 0 or bearer.fear > 0.7"),
    )
    return stage, several


def plain_bearers(stage: Stage, one: AutonomousRule, me: int) -> list[int]:
    """The bearers of a rule by its text: one candidate at a time."""
    cast, senses = stage.cast, stage.senses
    bound = Bound(compile(one.trigger), cast, "", one.bearer)
    found = []
    pointed = {
        "self": [me],
        "named": [cast.subjects.get(one.bearer.name, -1)],
        "cause": [int(senses.cause[me, LABELS.index(one.bearer.name)])] if one.bearer.who.value == "cause" else [],
        "speaker": [int(senses.speaker[me])],
        "target": [int(senses.target[me])],
    }
    tagged = cast.tagged.get(one.bearer.name, np.zeros(0, np.int32)).tolist()
    for it in pointed.get(one.bearer.who.value, [each for each in tagged if each != me]):
        if it < 0 or (bound.whole_bearer and it >= len(cast.characters)):
            continue
        pair = Pairs(np.array([me]), np.array([it]), np.array([it if it < len(cast.characters) else 0]))
        gap = senses.position[me] - senses.position[it]
        metres = float(np.sqrt(gap[0] * gap[0] + gap[1] * gap[1] + gap[2] * gap[2]))
        if bool(bound(Frame(senses), pair).all()) and metres <= one.bearer.within:
            found.append((metres, it))
    return [it for _, it in sorted(found)]


@pytest.mark.parametrize("pairs", [0, 1 << 18])
@pytest.mark.parametrize("even", [False, True])
@pytest.mark.parametrize("size", [5, SMALL_CAST + 6])
def test_all_characters_at_once_find_what_each_would_find_alone(
    size: int, even: bool, pairs: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`pairs`: with every pair looked at, and as a crowd. `even`: on whole metres, where many are equally near."""
    monkeypatch.setattr("behaviors.triggers.CROWD_PAIRS", pairs)
    stage, several = crowd(size)
    if even:
        stage.senses.position[:] = np.round(stage.senses.position)
    several = (*several, rule("i", "nearest(person)", "joy > 0.1"), rule("j", "nearest(even)", "bearer.joy > joy"))
    looking = Looking(stage, *several)
    sight = looking.look()
    for slot in range(len(looking.forest.slots)):
        me, one = int(looking.forest.slots.character[slot]), looking.forest.rule(slot)
        wanted = plain_bearers(stage, one, me)
        assert chosen(sight)[slot] == (wanted[0] if wanted else -1)
        assert sight.ready[slot] == bool(wanted)
        if one.bearer.who.value == "all":
            assert sight.all_bearers(slot).tolist() == wanted


def test_a_crowd_searched_in_small_parts_gives_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    stage, several = crowd(SMALL_CAST + 6)
    whole = Looking(stage, *several).look()
    monkeypatch.setattr("behaviors.columns.SHARED_PAIRS", 500)
    monkeypatch.setattr("behaviors.triggers.CROWD_PAIRS", 0)
    monkeypatch.setattr("behaviors.nearby.MOST_PAIRS", 50)
    parts = Looking(stage, *several).look()
    assert chosen(parts) == chosen(whole)


def test_conditions_are_each_characters_own() -> None:
    stage = Stage(variables=("world.night",))
    roots = [filtered(Leaf("a"), "fear > 0.5"), filtered(Leaf("a"), "fear > 0.5 or world.night")]
    trees = [Tree("t", roots[0]), None, Tree("t", roots[0]), Tree("u", roots[1])]
    forest = Forest(trees, rules(rule("a", "self", "true")), PAD)
    conditions = Conditions(stage.cast, forest)
    stage.feel("child", fear=0.9)
    assert conditions.look(stage.senses).tolist() == [False, True, False]
    stage.set("world.night", 1.0)
    assert conditions.look(stage.senses).tolist() == [False, True, True]


def test_a_condition_cannot_read_a_bearer() -> None:
    forest = Forest([Tree("t", filtered(Leaf("a"), "bearer.fear > 0.5"))], rules(rule("a", "self", "true")), PAD)
    with pytest.raises(RuleError, match="`bearer"):
        Conditions(Stage(("guard",)).cast, forest)


def test_a_scene_without_slots_can_be_looked_at() -> None:
    stage = Stage()
    forest = Forest([None] * 4, {}, PAD)
    nothing = np.zeros(0, np.bool_)
    sight = Triggers(stage.cast, forest.slots, forest.rules).look(stage.senses, nothing, np.zeros(0, np.int32), {})
    assert sight.ready.shape == (0,)
    assert parse("true")
