## A person of the tavern made from primitives: walks, flees, hops, and shows feelings by face and colour.
extends Node3D

const FaceBuilder := preload("face_builder.gd")
const TINTS := {
	"anger": Color(0.93, 0.25, 0.2),
	"disgust": Color(0.55, 0.72, 0.35),
	"fear": Color(0.72, 0.6, 0.95),
	"joy": Color(1.0, 0.82, 0.35),
	"neutral": Color(0.96, 0.8, 0.66),
	"sadness": Color(0.45, 0.62, 0.9),
	"surprise": Color(0.45, 0.85, 0.8),
}
const SKIN := Color(0.96, 0.8, 0.66)
const WALK := 1.4
const RUN := 3.2
const HEAD := Vector3(0, 1.46, 0)
const HEAD_SCALE := 1.5
const FLEE_DISTANCE := 4.5
## Rules played beside the one they are aimed at.
const GOES_TO := ["confront", "arrest", "comfort", "rock_baby", "dance", "steal"]
const HOPS := ["dance", "gloat", "hum", "sell"]

## Name of the character in the scene.
@export var id := ""
@export var clothes := Color.GRAY
@export_range(0.4, 1.4, 0.05) var tall := 1.0

## Where it returns to.
var home := Vector3.ZERO
## Farthest from home it has been, in metres.
var farthest := 0.0
var moving := false

var _shape := Node3D.new()
var _skin := StandardMaterial3D.new()
var _goal := Vector3.ZERO
var _speed := WALK
var _looks_at := Vector3.INF
var _time := 0.0

@onready var character: EmotionCharacter = $EmotionCharacter


func _ready() -> void:
	home = position
	_goal = position
	_time = home.x
	_build()
	character.id = id
	character.action_started.connect(_on_action_started)
	character.action_stopped.connect(_on_action_stopped)


func _process(delta: float) -> void:
	_time += delta
	_walk(delta)
	_pose()
	farthest = maxf(farthest, position.distance_to(home))


func _on_action_started(action: EmotionAction) -> void:
	var other := _whereabouts(action.target())
	_looks_at = other
	_speed = WALK
	if action.rule == "flee" and other != Vector3.INF:
		var away := (position - other) * Vector3(1, 0, 1)
		_go(other + (away.normalized() if away.length() > 0.1 else Vector3.RIGHT) * FLEE_DISTANCE)
		_speed = RUN
		_looks_at = Vector3.INF
	elif action.rule == "hide":
		# It cowers where it is.
		_go(position)
	elif action.rule == "patrol":
		_go(home + Vector3(0, 0, 2.2 if position.z <= home.z else -1.0))
	elif action.rule in GOES_TO and other != Vector3.INF:
		_go(other + (position - other).normalized() * 1.5)


func _on_action_stopped(action: EmotionAction, _reason: String) -> void:
	if action.rule != "flee" or position.distance_to(_goal) < 0.2:
		_go(home)
		_speed = WALK
	_looks_at = Vector3.INF


func _go(where: Vector3) -> void:
	_goal = Vector3(clampf(where.x, 0.6, 13.4), 0.0, clampf(where.z, 0.6, 8.4))


func _whereabouts(other_id: String) -> Vector3:
	for other in get_parent().get_children():
		if other is Node3D and other != self and str(other.get("id")) == other_id:
			return other.position
	return Vector3.INF


func _walk(delta: float) -> void:
	if character.action == null and character.feels("fear") < 0.3 and _goal.distance_to(home) > 0.1:
		_go(home)
	var way := _goal - position
	moving = way.length() > 0.05
	if moving:
		position += way.limit_length(_speed * delta)
	var look := _goal if moving else _looks_at
	# With nothing to look at it turns to the room's open side, where the camera is.
	var ahead := look - position if look != Vector3.INF else Vector3(0.25 * sin(_time * 0.4), 0, 1)
	if ahead.length() > 0.1:
		# Half towards us, so that the face can be seen.
		ahead = ahead.normalized() + (Vector3.ZERO if moving else Vector3(0, 0, 0.8))
		var angle := atan2(-ahead.x, -ahead.z)
		rotation.y = lerp_angle(rotation.y, angle, 1.0 - exp(-8.0 * delta))


func _pose() -> void:
	var strongest := character.strongest()
	var strength := clampf(character.feels(strongest) * 1.6 - 0.2, 0.0, 1.0) if strongest else 0.0
	if strongest == "neutral":
		strength = 0.0
	_skin.albedo_color = SKIN.lerp(TINTS.get(strongest, SKIN), strength)
	var fear := character.feels("fear")
	var anger := character.feels("anger")
	var size := 1.0 + 0.15 * anger - 0.18 * fear
	if character.action != null and character.action.rule == "hide":
		size *= 0.75
	_shape.scale = Vector3(tall * (1.0 + 0.12 * anger), tall * size, tall * (1.0 + 0.12 * anger))
	var hop := absf(sin(_time * (9.0 if _speed == RUN else 6.0))) * 0.07 if moving else 0.0
	var rule := character.action.rule if character.action != null else ""
	if rule in HOPS and not moving:
		hop = absf(sin(_time * 5.0)) * (0.16 if rule == "dance" else 0.06)
	var shiver := sin(_time * 47.0) * 0.012 * smoothstep(0.4, 0.9, fear)
	_shape.position = Vector3(shiver, hop, 0.0)
	_shape.rotation.x = -0.3 if rule == "cry" else -0.12 if rule in ["confront", "arrest"] else 0.0


func _build() -> void:
	add_child(_shape)
	var cloth := StandardMaterial3D.new()
	cloth.albedo_color = clothes
	cloth.roughness = 0.9
	var body := CylinderMesh.new()
	body.top_radius = 0.17
	body.bottom_radius = 0.34
	body.height = 1.15
	_piece(body, cloth, Vector3(0, 0.575, 0))
	_skin.roughness = 0.8
	var head := SphereMesh.new()
	head.radius = 0.25
	head.height = 0.5
	_piece(head, _skin, HEAD).scale = Vector3.ONE * HEAD_SCALE
	for side: float in [-1.0, 1.0]:
		var arm := CapsuleMesh.new()
		arm.radius = 0.07
		arm.height = 0.62
		_piece(arm, cloth, Vector3(side * 0.29, 0.82, -0.03)).rotation.z = side * 0.28
	var face := MeshInstance3D.new()
	face.mesh = FaceBuilder.build()
	face.position = HEAD
	face.scale = Vector3.ONE * HEAD_SCALE
	_shape.add_child(face)
	character.face_mesh = face


func _piece(mesh: PrimitiveMesh, material: Material, at: Vector3) -> MeshInstance3D:
	mesh.material = material
	var piece := MeshInstance3D.new()
	piece.mesh = mesh
	piece.position = at
	_shape.add_child(piece)
	return piece
