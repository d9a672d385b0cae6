## Makes the node it is put under the object `id` of the sidecar's scene: variables that conditions
## read, and a ring that shows its range.
@tool
@icon("res://addons/emotion_runtime/icons/smart_object.svg")
class_name EmotionSmartObject
extends Node

## A variable was set here, or told by the sidecar when the world began.
signal variable_changed(name: String, value: Variant)

const Sidecar := preload("emotion_sidecar.gd")
const Body := preload("place.gd")
const Ring := preload("range_ring.gd")

## Name of the object in the scene.
@export var id := ""
## The connection to use. Empty: the first in the tree, normally the autoload.
@export var sidecar: Node = null
## Values by name, such as `lit` and `heat`; told to the sidecar when a world begins.
@export var variables := {}
## Tell the sidecar where the parent stands, whenever it has moved.
@export var report_position := false
## In 2D: pixels that make a metre.
@export var pixels_per_metre := 64.0
## How far it acts, in metres: only drawn. What really holds stands in the scene file.
@export_range(0.0, 100.0, 0.1) var reach := 4.0:
	set(value):
		reach = value
		_draw_ring()
## Colour of the ring.
@export var ring_colour := Color(1.0, 0.6, 0.2, 0.6):
	set(value):
		ring_colour = value
		_draw_ring()
## Draw the ring in the game too, not only in the editor.
@export var show_in_game := false

var _ring: Node = null
var _told := Vector3.INF


func _ready() -> void:
	_draw_ring()
	if Engine.is_editor_hint():
		return
	if sidecar == null:
		sidecar = Sidecar.of(self)
	if sidecar == null:
		push_warning("EmotionSmartObject '%s': there is no EmotionSidecar; enable the addon" % id)
		return
	sidecar.world_changed.connect(_begin)
	if not sidecar.roster.is_empty():
		_begin()


func _process(_delta: float) -> void:
	if _ring != null:
		Ring.follow(_ring, get_parent())
	if Engine.is_editor_hint() or not report_position or sidecar == null or sidecar.frame == null:
		return
	var now := Body.of(get_parent(), pixels_per_metre)
	if now != Vector3.INF and now.distance_squared_to(_told) > 0.0025 and sidecar.move(id, now):
		_told = now


func _get_configuration_warnings() -> PackedStringArray:
	return PackedStringArray([] if id else ["Set the id: the object's name in the scene file."])


## Change a variable, such as `set_variable("heat", 0.95)`.
func set_variable(name: String, value: Variant) -> void:
	variables[name] = value
	if sidecar != null:
		sidecar.set_variable("%s.%s" % [id, name], value)
	variable_changed.emit(name, value)


## A character sees this object, or does not any more: for effects that are `in_sight`.
func set_sight(character: String, sees: bool) -> void:
	if sidecar != null:
		sidecar.tell({"kind": "sight", "character": character, "object": id, "sees": sees})


## The value of a variable here, or what the sidecar told when the world began.
func variable(name: String, default: Variant = null) -> Variant:
	if variables.has(name) or sidecar == null:
		return variables.get(name, default)
	return sidecar.variables.get("%s.%s" % [id, name], default)


func _begin() -> void:
	_told = Vector3.INF
	var objects: Array = sidecar.roster["objects"]
	if not (id in objects):
		push_warning("the scene '%s' has no object '%s'" % [sidecar.roster["scene"], id])
		return
	for name: String in variables:
		sidecar.set_variable("%s.%s" % [id, name], variables[name])
		variable_changed.emit(name, variables[name])


func _draw_ring() -> void:
	if not is_inside_tree() or not (Engine.is_editor_hint() or show_in_game):
		return
	if _ring == null:
		_ring = Ring.make(get_parent())
		if _ring == null:
			return
		add_child(_ring, false, Node.INTERNAL_MODE_BACK)
	Ring.draw(_ring, reach, ring_colour, pixels_per_metre)
	Ring.follow(_ring, get_parent())
