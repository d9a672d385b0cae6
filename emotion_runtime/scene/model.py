"""Owns the shape of a scene file: which keys exist where, and of what type each value is (pydantic models)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Self, TypeAlias, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    PrivateAttr,
    ValidationError,
    model_validator,
)
from pydantic import ValidationInfo as Info

from emotion_runtime.scene.diagnostics import Report, did_you_mean
from emotion_runtime.scene.nodes import Items, Map, Node, Scalar, place_at
from emotion_runtime.scene.values import (
    DAMAGED,
    Aim,
    Capacity,
    Coordinate,
    Declaration,
    Dial,
    Duration,
    Effect,
    Feeling,
    Formed,
    Length,
    Pause,
    Priority,
    Share,
    Signed,
    Spreading,
    Word,
    YesNo,
    one_of,
)

Fading: TypeAlias = Annotated[Scalar, *one_of("none", "linear", "inverse_square")]
Language: TypeAlias = Annotated[Scalar, *one_of("1")]
Point: TypeAlias = list[Coordinate]


class Marked(dict[str, Any]):
    """A YAML map on its way into a model, with the node it came from."""

    node: Map


class Form(BaseModel):
    """A map of the scene language. A field is None when it was not given, or was faulty (and has been reported)."""

    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True, populate_by_name=False)
    CALLED: ClassVar[str] = "this"
    REQUIRED: ClassVar[tuple[str, ...]] = ()
    _node: Map = PrivateAttr()

    @property
    def node(self) -> Map:
        """The map this was read from."""
        return self._node

    @model_validator(mode="wrap")
    @classmethod
    def _keys(cls, value: Any, handler: ModelWrapValidatorHandler[Self], info: Info) -> Self:
        """Report unknown and missing keys, then read the rest."""
        if not isinstance(value, Marked):
            return handler(value)
        node, report = value.node, info.context
        assert isinstance(report, Report)
        known = [field.alias or name for name, field in cls.model_fields.items()]
        for key in node.entries:
            if key not in known:
                report.error(
                    "unknown-key",
                    node.key_place(key),
                    f"{cls.CALLED} has no field `{key}`",
                    remedy=_unknown(key, known),
                )
        for key in cls.REQUIRED:
            if key not in node.entries:
                report.error(
                    "missing-key",
                    node.place,
                    f"{cls.CALLED} needs `{key}`",
                    remedy=f"{key}: {EXAMPLES.get(key, '...')}",
                )
        form = handler({key: each for key, each in value.items() if key in known})
        form._node = node
        return form


def _unknown(key: str, known: list[str]) -> str:
    return "put a space after the colon" if ":" in key else did_you_mean(key, known)


class AreaForm(Form):
    """A rectangle on the floor."""

    CALLED = "an area"
    REQUIRED = ("from", "to")
    from_: Point | None = Field(None, alias="from", description="One corner: x, z in metres.", examples=["[0, 0]"])
    to: Point | None = Field(None, description="The opposite corner: x, z in metres.", examples=["[14, 9]"])


class EmotionForm(Form):
    """A label of the scene's own and its place in PAD space."""

    CALLED = "an emotion"
    REQUIRED = ("pleasure", "arousal", "dominance")
    pleasure: Signed | None = Field(None, description="-1 (awful) to 1 (wonderful).", examples=["-0.6"])
    arousal: Signed | None = Field(None, description="-1 (drowsy) to 1 (excited).", examples=["0.4"])
    dominance: Signed | None = Field(None, description="-1 (helpless) to 1 (in control).", examples=["0.1"])
    half_life: Duration | None = Field(None, description="Time to fall half-way back.", examples=["12 s"])


class FaceForm(Form):
    """How a face shows what is felt and said."""

    CALLED = "a face"
    recipes: Word | None = Field(
        None, description="A table of how each emotion looks, or what differs in it.", examples=["elf.yaml"]
    )
    transfer: Word | None = Field(None, description="What becomes of a performer's face.", examples=["guard.yaml"])
    voice: Word | None = Field(None, description="A profile of the voice, for lips.", examples=["voice.json"])
    jaw: Dial | None = Field(None, description="How far the jaw moves in speech, 0 to 2.", examples=["1.2"])
    lips: Dial | None = Field(None, description="How far the lips move in speech, 0 to 2.", examples=["0.8"])
    own: Share | None = Field(
        None, description="How much of its own face shows through a performer's, 0 to 1.", examples=["0.35"]
    )


