"""Proves the rules of the scene language that are not about faults: units, merging, defaults, order, own labels."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from behaviors.rules import Bearer, Who
from behaviors.trees import Leaf, Modifier, Modify, Parallel, Repeat, Sequence
from emotion_runtime.scene import bundled_scene, compiled_digest, load_scene
from emotion_runtime.scene.model import FileForm
from emotion_runtime.scene.quantities import Declared, QuantityError, change, duration, length, number, variable
from emotion_runtime.scene.resolved import Scene
from tests.scene.scenes import SOUND, changed, load


def sound(folder: Path, text: str) -> Scene:
    found = load(folder, text)
    assert found.scene is not None, found.report.text()
    return found.scene


@pytest.mark.parametrize(
    ("text", "metres"), [("5 m", 5.0), ("500 cm", 5.0), ("5m", 5.0), (".5 m", 0.5), ("0.25 m", 0.25)]
)
def test_a_length_is_metres(text: str, metres: float) -> None:
    assert length(text, "x") == metres


@pytest.mark.parametrize(("text", "seconds"), [("8 s", 8.0), ("250 ms", 0.25), ("2 min", 120.0)])
def test_a_time_is_seconds(text: str, seconds: float) -> None:
    assert duration(text, "x") == seconds


def test_a_change_has_a_sign_and_may_be_a_rate() -> None:
    assert change("+0.3", "x") == (0.3, False)
    assert change("-0.3/s", "x") == (-0.3, True)


@pytest.mark.parametrize("text", ["no", "1:30", "012 s", "1e3", "2026-01-02", "0x10", "1_000", "nan", "inf", "٣"])
def test_no_spelling_is_a_number_but_decimal_digits(text: str) -> None:
    with pytest.raises(QuantityError):
        number(text, "x", -10.0, 10.0)


def test_a_variable_has_a_start_and_a_range_in_one_unit() -> None:
    assert variable("true", "x") == Declared(1.0, 0.0, 1.0, True)
    assert variable("0.6 in 0..1", "x") == Declared(0.6, 0.0, 1.0)
    assert variable("-0.5 in -1..1", "x") == Declared(-0.5, -1.0, 1.0)
    assert variable("0 s in 0..1 min", "x") == Declared(0.0, 0.0, 60.0, False, "s")
    assert variable("50 cm in 0 m..2 m", "x") == Declared(0.5, 0.0, 2.0, False, "m")
    for wrong in ("0 in 0..60 s", "0 s in 0..60", "0 s in 0..60 m", "true in 0..1"):
        with pytest.raises(QuantityError):
            variable(wrong, "x")


@given(st.floats(-1, 1))
def test_every_decimal_number_is_read_as_written(value: float) -> None:
    text = f"{value:.6f}"
    assert number(text, "x", -1.0, 1.0) == float(text)


def test_an_archetype_chain_merges_maps_by_key_and_adds_lists_up(tmp_path: Path) -> None:
    text = changed(
        "  person: {can: [flee]}\n",
        "  person: {can: [flee], hearing: 5 m, half_life: {fear: 9 s, joy: 8 s, mood: 1 min}, tags: [human]}\n"
        "  noble: {is: person, hearing: 7 m, half_life: {fear: 3 s}, personality: {openness: 0.4}, tags: [rich]}\n",
    ).replace("    is: person\n", "    is: noble\n")
    anna = sound(tmp_path, text).characters[0]
    assert anna.archetypes == ("noble", "person")
    assert anna.tags == {"anna", "noble", "person", "human", "rich"}
    assert (anna.half_life["fear"], anna.half_life["joy"], anna.mood_half_life) == (3.0, 8.0, 60.0)
    assert anna.hearing == 7.0
    assert (anna.personality["openness"], anna.personality["neuroticism"]) == (0.4, 0.5)
    assert anna.can == ("flee", "wave")


def test_a_rarer_tag_beats_a_more_common_one_and_a_name_beats_both(tmp_path: Path) -> None:
    text = changed("likes: {ben: 0.3}", "likes: {person: 0.1, kin: 0.5}").replace(
        "ben: {is: person,", "ben: {is: person, tags: [kin],"
    )
    assert sound(tmp_path, text).characters[0].likes == {"ben": 0.5}
    named = text.replace("kin: 0.5}", "kin: 0.5, ben: 0.7}")
    assert sound(tmp_path, named).characters[0].likes == {"ben": 0.7}


def test_nobody_has_an_attitude_to_oneself(tmp_path: Path) -> None:
    assert "anna" not in sound(tmp_path, changed("ben: 0.3", "person: 0.3")).characters[0].likes


def test_a_rule_without_timeout_gets_three_times_its_length_and_five_seconds(tmp_path: Path) -> None:
    assert sound(tmp_path, SOUND).rules["wave"].timeout == 3 * 2.0 + 5.0


def test_aims_at_oneself_are_marked_whether_by_bearer_or_by_prefix(tmp_path: Path) -> None:
    by_prefix = sound(tmp_path, changed("{joy: +0.1}", "{self.joy: +0.1}")).rules["wave"]
    by_bearer = sound(tmp_path, changed("nearest(person)", "self")).rules["wave"]
    assert by_prefix.aim == by_bearer.aim
    assert by_prefix.aim[0].on_self


@pytest.mark.parametrize(
    ("text", "bearer"),
    [
        ("self", Bearer(Who.SELF)),
        ("speaker", Bearer(Who.SPEAKER)),
        ("target", Bearer(Who.TARGET)),
        ("ben", Bearer(Who.NAMED, "ben")),
        ("nearest(ben)", Bearer(Who.NEAREST, "ben")),
        ("all( person )  within 250 cm", Bearer(Who.ALL, "person", 2.5)),
        ("cause(joy)", Bearer(Who.CAUSE, "joy")),
    ],
)
def test_every_kind_of_bearer_is_understood(tmp_path: Path, text: str, bearer: Bearer) -> None:
    assert sound(tmp_path, changed("bearer: nearest(person)", f"bearer: {text}")).rules["wave"].bearer == bearer


def test_payload_keeps_text_numbers_and_truth_apart(tmp_path: Path) -> None:
    text = changed("    lasts: 2 s", "    lasts: 2 s\n    payload: {a: true, b: 0.5, c: '0.5', d: no, e: -3}")
    payload = sound(tmp_path, text).rules["wave"].payload
    assert payload == {"a": True, "b": 0.5, "c": "0.5", "d": "no", "e": -3.0}


def test_modifiers_wrap_from_the_outside_in(tmp_path: Path) -> None:
    text = changed(
        "[flee, wave]", "[flee, {modify: wave, with: [force success, guard fear < 0.5, delay 200 ms, retry 2]}]"
    )
    node = sound(tmp_path, text).trees["life"].root
    words = []
    current = node.children[1] if hasattr(node, "children") else node
    while isinstance(current, Modify):
        words.append((current.modifier, current.value))
        current = current.child
    assert words == [
        (Modifier.FORCE_SUCCESS, 0.0), (Modifier.GUARD, 0.0), (Modifier.DELAY, 0.2), (Modifier.RETRY, 2.0),
    ]  # fmt: skip
    assert current == Leaf("wave")


def test_a_named_child_decides_a_parallel_and_a_named_tree_is_put_in_its_place(tmp_path: Path) -> None:
    text = changed(
        "    selector: [flee, wave]\n",
        "    parallel: [flee, other]\n    succeed: other\n  other: {repeat: flee, until: failure}\n",
    )
    scene = sound(tmp_path, text)
    again = Repeat(Leaf("flee"), None, "failure")
    assert scene.trees["life"].root == Parallel((Leaf("flee"), again), 1)
    assert scene.trees["other"].root == again


def test_no_is_a_name_like_any_other(tmp_path: Path) -> None:
    text = SOUND.replace("ben", "no")
    assert [each.id for each in sound(tmp_path, text).characters] == ["anna", "no"]


def test_a_scene_may_have_labels_of_its_own(tmp_path: Path) -> None:
    text = changed(
        "events: [bang]\n",
        "events: [bang]\nemotions:\n  pride: {pleasure: 0.7, arousal: 0.4, dominance: 0.6, half_life: 9 s}\n"
        "  fear: {pleasure: -0.6, arousal: 0.6, dominance: -0.4}\n",
    )
    text = text.replace("joy > 0.3", "pride > 0.3").replace("joy:", "pride:")
    scene = sound(tmp_path, text)
    assert scene.labels == ("fear", "neutral", "pride")
    assert scene.pad["pride"] == (0.7, 0.4, 0.6)
    assert scene.pad["neutral"] == (0.0, 0.0, 0.0)
    assert scene.characters[0].half_life == {"fear": 12.0, "pride": 9.0}
    assert scene.rules["wave"].orientation == "pride"
    assert "unknown-name" in load(tmp_path, text.replace("pride > 0.3", "joy > 0.3")).slugs


def test_allow_on_a_node_covers_what_lies_below_it(tmp_path: Path) -> None:
    text = changed("    can: [wave]\n", "").replace(
        "selector: [flee, wave]", "selector: [flee, wave]\n    allow: [cannot-do]"
    )
    assert load(tmp_path, text).slugs == []


def test_the_json_schema_knows_every_section() -> None:
    schema = FileForm.model_json_schema()
    assert set(schema["properties"]) >= {"scene", "language", "include", "characters", "rules", "trees", "appraisal"}
    assert schema["additionalProperties"] is False


def reverse_keys(node: yaml.Node) -> None:
    """Turn the keys of every map the other way round; lists keep their order, scalars their quotes."""
    for below in node.value if isinstance(node, yaml.CollectionNode) else []:
        for each in below if isinstance(below, tuple) else (below,):
            reverse_keys(each)
    if isinstance(node, yaml.MappingNode):
        node.value.reverse()


def test_the_order_of_keys_has_no_meaning(tmp_path: Path) -> None:
    for file in bundled_scene().parent.glob("*.yaml"):
        root = yaml.compose(file.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
        assert root is not None
        reverse_keys(root)
        # The serializer quotes `true`, and `payload` is the one place where quotes count.
        (tmp_path / file.name).write_text(yaml.serialize(root).replace("'true'", "true"), encoding="utf-8")
    there, here = load_scene(tmp_path / "tavern.yaml"), load_scene(bundled_scene())
    assert compiled_digest(there) == compiled_digest(here)


def test_the_order_of_lists_that_are_sets_has_no_meaning(tmp_path: Path) -> None:
    one = sound(tmp_path, changed("    can: [wave]", "    can: [wave, flee]"))
    other = sound(tmp_path, changed("    can: [wave]", "    can: [flee, wave]"))
    assert compiled_digest(one) == compiled_digest(other)


def test_the_order_of_branches_has_a_meaning(tmp_path: Path) -> None:
    one, other = sound(tmp_path, SOUND), sound(tmp_path, changed("[flee, wave]", "[wave, flee]"))
    assert compiled_digest(one) != compiled_digest(other)
    assert one.trees["life"].root != Sequence((Leaf("flee"), Leaf("wave")))
