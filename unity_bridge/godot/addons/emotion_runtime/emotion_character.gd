## Gives the node it is put under an inner life: the character `id` of the sidecar's scene.
##
## Put it under a Node3D or Node2D: that node's place is told to the sidecar. Read `emotion` and
## `mood`, and play the actions that `action_started` announces. Without the sidecar everything
## stays as it is and then fades to neutral.
@icon("res://addons/emotion_runtime/icons/character.svg")
class_name EmotionCharacter
extends Node

## The emotions are newer (at most once a frame).
signal emotion_changed(emotion: Dictionary)
## Play this. Report how it went with `report_success` or `report_failure`.
signal action_started(action: RefCounted)
## Stop playing this now; also comes after a report.
signal action_stopped(action: RefCounted, reason: String)

const Sidecar := preload("emotion_sidecar.gd")
const Frame := preload("session/frame.gd")
const Action := preload("emotion_action.gd")
const Face := preload("character_face.gd")
const Faces := preload("emotion_faces.gd")
const Body := preload("place.gd")
const GROUP := &"emotion_character"
## Seconds: only the steps between two states are smoothed.
const FACE_SMOOTHING := 0.02
const MOODS := ["pleasure", "arousal", "dominance"]

## Name of the character in the scene.
@export var id := "":
	set(value):
		id = value
		_begin()
## The connection to use. Empty: the first in the tree, normally the autoload.
@export var sidecar: Node = null
## Tell the sidecar where the parent stands.
@export var report_position := true
## In 2D: pixels that make a metre. x and y of the screen are x and z of the sidecar's floor.
@export var pixels_per_metre := 64.0
## Report success by itself when an action's nominal time is over. Off: the game reports every one.
@export var finish_by_itself := true
## Seconds in which a smoothed value gets within a third of a new state; 0: at once.
@export_range(0.0, 2.0, 0.01) var smoothing := 0.12
## A mesh with ARKit-named blendshapes or VRM presets.
@export var face_mesh: MeshInstance3D = null
## An AnimationTree whose parameters follow: see `animation_parameters` and `animation_states`.
@export var animation_tree: AnimationTree = null
## Parameter path -> an emotion, `pleasure`, `arousal`, `dominance`, or `action:RULE` (1 while it runs).
@export var animation_parameters := {}
## Rule -> state of the tree's state machine to travel to; the empty rule is the state without action.
@export var animation_states := {}

## Smoothed emotions by name, each in 0..1. Empty before the first state.
var emotion := {}
## Smoothed pleasure, arousal and dominance, each in -1..1.
var mood := Vector3.ZERO
## What it is doing, or null.
var action: Action = null
## Rows that were refused because a value was out of range.
var refused_rows := 0

var _row := -1
var _labels: Array = []
var _raw := PackedFloat32Array()
var _face_raw := PackedFloat32Array()
var _mood_raw := Vector3.ZERO
var _smooth := PackedFloat32Array()
var _face: Face = null
var _asked_for := false
var _told := Vector3.INF
var _tell_in := 0.0
var _fresh := false


func _enter_tree() -> void:
	add_to_group(GROUP)


func _ready() -> void:
	if sidecar == null:
		sidecar = Sidecar.of(self)
	if sidecar == null:
		push_warning("EmotionCharacter '%s': there is no EmotionSidecar; enable the addon" % id)
		return
	sidecar.world_changed.connect(_begin)
	sidecar.frame_received.connect(_take_frame)
	sidecar.action_started.connect(_start)
	sidecar.action_stopped.connect(_stop)
	_begin()
	_find_faces.call_deferred()


func _exit_tree() -> void:
	action = null


func _process(delta: float) -> void:
	if sidecar == null or _row < 0:
		return
	_smooth_state(delta)
	_drive_animation()
	if report_position:
		_tell_place(delta)
	if action != null and finish_by_itself and not action.reported and action.elapsed() >= action.lasts:
		report_success()
	if _fresh:
		_fresh = false
		emotion_changed.emit(emotion)


## The present value of one emotion, 0 if there is none of that name.
func feels(label: String) -> float:
	return emotion.get(label, 0.0)


## The strongest emotion, or empty before the first state.
func strongest() -> String:
	var best := ""
	for label: String in emotion:
		if best == "" or emotion[label] > emotion[best]:
			best = label
	return best


## The action under way was played to its end.
func report_success() -> void:
	if action != null and not action.reported:
		action.reported = sidecar.succeed(action.number)


## The action under way could not be played.
func report_failure(detail := "") -> void:
	if action != null and not action.reported:
		action.reported = sidecar.fail(action.number, detail)


