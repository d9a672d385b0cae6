"""The library of behaviors, their text as tuples, and their orientations."""

from __future__ import annotations

import pytest

from behaviors.errors import RuleError
from behaviors.expressions import parse
from behaviors.library import Library, paper_faults
from behaviors.orientation import cosine, derive, find_opposed
from behaviors.rules import Fade, InteractiveRule, State, Who
from behaviors.trees import Leaf, Parallel, Selector, Tree
from tests.behaviors.stage import LABELS, PAD, bearer, change, rule, rules

FLEE = rule(
    "flee", "cause(fear)", "fear > 0.6 - 0.2 * neuroticism", "fear < 0.3", "self.fear: -0.15/s", orientation="fear"
)
COMFORT = rule("comfort", "nearest(small) within 5 m", "bearer.sadness > 0.7", aim="sadness: -0.4, joy: +0.1")
HUM = rule("hum", "self", "joy > 0.3", orientation="joy")
WARM = InteractiveRule(
    "warm", "fire", bearer("all(person) within 4 m"), parse("lit"), (change("joy: +0.03/s"),), Fade.NONE
)


def library() -> Library:
    return Library(rules(FLEE, COMFORT, HUM), [WARM], {"child": ("flee",), "guard": ("comfort", "flee")})


def test_an_autonomous_rule_reads_as_the_tuple_of_equation_20() -> None:
    assert FLEE.shown() == "<each, cause(fear), fear > 0.6 - 0.2 * neuroticism, {self.fear: -0.15/s}, idle>"
    assert COMFORT.shown("guard", State.RUNNING) == (
        "<guard, nearest(small) within 5 m, bearer.sadness > 0.7, {sadness: -0.4, joy: +0.1}, running>"
    )


def test_a_rule_shows_all_its_parts_behind_the_tuple() -> None:
    throw = rule("throw", "self", "anger > 0.5", timeout=4.0, rest=2.5, payload={"what": "mug"}, sets=(("full", 0.0),))
    assert str(throw) == (
        "<each, self, anger > 0.5, {}, idle> with lasts 1 s, timeout 4 s, rest 2.5 s, sets {full: 0}, "
        "payload {what: mug}"
    )


def test_the_paper_allows_triggers_to_read_emotion_and_mood_only() -> None:
    several = [
        FLEE,
        rule("a", "self", "mood.arousal > 0.2 and self.fear < 0.5"),
        rule("b", "nearest(small)", "bearer.mood.pleasure < 0 and distance < 3 m"),
        rule("c", "self", "joy > 0.5 and not world.night", "fire.lit"),
    ]
    assert paper_faults(several) == (("b", "distance"), ("c", "fire.lit"), ("c", "world.night"))


def test_an_interactive_rule_reads_as_the_tuple_of_equation_21() -> None:
    assert WARM.shown() == "<fire, all(person) within 4 m, lit, idle>"
    assert str(WARM) == "<fire, all(person) within 4 m, lit, idle> with effect {joy: +0.03/s}"


def test_each_character_and_object_has_its_sub_list() -> None:
    held = library()
    assert held.of("guard") == (COMFORT, FLEE)
    assert held.of("fire") == (WARM,)
    assert held.of("nobody") == ()
    assert held.owners("flee") == ("child", "guard")
    assert held.owners("fire.warm") == ("fire",)
    assert held.shown("child", {"flee": State.ABORTED}) == (FLEE.shown("child", State.ABORTED),)
    assert held.shown("fire") == (WARM.shown(),)


def test_rules_are_found_by_what_they_embody_read_change_and_bear() -> None:
    held = library()
    assert held.find(orientation="fear") == (FLEE,)
    assert held.find(reads="fear") == (FLEE,)
    assert held.find(changes="joy") == (COMFORT, WARM)
    assert held.find(changes="joy", bearer=Who.ALL) == (WARM,)
    assert len(held.find()) == len(held) == 4


def test_a_sub_list_that_names_no_rule_is_refused() -> None:
    with pytest.raises(RuleError, match="guard: there is no rule `dance`"):
        Library(rules(FLEE), can={"guard": ("dance",)})


def test_the_library_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        library().autonomous["flee"] = HUM  # type: ignore[index]


@pytest.mark.parametrize(
    ("trigger", "aim", "orientation"),
    [
        ("fear > 0.6 - 0.2 * neuroticism", "self.fear: -0.15/s", "fear"),
        ("anger > 0.25 and world.brawl > 0.3", "anger: -0.2", "anger"),
        ("anger > 0.2 and joy > 0.4", "", "joy"),
        ("0.3 < joy and 0.2 < fear < 0.9", "", "joy"),
        ("anger > 0.5 or anger > 0.3 and joy > 0.4", "", "anger"),
        ("joy > 0.5 or fear > 0.4", "sadness: +0.1", "sadness"),
        ("not (fear < 0.5 or joy > 0.1)", "", "fear"),
        ("2 * joy - 0.2 > 0.4", "", "joy"),
        ("fear < 0.3 and world.night", "anger: +0.5, self.joy: +0.3", "anger"),
        ("bearer.sadness + bearer.fear > 0.7 and fear < 0.5", "sadness: -0.4", "neutral"),
        ("fear < 0.6", "", "neutral"),
        ("mood.dominance > 0", "", "neutral"),
        ("neutral > 0.4", "joy: +0.05", "neutral"),
    ],
)
def test_the_orientation_is_the_emotion_the_trigger_needs_most_else_the_one_the_aim_raises_most(
    trigger: str, aim: str, orientation: str
) -> None:
    changes = tuple(change(each) for each in aim.split(", ") if each)
    assert derive(parse(trigger), changes, LABELS) == orientation


def test_a_stated_orientation_wins() -> None:
    assert derive(parse("fear > 0.6"), (), LABELS, "anger") == "anger"


def test_exactly_four_pairs_of_the_default_emotions_are_opposed() -> None:
    opposed = {frozenset((left, right)) for left in LABELS for right in LABELS if cosine(PAD[left], PAD[right]) < -0.20}
    assert opposed == {
        frozenset(("joy", "sadness")),
        frozenset(("surprise", "sadness")),
        frozenset(("joy", "fear")),
        frozenset(("joy", "disgust")),
    }


def test_opposed_pairs_are_looked_for_between_the_children_of_a_parallel_only() -> None:
    inner = Parallel((Leaf("comfort"), Selector((Leaf("flee"), Leaf("hum")))))
    assert find_opposed(Tree("t", inner), rules(FLEE, COMFORT, HUM), PAD) == ()
    outer = Parallel((Leaf("hum"), inner))
    (found,) = find_opposed(outer, rules(FLEE, COMFORT, HUM), PAD)
    assert (found.left, found.right, found.left_child, found.right_child) == ("hum", "flee", 0, 1)
    assert found.orientations == ("joy", "fear")