class ArchetypeForm(Form):
    """What several characters share."""

    CALLED = "an archetype"
    is_: Word | None = Field(None, alias="is", description="The archetype to build on.", examples=["person"])
    tags: list[Word] | None = Field(None, description="Groups one belongs to.", examples=["[small]"])
    roams: list[Word] | None = Field(None, description="Areas one can stand in.", examples=["[hall]"])
    personality: dict[str, Signed] | None = Field(
        None, description="Big Five traits, -1 to 1.", examples=["{neuroticism: 0.5}"]
    )
    likes: dict[str, Signed] | None = Field(
        None, description="Attitude to a character or a tag, -1 to 1.", examples=["{guard: -0.6}"]
    )
    half_life: dict[str, Duration] | None = Field(
        None, description="How long each emotion lingers; `mood` too.", examples=["{fear: 12 s}"]
    )
    hearing: Length | None = Field(None, description="How far one hears.", examples=["10 m"])
    contagion: dict[str, Spreading] | None = Field(
        None, description="Emotions one catches from neighbours.", examples=["{fear: 0.015/s within 4 m}"]
    )
    can: list[Word] | None = Field(None, description="The rules one is able to do.", examples=["[flee, chat]"])
    tree: Word | None = Field(None, description="The behavior tree.", examples=["watch"])
    face: FaceForm | None = Field(
        None, description="How the face shows what is felt and said.", examples=["{recipes: elf.yaml, jaw: 1.2}"]
    )


class CharacterForm(ArchetypeForm):
    """A character."""

    CALLED = "a character"
    REQUIRED = ("at",)
    at: Point | None = Field(None, description="Where it stands: x, z or x, y, z in metres.", examples=["[1, 4]"])


class ObjectRuleForm(Form):
    """What a smart object does to those in range."""

    CALLED = "an object's rule"
    REQUIRED = ("trigger", "bearer", "effect")
    trigger: Formed | None = Field(None, description="The object's condition.", examples=["lit and heat > 0.2"])
    bearer: Word | None = Field(None, description="Whom it reaches.", examples=["all(person) within 4 m"])
    effect: dict[str, Effect] | None = Field(None, description="Rates on emotions.", examples=["{joy: +0.03/s}"])
    fade: Fading | None = Field(None, description="How it weakens with distance.", examples=["linear"])
    curve: dict[str, Share] | None = Field(
        None, description="How it weakens with distance, point by point.", examples=["{2 m: 1, 5 m: 0.3, 6 m: 0}"]
    )
    in_sight: YesNo | None = Field(None, description="Only those that see the object.", examples=["true"])
    capacity: Capacity | None = Field(None, description="How many at most, the nearest.", examples=["2"])
    claims: YesNo | None = Field(None, description="Who has one of these places keeps it.", examples=["true"])
    allow: list[Word] | None = Field(None, description="Warnings that are meant.", examples=["[rule-unused]"])


class ObjectForm(Form):
    """A smart object."""

    CALLED = "an object"
    REQUIRED = ("at",)
    at: Point | None = Field(None, description="Where it stands.", examples=["[6, 4]"])
    vars: dict[str, Declaration] | None = Field(
        None, description="Variables the game may set.", examples=["{lit: true, heat: 0.6 in 0..1}"]
    )
    rules: dict[str, ObjectRuleForm] | None = Field(None, description="What it does.", examples=["{warm: {...}}"])


class RuleForm(Form):
    """An autonomous rule."""

    CALLED = "a rule"
    REQUIRED = ("bearer", "trigger", "lasts")
    bearer: Word | None = Field(None, description="To whom it is done.", examples=["nearest(person) within 4 m"])
    trigger: Formed | None = Field(None, description="When it may start.", examples=["fear > 0.6"])
    release: Formed | None = Field(None, description="When it stops.", examples=["fear < 0.3"])
    aim: dict[str, Aim] | None = Field(None, description="What it does to emotions.", examples=["{joy: +0.1}"])
    sets: dict[str, Word] | None = Field(
        None, description="Variables of the object it is done to, written on success.", examples=["{crying: 0}"]
    )
    lasts: Duration | None = Field(None, description="How long it should take.", examples=["4 s"])
    timeout: Duration | None = Field(None, description="When the engine is given up on.", examples=["10 s"])
    rest: Pause | None = Field(None, description="Pause after a failure.", examples=["1 s"])
    priority: Priority | None = Field(
        None, description="Its rank in a selector with `order: priority`, the highest first.", examples=["10"]
    )
    orientation: Word | None = Field(None, description="The emotion it embodies.", examples=["joy"])
    payload: dict[str, Word] | None = Field(
        None, description="Values handed to the engine untouched.", examples=["{animation: wave}"]
    )
    allow: list[Word] | None = Field(None, description="Warnings that are meant.", examples=["[rule-unused]"])


