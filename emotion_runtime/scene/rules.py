"""Owns rules: forms turned into the paper's tuples, for characters (equation 20) and smart objects (equation 21)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from behaviors.orientation import derive
from behaviors.rules import DEFAULT_REST_S, AutonomousRule, Bearer, Change, Fade, InteractiveRule, Who
from emotion_runtime.scene.allowances import Allowances
from emotion_runtime.scene.characters import point
from emotion_runtime.scene.definitions import Definition, Definitions, check_name, known_key
from emotion_runtime.scene.diagnostics import Report, did_you_mean
from emotion_runtime.scene.model import ObjectForm, ObjectRuleForm, RuleForm
from emotion_runtime.scene.nodes import Scalar
from emotion_runtime.scene.quantities import QuantityError, length, quantity
from emotion_runtime.scene.resolved import SmartObject, Variable
from emotion_runtime.scene.scopes import Scopes, check_names
from emotion_runtime.scene.selectors import Known, character_bearer, object_bearer
from emotion_runtime.scene.values import Delta, Number

TIMEOUT_FACTOR = 3.0
TIMEOUT_EXTRA_S = 5.0
"""A rule without a timeout gets 3 x lasts + 5 s."""
LONGEST_PAYLOAD = 1000
"""Characters of one payload value."""

_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?")


class RuleReader:
    """Turns rule forms into rules; every fault goes to the report, and a faulty rule gives None."""

    def __init__(
        self, defined: Definitions, known: Known, scopes: Scopes, allowances: Allowances, report: Report
    ) -> None:
        self.defined, self.known, self.scopes = defined, known, scopes
        self.allowances, self.report = allowances, report

    def rule(self, name: str, form: RuleForm) -> AutonomousRule | None:
        """One rule of characters."""
        self.allowances.note(form.node, form.allow)
        bearer = character_bearer(form.bearer, self.known, self.report) if form.bearer else None
        if bearer is not None or form.bearer is None:
            self._check_expressions(form, bearer)
        aim = self._aim(form, bearer)
        sets = self._sets(form, bearer)
        payload = self._payload(form)
        stated = form.orientation.text if form.orientation else None
        if form.orientation is not None and stated not in self.defined.labels:
            remedy = did_you_mean(form.orientation.text, self.defined.labels)
            self.report.error("unknown-name", form.orientation.place, f"`{stated}` is not an emotion", remedy=remedy)
        if form.trigger is None or form.lasts is None or bearer is None:
            return None
        lasts = form.lasts.value
        return AutonomousRule(
            name=name,
            bearer=bearer,
            trigger=form.trigger.expression,
            lasts=lasts,
            release=form.release.expression if form.release else None,
            aim=aim,
            sets=sets,
            timeout=self._timeout(form, lasts),
            rest=form.rest.value if form.rest else DEFAULT_REST_S,
            orientation=derive(form.trigger.expression, aim, self.defined.labels, stated),
            payload=payload,
            priority=form.priority.value if form.priority else 0,
        )

    def _check_expressions(self, form: RuleForm, bearer: Bearer | None) -> None:
        scope = self.scopes.of_rule(bearer)
        trigger = form.trigger
        if trigger is not None:
            clean = check_names(trigger, scope, "this trigger", self.scopes, self.report)
            if clean and not self.scopes.reads_feeling(trigger):
                self.report.error(
                    "trigger-without-mood", trigger.at.place, "this trigger reads no emotion and no mood",
                    remedy=f"add one: `{trigger.at.text[:60]} and fear < 0.6`",
                )  # fmt: skip
        if form.release is not None:
            check_names(form.release, scope, "this release", self.scopes, self.report)

    def _aim(self, form: RuleForm, bearer: Bearer | None) -> tuple[Change, ...]:
        changes: dict[tuple[str, bool], Change] = {}
        for key, delta in (form.aim or {}).items():
            label = key.removeprefix("self.")
            if not self._feels(form, "aim", key, label):
                continue
            on_self = key != label or (bearer is not None and bearer.who is Who.SELF)
            place = delta.at.place
            if not on_self and bearer is not None and bearer.who is Who.NAMED and bearer.name in self.defined.objects:
                self.report.error(
                    "object-cannot-feel", place, f"`{bearer.name}` is an object and feels nothing",
                    remedy=f"self.{label}: {delta.at.text}",
                )  # fmt: skip
            elif (label, on_self) in changes:
                message = f"`{label}` and `self.{label}` are the same here: the bearer is `self`"
                self.report.error("duplicate-key", place, message, remedy="keep one of the two")
            changes[label, on_self] = Change(label, delta.amount, delta.per_second, on_self)
        return tuple(changes[key] for key in sorted(changes))

    def _feels(self, form: RuleForm | ObjectRuleForm, field: str, key: str, label: str) -> bool:
        message = f"`{label}` is not an emotion"
        if label == "neutral":
            message = "neutral cannot be pushed: it is what the other emotions leave"
        known = self.defined.felt if key == label else [f"self.{each}" for each in self.defined.felt]
        return known_key(form, field, key, known, message, self.report)

    def _sets(self, form: RuleForm, bearer: Bearer | None) -> tuple[tuple[str, float], ...]:
        if not form.sets:
            return ()
        if bearer is None or bearer.who is not Who.NAMED or bearer.name not in self.defined.objects:
            if bearer is not None:
                message = "`sets` writes variables of an object, so the bearer must be one object by its name"
                remedy = f"bearer: {min(self.defined.objects, default='an_object')}"
                self.report.error("sets-needs-object", form.node.key_place("sets"), message, remedy=remedy)
            return ()
        target = self.defined.objects[bearer.name].form
        variables = (target.vars if target else None) or {}
        values = []
        for key, at in sorted(form.sets.items()):
            if f"{bearer.name}.{key}" in self.scopes.unknowable:
                continue
            if known_key(form, "sets", key, variables, f"`{bearer.name}` has no variable `{key}`", self.report):
                declared = variables[key].declared
                value = self._value(at, Variable(key, declared.initial, declared.low, declared.high,
                                                 declared.boolean, declared.unit))  # fmt: skip
                values.append((key, value))
        return tuple(values)

    def _value(self, at: Scalar, variable: Variable) -> float:
        """A value for a variable: its kind and range decide what is allowed."""
        if variable.boolean:
            if at.text not in ("true", "false"):
                self.report.error("not-a-word", at.place, f"`{variable.name}` is true or false", remedy="true")
            return float(at.text == "true")
        kind = {"": "number", "s": "time", "m": "length"}[variable.unit]
        try:
            found = quantity(at.text, f"`{variable.name}`", kind)
        except QuantityError as fault:
            self.report.error(fault.slug, at.place, fault.message, remedy=fault.remedy)
            return variable.initial
        if found.kind != kind:
            remedy = f"{variable.initial:g} {variable.unit}".rstrip()
            self.report.error("wrong-unit", at.place, f"`{variable.name}` is a {kind}", remedy=remedy)
        elif not variable.low <= found.value <= variable.high:
            message = f"`{variable.name}` runs from {variable.low:g} to {variable.high:g}"
            self.report.error("out-of-range", at.place, message)
        return found.value

    def _payload(self, form: RuleForm) -> Mapping[str, str | float | bool]:
        payload: dict[str, str | float | bool] = {}
        for key, at in sorted((form.payload or {}).items()):
            if len(at.text) > LONGEST_PAYLOAD:
                message = f"a payload value has at most {LONGEST_PAYLOAD} characters"
                self.report.error("out-of-range", at.place, message, remedy="send a name, and look it up in the engine")
            elif at.plain and at.text in ("true", "false"):
                payload[key] = at.text == "true"
            elif at.plain and _NUMBER.fullmatch(at.text):
                payload[key] = float(at.text)
            else:
                payload[key] = at.text
        return payload

    def _timeout(self, form: RuleForm, lasts: float) -> float:
        if form.timeout is None:
            return TIMEOUT_FACTOR * lasts + TIMEOUT_EXTRA_S
        if form.timeout.value <= lasts and not self.allowances.allows(form.node, "timeout-too-short"):
            self.report.warning(
                "timeout-too-short", form.timeout.at.place, "the engine is given up on before the action can be over",
                see=[form.node.key_place("lasts")], remedy=f"{2 * lasts:g} s",
            )  # fmt: skip
        return form.timeout.value

    def object_rule(self, owner: str, name: str, form: ObjectRuleForm) -> InteractiveRule | None:
        """One rule of a smart object."""
        self.allowances.note(form.node, form.allow)
        bearer = object_bearer(form.bearer, self.known, self.report) if form.bearer else None
        if form.trigger is not None:
            check_names(form.trigger, self.scopes.of_object(owner), "this object's trigger", self.scopes, self.report)
        effect = []
        for key, delta in sorted((form.effect or {}).items()):
            if self._feels(form, "effect", key, key):
                effect.append(_rate(key, delta))
        curve = self._curve(form)
        if form.claims is not None and form.claims.value and form.capacity is None:
            message = "`claims` is about the places of a `capacity`"
            self.report.error("missing-key", form.node.key_place("claims"), message, remedy="capacity: 2")
        if form.trigger is None or bearer is None:
            return None
        fade = Fade.CURVE if curve else Fade(form.fade.text) if form.fade else Fade.NONE
        return InteractiveRule(
            name=name,
            inflicter=owner,
            bearer=bearer,
            trigger=form.trigger.expression,
            effect=tuple(effect),
            fade=fade,
            curve=curve,
            in_sight=form.in_sight is not None and form.in_sight.value,
            capacity=form.capacity.value if form.capacity else 0,
            claims=form.claims is not None and form.claims.value,
        )

    def _curve(self, form: ObjectRuleForm) -> tuple[tuple[float, float], ...]:
        """The points of a fade of one's own, by rising distance."""
        if form.curve is None:
            return ()
        if form.fade is not None:
            message = "an effect has either `fade` or `curve`"
            see, place = form.node.key_place("fade"), form.node.key_place("curve")
            self.report.error("wrong-shape", place, message, see=[see], remedy="remove one of the two")
        section = form.node.map("curve")
        points: dict[float, float] = {}
        for key, share in form.curve.items():
            place = section.key_place(key) if section else share.at.place
            try:
                metres = 0.0 if key == "0" else length(key, "a distance of a curve", zero=True)
            except QuantityError as fault:
                self.report.error(fault.slug, place, fault.message, remedy=fault.remedy)
                continue
            if metres in points:
                self.report.error("listed-twice", place, f"the curve has two points at {key}", remedy="remove one")
            points[metres] = share.value
        return tuple(sorted(points.items()))

    def smart_object(self, definition: Definition[ObjectForm]) -> SmartObject | None:
        """A smart object with its variables and rules."""
        form = definition.form
        if form is None:
            return None
        check_point(form.at, self.report)
        variables = []
        for key, each in sorted((form.vars or {}).items()):
            section = form.node.map("vars")
            place = section.key_place(key) if section else definition.place
            check_name(key, place, "variable", self.scopes.reserved, self.report)
            d = each.declared
            variables.append(Variable(key, d.initial, d.low, d.high, d.boolean, d.unit))
        rules = []
        for name, rule_form in sorted((form.rules or {}).items()):
            check_name(name, rule_form.node.place, "rule", self.scopes.reserved, self.report)
            rule = self.object_rule(definition.name, name, rule_form)
            rules += [rule] if rule else []
        return SmartObject(definition.name, point(form.at), tuple(variables), tuple(rules))


def _rate(label: str, delta: Delta) -> Change:
    return Change(label, delta.amount, True)


def check_point(at: list[Number] | None, report: Report) -> None:
    """Report a place that has neither two nor three numbers."""
    if at is not None and len(at) not in (2, 3) and at:
        report.error(
            "wrong-shape", at[0].at.place, "a place has two numbers (x, z) or three (x, y, z)", remedy="[1, 4]"
        )
