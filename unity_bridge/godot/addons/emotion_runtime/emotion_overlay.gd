## Draws over every EmotionCharacter what it feels, does and why; and how the connection stands.
@icon("res://addons/emotion_runtime/icons/overlay.svg")
class_name EmotionOverlay
extends CanvasLayer

const Sidecar := preload("emotion_sidecar.gd")
const Character := preload("emotion_character.gd")
const COLOURS := {
	"anger": Color("e5484d"),
	"disgust": Color("7ba05b"),
	"fear": Color("9b6dd6"),
	"joy": Color("f2b632"),
	"neutral": Color("9aa0a6"),
	"sadness": Color("4f8fd9"),
	"surprise": Color("3fbfb0"),
}
const STATE_COLOURS := ["f2b632", "6cc070", "4f8fd9", "f2b632", "e5484d", "e5484d"]
const BAR := Vector2(9.0, 34.0)
const FONT_SIZE := 13

## Shows and hides it.
@export var toggle_key := KEY_F3
## Metres over a character's feet at which its card stands (in 2D, with its `pixels_per_metre`).
@export var height := 2.2
## Tell why, beside the action.
@export var show_why := true
## The connection to use. Empty: the first in the tree, normally the autoload.
@export var sidecar: Node = null

var _canvas := Control.new()
var _font: Font
var _taken: Array[Rect2] = []


func _ready() -> void:
	if sidecar == null:
		sidecar = Sidecar.of(self)
	_font = ThemeDB.fallback_font
	_canvas.set_anchors_preset(Control.PRESET_FULL_RECT)
	_canvas.mouse_filter = Control.MOUSE_FILTER_IGNORE
	_canvas.draw.connect(_draw_all)
	add_child(_canvas)


func _process(_delta: float) -> void:
	if visible:
		_canvas.queue_redraw()


func _unhandled_key_input(event: InputEvent) -> void:
	if event is InputEventKey and event.pressed and not event.echo and event.keycode == toggle_key:
		visible = not visible


func _draw_all() -> void:
	if sidecar == null:
		return
	_taken.clear()
	_draw_status()
	for node in get_tree().get_nodes_in_group(Character.GROUP):
		var character := node as Character
		if character != null and not character.emotion.is_empty():
			var at := _over(character)
			if at != Vector2.INF:
				_draw_card(character, at)


func _draw_status() -> void:
	var lines := PackedStringArray([sidecar.status()])
	if sidecar.frame != null:
		var roster: Dictionary = sidecar.roster
		var texts := [roster["scene"], sidecar.frame.rows, sidecar.frame.time]
		lines.append("%s, %d characters, %.1f s" % texts)
	var size := Vector2(0.0, 8.0 + 18.0 * lines.size())
	for line in lines:
		size.x = maxf(size.x, _width(line) + 36.0)
	var legend := 36.0
	for label: String in sidecar.labels():
		legend += _width(label, FONT_SIZE - 2) + 24.0
	size.x = maxf(size.x, legend)
	var panel := Rect2(Vector2(10, 10), size + Vector2(0, 18))
	_taken.append(panel)
	_canvas.draw_rect(panel, Color(0, 0, 0, 0.55))
	_canvas.draw_circle(Vector2(22, 24), 5.0, Color(STATE_COLOURS[sidecar.state]))
	for i in lines.size():
		_write(Vector2(34, 29 + 18 * i), lines[i], Color.WHITE)
	var pen := Vector2(34, 29 + 18 * lines.size())
	for label: String in sidecar.labels():
		_canvas.draw_rect(Rect2(pen + Vector2(0, -9), Vector2(9, 9)), COLOURS.get(label, Color.WHITE))
		_write(pen + Vector2(13, 0), label, Color(0.85, 0.85, 0.85), FONT_SIZE - 2)
		pen.x += _width(label, FONT_SIZE - 2) + 24.0


func _draw_card(character: Character, at: Vector2) -> void:
	var labels := character.emotion.keys()
	var doing := character.id
	var why := ""
	if character.action != null:
		doing += ": " + character.action.rule
		if character.action.target() and character.action.target() != character.id:
			doing += " " + character.action.target()
		# The cause; the condition behind it is for `why()`.
		why = character.action.why.get_slice(" (", 0) if show_why else ""
	var width := maxf(maxf(_width(doing), _width(why, FONT_SIZE - 2)), labels.size() * BAR.x) + 12.0
	var size := Vector2(width, BAR.y + 8.0 + 17.0 * (2 if why else 1))
	var corner := _free_place(Rect2(at - Vector2(size.x / 2.0, size.y), size))
	_canvas.draw_line(corner + Vector2(size.x / 2.0, size.y), at, Color(0, 0, 0, 0.6), 2.0)
	_canvas.draw_rect(Rect2(corner, size), Color(0, 0, 0, 0.6))
	var base := corner + Vector2((size.x - labels.size() * BAR.x) / 2.0, BAR.y + 4.0)
	for i in labels.size():
		var value := clampf(character.emotion[labels[i]], 0.0, 1.0)
		var left := base + Vector2(i * BAR.x, 0.0)
		_canvas.draw_rect(Rect2(left - Vector2(0, BAR.y), BAR - Vector2(2, 0)), Color(1, 1, 1, 0.12))
		var bar := Vector2(BAR.x - 2.0, maxf(1.0, BAR.y * value))
		_canvas.draw_rect(Rect2(left - Vector2(0, bar.y), bar), COLOURS.get(labels[i], Color.WHITE))
	_write(corner + Vector2(6, BAR.y + 20.0), doing, Color.WHITE)
	if why:
		_write(corner + Vector2(6, BAR.y + 36.0), why, Color(0.8, 0.8, 0.8), FONT_SIZE - 2)


## Moves a card up until it covers no other, and into the screen.
func _free_place(card: Rect2) -> Vector2:
	for tries in 8:
		var room := _canvas.size - card.size - Vector2(4, 4)
		card.position = card.position.clamp(Vector2(4, 4), Vector2(maxf(4, room.x), maxf(4, room.y)))
		var hit := -1
		for i in _taken.size():
			if _taken[i].intersects(card):
				hit = i
		if hit == -1:
			break
		var above := _taken[hit].position.y - card.size.y - 3.0
		card.position.y = above if above >= 4.0 else _taken[hit].end.y + 3.0
	_taken.append(card)
	return card.position


## Where on the screen a character's card belongs; INF when it is out of sight.
func _over(character: Character) -> Vector2:
	var parent := character.get_parent()
	if parent is Node3D:
		var camera := get_viewport().get_camera_3d()
		var top: Vector3 = parent.global_position + Vector3.UP * height
		if camera == null or camera.is_position_behind(top):
			return Vector2.INF
		return camera.unproject_position(top)
	if parent is Node2D:
		var up := Vector2(0.0, height * character.pixels_per_metre)
		return parent.get_global_transform_with_canvas() * Vector2.ZERO - up
	return Vector2.INF


func _width(text: String, size := FONT_SIZE) -> float:
	return _font.get_string_size(text, HORIZONTAL_ALIGNMENT_LEFT, -1, size).x if text else 0.0


func _write(at: Vector2, text: String, colour: Color, size := FONT_SIZE) -> void:
	_canvas.draw_string(_font, at, text, HORIZONTAL_ALIGNMENT_LEFT, -1, size, colour)