class RowForm(Form):
    """A row of the appraisal table."""

    CALLED = "an appraisal row"
    REQUIRED = ("feels",)
    heard: Word | None = Field(None, description="The emotion that was heard.", examples=["anger"])
    event: Word | None = Field(None, description="The event that happened.", examples=["glass_breaks"])
    who: Word | None = Field(None, description="Who feels it: a character or a tag.", examples=["small"])
    from_: Word | None = Field(
        None, alias="from", description="Who caused it: a character, a tag, liked or disliked.", examples=["disliked"]
    )
    addressed: YesNo | None = Field(None, description="Only when it is (or is not) meant for me.", examples=["true"])
    feels: dict[str, Feeling] | None = Field(None, description="Impulses at full strength.", examples=["{fear: +0.4}"])


class FileForm(Form):
    """A scene file."""

    CALLED = "a scene file"
    REQUIRED = ("language",)
    scene: Word | None = Field(None, description="The scene's name; in the main file only.", examples=["tavern"])
    language: Language | None = Field(None, description="Version of the scene language.", examples=["1"])
    include: list[Word] | None = Field(
        None, description="Files whose definitions are added.", examples=["[people.yaml]"]
    )
    emotions: dict[str, EmotionForm] | None = Field(
        None,
        description="The scene's own labels instead of the default seven.",
        examples=["{joy: {pleasure: 0.8, ...}}"],
    )
    areas: dict[str, AreaForm] | None = Field(None, description="Where one can stand.", examples=["{hall: {...}}"])
    world: dict[str, Declaration] | None = Field(
        None, description="Variables of the world, set by the game.", examples=["{night: false}"]
    )
    events: list[Word] | None = Field(None, description="Events the game may send.", examples=["[glass_breaks]"])
    archetypes: dict[str, ArchetypeForm] | None = Field(None, description="Kinds of characters.", examples=["{...}"])
    characters: dict[str, CharacterForm] | None = Field(None, description="Who is there.", examples=["{...}"])
    objects: dict[str, ObjectForm] | None = Field(None, description="Smart objects.", examples=["{...}"])
    rules: dict[str, RuleForm] | None = Field(None, description="Autonomous rules.", examples=["{...}"])
    trees: dict[str, Any] | None = Field(None, description="Behavior trees.", examples=["{watch: {selector: [...]}}"])
    appraisal: list[RowForm] | None = Field(
        None, description="What is felt at what is heard or happens; first match wins.", examples=["[{...}]"]
    )


FORMS: tuple[type[Form], ...] = (
    FileForm, AreaForm, EmotionForm, FaceForm, ArchetypeForm, CharacterForm, ObjectForm, ObjectRuleForm, RuleForm,
    RowForm,
)  # fmt: skip
EXAMPLES = {
    field.alias or name: str((field.examples or ["..."])[0])
    for form in reversed(FORMS)
    for name, field in form.model_fields.items()
}
_F = TypeVar("_F", bound=Form)


def read(form: type[_F], node: Map, report: Report) -> _F:
    """Read a map into a form. All faults go to `report`; faulty values are left out of what is returned."""
    plain = _plain(node)
    try:
        return form.model_validate(plain, context=report)
    except ValidationError as error:
        faulty = set()
        for each in error.errors(include_url=False):
            _report(each, node, report)
            faulty.add(each["loc"])
    return form.model_validate(_without(plain, faulty, ()), context=report)


def _plain(node: Node) -> Any:
    """Maps become dicts, lists lists; scalars stay themselves."""
    if isinstance(node, Scalar):
        return node
    if isinstance(node, Items):
        return [_plain(each) for each in node.items]
    marked = Marked((key, _plain(each)) for key, each in node.entries.items())
    marked.node = node
    return marked


def _without(plain: Any, faulty: set[tuple[str | int, ...]], path: tuple[str | int, ...]) -> Any:
    if isinstance(plain, list):
        return [_without(x, faulty, (*path, i)) for i, x in enumerate(plain) if (*path, i) not in faulty]
    if isinstance(plain, Marked):
        kept = {k: _without(x, faulty, (*path, k)) for k, x in plain.items() if (*path, k) not in faulty}
        marked = Marked(kept)
        marked.node = plain.node
        return marked
    return plain


def _report(error: Mapping[str, Any], root: Map, report: Report) -> None:
    slug, context = error["type"], error.get("ctx", {})
    if slug == DAMAGED:
        return
    place, node = place_at(root, error["loc"])
    named = [step for step in error["loc"] if isinstance(step, str)]
    name = named[-1] if named else "this"
    if isinstance(node, Scalar) and (node.damaged or not node.text):
        if not node.damaged:
            remedy = f"{name}: {EXAMPLES.get(name, '...')}"
            report.error("missing-value", place, f"`{name}` has no value", remedy=remedy)
        return
    if "message" in context:
        report.error(slug, context.get("place", place), context["message"], remedy=context.get("remedy", ""))
        return
    wanted = "a list" if slug == "list_type" else "a map"
    report.error("wrong-shape", place, f"`{name}` must be {wanted}", remedy=f"{name}: {EXAMPLES.get(name, '{...}')}")
