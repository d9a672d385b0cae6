"""Reading expressions: what is accepted, what is refused, and what the refusal says."""

from __future__ import annotations

import pytest

from behaviors.expressions import MAX_CHARS, ExpressionFault, names, parse
from behaviors.expressions.syntax import Binary, Call, Comparison, Name, Number, Truth, Unary


def fault(text: str) -> ExpressionFault:
    with pytest.raises(ExpressionFault) as caught:
        parse(text)
    return caught.value


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("fear > 0.6 - 0.2 * neuroticism", "fear > 0.6 - 0.2 * neuroticism"),
        ("bearer.sadness+bearer.fear>.7 and fear<0.5", "bearer.sadness + bearer.fear > 0.7 and fear < 0.5"),
        ("(a or b) and not c", "(a or b) and not c"),
        ("a or b and not (c or d)", "a or b and not (c or d)"),
        ("a - (b - c) > 0", "a - (b - c) > 0"),
        ("(a - b) - c > 0", "a - b - c > 0"),
        ("0.2 < fear <= 0.6", "0.2 < fear <= 0.6"),
        ("max(fear, anger) > clamp(joy, 0, 1)", "max(fear, anger) > clamp(joy, 0, 1)"),
        ("distance < 500 cm", "distance < 5 m"),
        ("music_box.wound > 1500 ms", "music_box.wound > 1.5 s"),
        ("music_box.wound > 2min", "music_box.wound > 120 s"),
        ("-joy < --0.5", "-joy < --0.5"),
        ("bearer.mood.dominance > 0 and true", "bearer.mood.dominance > 0 and true"),
    ],
)
def test_an_expression_prints_as_its_canonical_text(text: str, canonical: str) -> None:
    assert str(parse(text)) == canonical
    assert parse(canonical).root == parse(text).root


def test_and_binds_tighter_than_or_and_not_tighter_than_and() -> None:
    root = parse("a or b and not c").root
    assert root == Binary("or", Name("a"), Binary("and", Name("b"), Unary("not", Name("c"))))


def test_a_chain_of_comparisons_is_one_node() -> None:
    assert parse("0.1 < fear < 0.6").root == Comparison(("<", "<"), (Number(0.1), Name("fear"), Number(0.6)))


def test_min_is_a_unit_after_a_number_and_a_function_before_a_bracket() -> None:
    assert parse("min(a, b) > 3 min").root == Comparison(
        (">",), (Call("min", (Name("a"), Name("b"))), Number(180.0, "s"))
    )


def test_truth_values_are_words() -> None:
    assert parse("true").root == Truth(True)


def test_names_come_with_their_places() -> None:
    assert names(parse("fear > 0.2 and  bearer.joy < fear")) == (
        ("fear", 0, 4),
        ("bearer.joy", 16, 10),
        ("fear", 29, 4),
    )


def test_brackets_and_units_count_towards_the_place_of_a_node() -> None:
    assert (parse("a < 500 cm").root.offset, parse("a < 500 cm").root.width) == (0, 10)


@pytest.mark.parametrize(
    ("text", "offset", "width", "message", "remedy"),
    [
        ("fear > 0.6 && joy", 11, 2, "`&` is not part of the trigger language", "write `and`"),
        ("fear > 0.6 & joy", 11, 1, "`&` is not part of the trigger language", "write `and`"),
        ("fear > 0.6 || joy", 11, 2, "`|` is not part of the trigger language", "write `or`"),
        ("!lit", 0, 1, "`!` is not part of the trigger language", "write `not`"),
        ("fear = 0.5", 5, 1, "`=` is not part of the trigger language", "write `==`"),
        ("fear => 0.5", 5, 2, "`=>` is not part of the trigger language", "write `>=`"),
        ("fear ≥ 0.5", 5, 1, "`≥` is not part of the trigger language", "write `>=`"),
        ("fear > 60%", 9, 1, "`%` is not part of the trigger language", "percentages are written as fractions: 0.6"),
        ("Fear > 0.6", 0, 4, "`Fear` is not part of the trigger language", "names are lower case: `fear`"),
        ("joy > 0.1 and Fear", 14, 4, "`Fear` is not part of the trigger language", "names are lower case: `fear`"),
        ("not", 3, 1, "a value is missing here", ""),
        ("", 0, 1, "a value is missing here", ""),
        ("fear >", 6, 1, "a value is missing here", ""),
        ("()", 1, 1, "a value is missing here", ""),
        ("(fear > 0.1", 0, 1, "this bracket is never closed", "write the missing `)`"),
        ("fear > 0.1)", 10, 1, "unexpected `)`", "a `(` is missing, or this `)` is one too many"),
        ("fear > 0.6 joy > 0.2", 11, 3, "`joy` is not a unit", "units are m, cm, s, ms, min; to multiply write `*`"),
        ("lit joy > 0.2", 4, 3, "unexpected `joy`", "two comparisons are joined with `and` or `or`"),
        ("max(fear", 0, 3, "the bracket of `max(` is never closed", "inside { } a comma ends the value"),
        ("max > 0.5", 0, 3, "`max` is a function", "write max(...)"),
        ("abs(a, b) > 1", 0, 3, "`abs` takes 1 values, not 2", ""),
        ("clamp(a, b) > 1", 0, 5, "`clamp` takes 3 values, not 2", ""),
        ("scream(a) > 1", 0, 6, "`scream` is not a function", "min, max, abs and clamp are"),
        ("fear > +0.5", 7, 1, "unexpected `+`", "leave the `+` out"),
        ("fear > 1e3", 8, 2, "`e3` is not a unit", "there are no exponents"),
        ("a.b.c.d > 1", 0, 7, "`a.b.c.d` has too many dots", "at most `bearer.mood.dominance`"),
        ("fear > and", 7, 3, "`and` needs something on both sides", ""),
        ("or fear", 0, 2, "`or` needs something on both sides", ""),
        ("fear > not joy", 7, 3, "`not` needs brackets here", "write `(not ...)`"),
        ("mood == 'happy'", 8, 1, "`'` is not part of the trigger language", "there are no texts"),
        ("fear ** 2 > 1", 5, 2, "`**` is not part of the trigger language", ""),
        ("_fear > 1", 0, 5, "`_fear` is not part of the trigger language", "names are lower case: `fear`"),
    ],
)
def test_a_syntax_fault_says_where_what_and_what_to_write(
    text: str, offset: int, width: int, message: str, remedy: str
) -> None:
    found = fault(text)
    assert found.slug == "syntax"
    assert (found.message, found.offset, found.width) == (message, offset, width)
    assert remedy in found.remedy


def test_too_many_brackets_are_refused_before_they_exhaust_the_stack() -> None:
    assert fault("(" * 900 + "a" + ")" * 900).slug == "too-deep"
    assert fault("not " * 400 + "a").slug == "too-deep"
    assert fault("-" * 400 + "a > 0").slug == "too-deep"


def test_a_very_long_expression_is_refused() -> None:
    assert fault("a" * (MAX_CHARS + 1)).slug == "too-long"
    assert fault("a+" * 300 + "a > 0").slug == "too-long"
