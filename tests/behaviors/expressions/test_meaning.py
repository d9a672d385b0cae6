"""Checking expressions: every fault at once, each with a place and a remedy."""

from __future__ import annotations

import pytest

from behaviors.expressions import ExpressionFault, Kind, check, parse

KINDS = {
    "fear": Kind.NUMBER,
    "anger": Kind.NUMBER,
    "neuroticism": Kind.CONSTANT,
    "distance": Kind.LENGTH,
    "music_box.wound": Kind.TIME,
    "music_box.playing": Kind.BOOLEAN,
    "world.night": Kind.BOOLEAN,
}


def faults(text: str) -> list[ExpressionFault]:
    return check(parse(text), KINDS)


def only(text: str) -> ExpressionFault:
    (fault,) = faults(text)
    return fault


@pytest.mark.parametrize(
    "text",
    [
        "fear > 0.6 - 0.2 * neuroticism",
        "neuroticism * fear > 0.1",
        "fear / 2 > 0.1 and fear / (1 + 1) < 0.4",
        "distance < 8 m and not world.night",
        "0 m < distance < 500 cm",
        "max(distance, 2 m) < 8 m",
        "distance / 2 m > 1.5",
        "2 * distance < 8 m",
        "world.night == music_box.playing",
        "world.night != true",
        "abs(fear - anger) < 0.2 or music_box.wound > 3 s",
        "music_box.playing",
        "true",
    ],
)
def test_a_sound_expression_has_no_faults(text: str) -> None:
    assert faults(text) == []


def test_an_unknown_name_is_reported_with_the_nearest_known_one() -> None:
    fault = only("feer > 0.6")
    assert (fault.slug, fault.offset, fault.width) == ("unknown-name", 0, 4)
    assert fault.message == "`feer` is not known in this trigger"
    assert fault.remedy == "did you mean `fear`?"


def test_an_unknown_name_unlike_any_is_reported_with_the_known_ones() -> None:
    assert only("zzz > 0.6").remedy.startswith("known here: anger, distance, fear")


def test_names_may_also_be_known_by_a_function() -> None:
    known = check(parse("fear > feer"), lambda name: Kind.NUMBER if name == "fear" else None, what="this condition")
    assert [fault.message for fault in known] == ["`feer` is not known in this condition"]


def test_a_plain_number_where_a_length_belongs_is_reported_with_the_fixed_text() -> None:
    fault = only("distance < 8")
    assert (fault.slug, fault.offset, fault.width, fault.remedy) == ("wrong-unit", 11, 1, "8 m")
    assert only("8 > music_box.wound").remedy == "8 s"


def test_a_length_and_a_time_cannot_be_compared_or_added() -> None:
    assert only("distance < music_box.wound").slug == "wrong-unit"
    assert only("distance + music_box.wound < 3 m").slug == "wrong-unit"


def test_a_length_where_a_plain_number_belongs_is_reported() -> None:
    assert only("fear > 0.5 m").slug == "wrong-unit"


def test_true_or_false_is_not_a_number_and_a_number_is_not_true_or_false() -> None:
    assert only("world.night > 0.5").slug == "wrong-type"
    assert only("world.night + 1 > 0.5").slug == "wrong-type"
    assert only("fear and world.night").remedy == "compare it: `fear > 0.5`"
    assert only("not fear").slug == "wrong-type"
    assert only("fear").message == "this trigger must be true or false, and this is a number"
    assert only("(fear > 0.5) > 0.5").slug == "wrong-type"


def test_a_product_of_two_things_that_change_is_not_linear() -> None:
    fault = only("fear * anger > 0.5")
    assert (fault.slug, fault.offset, fault.width) == ("not-linear", 0, 12)


def test_division_by_anything_but_a_fixed_number_is_refused() -> None:
    assert only("1 / fear > 2").slug == "not-linear"
    assert only("1 / neuroticism > 2").slug == "not-linear"
    assert only("fear / 0 > 2").slug == "division-by-zero"
    assert only("fear / (1 - 1) > 2").slug == "division-by-zero"


def test_two_units_cannot_be_multiplied() -> None:
    assert {fault.slug for fault in faults("distance * 2 m > 1")} == {"wrong-unit"}


def test_all_faults_are_reported_at_once_in_the_order_of_the_text() -> None:
    found = faults("feer > 0.6 and distance < 8 and world.night > 1 or fear * anger > 0")
    assert [fault.slug for fault in found] == ["unknown-name", "wrong-unit", "wrong-type", "not-linear"]


def test_one_mistake_gives_one_fault() -> None:
    assert [fault.slug for fault in faults("(feer + anger) * 2 m < distance")] == ["unknown-name"]
