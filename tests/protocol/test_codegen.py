"""The generated files of other languages are those the generator writes now."""

from __future__ import annotations

from types import ModuleType

import pytest

from protocol import codegen, ids
from protocol.codec import MESSAGE_TYPES
from protocol.codegen import csharp, csharp_shapes


@pytest.mark.parametrize("module", codegen.language_modules(), ids=lambda module: module.__name__)
def test_a_generated_file_is_what_its_generator_writes(module: ModuleType) -> None:
    path = codegen.ROOT / module.PATH
    assert path.is_file(), f"{module.PATH} is missing: run python -m protocol.codegen --write"
    assert path.read_text(encoding="utf-8") == module.render(), "run: python -m protocol.codegen --write"
    assert "Do not edit" in path.read_text(encoding="utf-8").splitlines()[0] + "".join(
        path.read_text(encoding="utf-8").splitlines()[1:4]
    )


def test_csharp_has_every_code_capability_and_operation() -> None:
    text = csharp.render()
    for name in (*ids.ERROR_CODES, *ids.CAPABILITIES, *ids.OPERATIONS, *ids.STOP_REASONS):
        assert f'"{name}"' in text
    assert f"Number = {ids.PROTOCOL};" in text


def test_csharp_knows_the_shape_of_every_message() -> None:
    text = csharp_shapes.render()
    for kind, cls in MESSAGE_TYPES.items():
        assert f'Shape {cls.__name__} = new Shape("type", "{kind}"' in text


@pytest.mark.parametrize(("name", "expected"), [("MAX_ID", "MaxId"), ("columns.f32", "ColumnsF32"), ("gap", "Gap")])
def test_names_are_written_as_csharp_writes_them(name: str, expected: str) -> None:
    assert codegen.pascal(name) == expected
