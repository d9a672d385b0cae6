"""Smart objects: conditions on their own variables, range, fade, and the record of who was touched."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from behaviors.errors import RuleError
from behaviors.expressions import parse
from behaviors.objects import Effect, Influence
from behaviors.rules import Fade, InteractiveRule
from tests.behaviors.stage import LABELS, Stage, bearer, change

JOY, FEAR = LABELS.index("joy"), LABELS.index("fear")
GUARD, MERCHANT, CHILD, THIEF = range(4)


def interactive(
    who: str, trigger: str, effect: str, fade: Fade = Fade.NONE, inflicter: str = "fire"
) -> InteractiveRule:
    changes = tuple(change(each) for each in effect.split(", "))
    return InteractiveRule("warm", inflicter, bearer(who), parse(trigger), changes, fade)


def tavern() -> Stage:
    stage = Stage(objects=("fire", "box"), variables=("fire.lit", "fire.heat", "box.playing", "world.night"))
    for who, x in (("guard", 0.0), ("merchant", 1.0), ("child", 4.0), ("thief", 4.5)):
        stage.put(who, x)
    stage.set("fire.lit", 1.0)
    stage.set("fire.heat", 0.6)
    return stage


def rates(stage: Stage, *several: InteractiveRule) -> tuple[np.ndarray, np.ndarray, list[Effect]]:
    excite, inhibit = np.zeros((4, len(LABELS))), np.zeros((4, len(LABELS)))
    effects = Influence(stage.cast, several).act(stage.senses, excite, inhibit)
    return excite, inhibit, effects


def test_an_object_acts_on_all_in_range_while_its_condition_holds() -> None:
    stage = tavern()
    one = interactive("all(person) within 4 m", "lit and heat > 0.2", "joy: +0.03/s, fear: -0.04/s")
    excite, inhibit, _ = rates(stage, one)
    assert excite[:, JOY].tolist() == [0.03, 0.03, 0.03, 0.0]
    assert inhibit[:, FEAR].tolist() == [0.04, 0.04, 0.04, 0.0]
    assert excite.sum() == pytest.approx(0.09)
    stage.set("fire.lit", 0.0)
    excite, inhibit, effects = rates(stage, one)
    assert not excite.any()
    assert not inhibit.any()
    assert effects == []


def test_bare_names_are_the_objects_variables_and_world_may_be_read() -> None:
    stage = tavern()
    one = interactive("all(person)", "world.night and not box.playing", "joy: +0.1/s", inflicter="box")
    assert rates(stage, one)[2] == []
    stage.set("world.night", 1.0)
    assert len(rates(stage, one)[2]) == 1
    stage.set("box.playing", 1.0)
    assert rates(stage, one)[2] == []


def test_nearest_is_one_character_in_range() -> None:
    stage = tavern()
    stage.put("fire", 4.3)
    excite, _, _ = rates(stage, interactive("nearest(person) within 2 m", "lit", "joy: +0.1/s"))
    assert excite[:, JOY].tolist() == [0.0, 0.0, 0.0, 0.1]
    stage.put("fire", 90.0)
    assert rates(stage, interactive("nearest(person) within 2 m", "lit", "joy: +0.1/s"))[2] == []


def test_a_named_bearer_is_touched_in_range_only() -> None:
    stage = tavern()
    assert rates(stage, interactive("child", "lit", "joy: +0.1/s"))[0][:, JOY].tolist() == [0.0, 0.0, 0.1, 0.0]


def test_a_linear_fade_falls_to_nothing_at_the_edge() -> None:
    excite, _, _ = rates(tavern(), interactive("all(person) within 4 m", "lit", "joy: +0.1/s", Fade.LINEAR))
    assert excite[:, JOY] == pytest.approx([0.1, 0.075, 0.0, 0.0])


def test_an_inverse_square_fade_is_a_fifth_at_the_edge() -> None:
    excite, _, _ = rates(tavern(), interactive("all(person) within 4 m", "lit", "joy: +0.1/s", Fade.INVERSE_SQUARE))
    assert excite[:, JOY] == pytest.approx([0.1, 0.08, 0.02, 0.0])


def test_effects_name_the_rule_the_object_the_characters_and_the_signed_rates() -> None:
    stage = tavern()
    several = (
        interactive("all(person) within 1 m", "heat > 0.9", "fear: +0.2/s"),
        interactive("all(person) within 1 m", "lit", "joy: +0.03/s, fear: -0.04/s"),
    )
    _, _, effects = rates(stage, *several)
    assert [(each.rule, each.inflicter, each.label) for each in effects] == [(1, 4, JOY), (1, 4, FEAR)]
    assert [each.characters.tolist() for each in effects] == [[GUARD, MERCHANT]] * 2
    assert [each.rates.tolist() for each in effects] == [[0.03, 0.03], [-0.04, -0.04]]


def test_rates_of_several_rules_add_up() -> None:
    one = interactive("all(person) within 4 m", "lit", "joy: +0.1/s")
    excite, _, _ = rates(tavern(), one, one)
    assert excite[GUARD, JOY] == 0.2


@settings(deadline=None)
@given(
    st.lists(st.tuples(*(st.floats(-20, 20),) * 3), min_size=5, max_size=5),
    st.floats(0, 15),
    st.sampled_from([Fade.NONE, Fade.LINEAR, Fade.INVERSE_SQUARE]),
)
def test_nobody_beyond_the_range_is_touched_and_nobody_more_than_the_rule_says(
    places: list[tuple[float, float, float]], within: float, fade: Fade
) -> None:
    stage = Stage(objects=("fire",), variables=("fire.lit",))
    stage.set("fire.lit", 1.0)
    stage.senses.position[:] = places
    one = interactive(f"all(person) within {within:.3f} m", "lit", "joy: +0.1/s", fade)
    excite, inhibit, _ = rates(stage, one)
    metres = np.sqrt(((stage.senses.position[:4] - stage.senses.position[4]) ** 2).sum(axis=1))
    assert (excite[metres > one.bearer.within + 1e-9] == 0).all()
    assert (excite >= 0).all()
    assert (excite <= 0.1).all()
    assert not inhibit.any()


def row_of_people(one: InteractiveRule, sees: list[bool] | None = None) -> list[float]:
    """The rates of joy of four people 0, 2, 4 and 6 m from the fire."""
    stage = Stage(objects=("fire",), variables=("fire.lit",))
    stage.set("fire.lit", 1.0)
    stage.senses.position[:4, 0] = (0.0, 2.0, 4.0, 6.0)
    excite, inhibit = np.zeros((4, len(LABELS))), np.zeros((4, len(LABELS)))
    Influence(stage.cast, [one]).act(
        replace(stage.senses, sees={} if sees is None else {0: np.array(sees)}), excite, inhibit
    )
    found: list[float] = excite[:, LABELS.index("joy")].round(9).tolist()
    return found


WARM = interactive("all(person) within 6 m", "lit", "joy: +0.1/s")


def test_a_custom_fade_is_straight_between_its_points_and_level_outside() -> None:
    curved = replace(WARM, fade=Fade.CURVE, curve=((1.0, 1.0), (3.0, 0.5), (5.0, 0.0)))
    assert row_of_people(curved) == [0.1, 0.075, 0.025, 0.0]


def test_an_effect_in_sight_reaches_only_those_that_see_the_object() -> None:
    seen = [True, False, True, False]
    assert row_of_people(replace(WARM, in_sight=True), seen) == [0.1, 0.0, 0.1, 0.0]
    assert row_of_people(WARM, seen) == row_of_people(replace(WARM, in_sight=True)) == [0.1] * 4


def test_an_object_of_some_capacity_acts_on_the_nearest() -> None:
    assert row_of_people(replace(WARM, capacity=3)) == [0.1, 0.1, 0.1, 0.0]


def test_who_holds_a_place_keeps_it_however_near_others_come() -> None:
    stage = Stage(objects=("fire",), variables=("fire.lit",))
    stage.set("fire.lit", 1.0)
    x = stage.senses.position[:4, 0]
    seats = Influence(stage.cast, [replace(WARM, capacity=2, claims=True)])

    def reached(*places: float) -> list[int]:
        x[:] = places
        effects = seats.act(stage.senses, np.zeros((4, len(LABELS))), np.zeros((4, len(LABELS))))
        return effects[0].characters.tolist() if effects else []

    assert reached(1.0, 2.0, 3.0, 4.0) == [0, 1]
    assert reached(5.0, 5.5, 1.0, 2.0) == [0, 1]
    assert reached(7.0, 5.5, 1.0, 2.0) == [1, 2]
    stage.set("fire.lit", 0.0)
    assert reached(7.0, 5.5, 1.0, 2.0) == []
    assert not seats.claims.any()
    stage.set("fire.lit", 1.0)
    assert reached(7.0, 5.5, 1.0, 2.0) == [2, 3]


@pytest.mark.parametrize("curve", [(), ((1.0, 1.0), (1.0, 0.5)), ((0.0, 1.5),)])
def test_a_curve_that_is_none_is_refused(curve: tuple[tuple[float, float], ...]) -> None:
    with pytest.raises(RuleError) as caught:
        row_of_people(replace(WARM, fade=Fade.CURVE, curve=curve))
    assert caught.value.code == "wrong_curve"


@pytest.mark.parametrize(
    ("one", "code"),
    [
        (interactive("self", "lit", "joy: +0.1/s"), "wrong_bearer"),
        (interactive("cause(fear)", "lit", "joy: +0.1/s"), "wrong_bearer"),
        (interactive("speaker", "lit", "joy: +0.1/s"), "wrong_bearer"),
        (interactive("box", "lit", "joy: +0.1/s"), "wrong_bearer"),
        (interactive("all(elf)", "lit", "joy: +0.1/s"), "unknown_tag"),
        (interactive("all(person)", "lit", "joy: +0.1"), "wrong_effect"),
        (interactive("all(person)", "lit", "self.joy: +0.1/s"), "wrong_effect"),
        (interactive("all(person)", "lit", "envy: +0.1/s"), "unknown_label"),
        (interactive("all(person)", "lit", "neutral: +0.1/s"), "unknown_label"),
        (interactive("all(person)", "fear > 0.5", "joy: +0.1/s"), "unknown_name"),
        (interactive("all(person)", "lit", "joy: +0.1/s", inflicter="oven"), "unknown_object"),
    ],
)
def test_a_rule_that_makes_no_sense_for_an_object_is_refused(one: InteractiveRule, code: str) -> None:
    with pytest.raises(RuleError) as caught:
        Influence(tavern().cast, [one])
    assert caught.value.code == code
