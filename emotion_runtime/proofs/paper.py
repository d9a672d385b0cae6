"""Owns `paper-trigger`: the paper's strict reading of its point 1, that an autonomous trigger rests on mood alone."""

from __future__ import annotations

from behaviors.expressions import names
from behaviors.library import paper_faults
from emotion_runtime.proofs.study import Study
from emotion_runtime.scene.values import Formula


def check_paper(study: Study) -> None:
    """Report every name in a trigger or release that is no emotion, mood or trait (section 2.3.2 of the paper)."""
    refused = set(paper_faults(study.scene.rules.values()))
    for rule, definition in study.subject.defined.rules.items():
        form = definition.form
        for formula in (form.trigger, form.release) if form else ():
            for name, offset, width in names(formula.expression) if formula else ():
                if formula is not None and (rule, name) in refused:
                    _tell(study, rule, name, formula, offset, width)


def _tell(study: Study, rule: str, name: str, formula: Formula, offset: int, width: int) -> None:
    study.tell(
        "error", "paper-trigger", formula.at.span(formula.offset + offset, width),
        f"in the paper's strict reading `{rule}` rests on emotion and mood alone, and `{name}` is neither",
        remedy="leave it out, or check without --paper",
    )  # fmt: skip