## It says something. Returns the number its perception carries, or 0.
func say(text: String, to := "", voice := {}) -> int:
	return sidecar.say(id, text, to, "", {}, voice) if sidecar != null else 0


## A performer's ARKit weights by name drive its face; half a second without another call ends that.
func perform(weights: Dictionary) -> bool:
	return sidecar != null and sidecar.tell({"kind": "capture", "character": id, "weights": weights})


## Why it feels and does what it does: the sidecar's answer, to be awaited.
func why() -> Dictionary:
	return await sidecar.ask("why", {"character": id}) if sidecar != null else {}


## Where it stands in the sidecar's metres.
func place() -> Vector3:
	return Body.of(get_parent(), pixels_per_metre)


## How many blendshapes of `face_mesh` follow.
func driven_shapes() -> int:
	return 0 if _face == null else _face.driven


func _begin() -> void:
	if sidecar == null or not is_node_ready():
		return
	_row = sidecar.row_of(id)
	_labels = sidecar.labels()
	if _row < 0:
		if not sidecar.roster.is_empty():
			push_warning("the scene '%s' has no character '%s'" % [sidecar.roster["scene"], id])
		return
	_raw = PackedFloat32Array()
	_smooth = PackedFloat32Array()
	_told = Vector3.INF
	_face = null
	_asked_for = false
	if face_mesh != null:
		_face = Face.new(face_mesh, sidecar.roster["shapes"], _labels)
	if sidecar.frame != null:
		_take_frame(sidecar.frame)
	for running: Action in sidecar.actions.values():
		_start(running)


func _take_frame(frame: Frame) -> void:
	if _row < 0 or _row >= frame.rows:
		return
	if not frame.is_sound(_row):
		refused_rows += 1
		return
	_raw = frame.emotion_of(_row)
	_mood_raw = frame.mood_of(_row)
	if _face != null and not _asked_for:
		_face_raw = frame.face_of(_row)
	_fresh = true


func _find_faces() -> void:
	var faces := Faces.of(self) if is_inside_tree() and face_mesh != null else null
	if faces != null:
		faces.faces_received.connect(_take_faces)


func _take_faces(block: RefCounted) -> void:
	var weights: PackedFloat32Array = block.weights_of(_row)
	if weights.is_empty():
		# It is not among those near: at rest.
		_face_raw.fill(0.0)
		return
	if not _asked_for:
		_face = Face.new(face_mesh, block.columns, _labels)
	_asked_for = true
	_face_raw = weights


func _smooth_state(delta: float) -> void:
	if _raw.is_empty():
		return
	var blend := 1.0 if smoothing <= 0.0 else 1.0 - exp(-delta / smoothing)
	if _smooth.size() != _raw.size():
		_smooth = _raw.duplicate()
		mood = _mood_raw
	var presence: float = sidecar.presence
	for i in _raw.size():
		_smooth[i] += (_raw[i] * presence - _smooth[i]) * blend
		emotion[_labels[i]] = _smooth[i]
	mood += (_mood_raw * presence - mood) * blend
	if _face != null:
		# A face moves in time already: lips and blinks would be blurred.
		var quick := minf(smoothing, FACE_SMOOTHING)
		var face_blend := 1.0 if quick <= 0.0 else 1.0 - exp(-delta / quick)
		_face.apply(_face_raw, _raw, face_blend if not _face_raw.is_empty() else blend, presence)


func _start(started: Action) -> void:
	if started.character != id or (action != null and action.number == started.number):
		return
	action = started
	_travel(started.rule)
	action_started.emit(started)


func _stop(stopped: Action, reason: String) -> void:
	if stopped.character != id:
		return
	if action != null and action.number == stopped.number:
		action = null
		_travel("")
	action_stopped.emit(stopped, reason)


func _tell_place(delta: float) -> void:
	_tell_in -= delta
	if _tell_in > 0.0 or sidecar.frame == null:
		return
	var now := place()
	if now == Vector3.INF or now.distance_squared_to(_told) < 0.0025:
		return
	if sidecar.move(id, now):
		_told = now
		_tell_in = 0.1


func _drive_animation() -> void:
	if animation_tree == null:
		return
	for path: String in animation_parameters:
		animation_tree.set(path, _source(animation_parameters[path]))


func _source(name: String) -> float:
	if name.begins_with("action:"):
		return 1.0 if action != null and action.rule == name.trim_prefix("action:") else 0.0
	var axis := MOODS.find(name)
	return mood[axis] if axis >= 0 else feels(name)


func _travel(rule: String) -> void:
	if animation_tree == null or not animation_states.has(rule):
		return
	var playback: Variant = animation_tree.get("parameters/playback")
	if playback is AnimationNodeStateMachinePlayback:
		playback.travel(animation_states[rule])
