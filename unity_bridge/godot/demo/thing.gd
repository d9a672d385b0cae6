## A smart object of the tavern made from primitives: fire, music box or cradle.
extends Node3D

enum Kind { FIRE, BOX, CRADLE }

@export var kind := Kind.FIRE

var id: String:
	get:
		return smart.id

var _flames: Array[MeshInstance3D] = []
var _light: OmniLight3D = null
var _notes: Array[MeshInstance3D] = []
var _time := 0.0

@onready var smart: EmotionSmartObject = $EmotionSmartObject


func _ready() -> void:
	match kind:
		Kind.FIRE:
			_build_fire()
		Kind.BOX:
			_piece(_box(Vector3(0.5, 0.35, 0.35)), Color(0.55, 0.3, 0.15), Vector3(0, 0.6, 0))
			_piece(_box(Vector3(0.6, 0.42, 0.45)), Color(0.35, 0.22, 0.12), Vector3(0, 0.21, 0))
			for i in 3:
				var note := SphereMesh.new()
				note.radius = 0.06
				note.height = 0.12
				_notes.append(_piece(note, Color(1.0, 0.85, 0.4), Vector3.ZERO))
		Kind.CRADLE:
			_piece(_box(Vector3(0.9, 0.3, 0.5)), Color(0.5, 0.34, 0.2), Vector3(0, 0.35, 0))
			var baby := SphereMesh.new()
			baby.radius = 0.16
			baby.height = 0.32
			_piece(baby, Color(0.96, 0.8, 0.66), Vector3(-0.2, 0.55, 0))


func _process(delta: float) -> void:
	_time += delta
	var heat := float(smart.variable("heat", 0.0)) * float(smart.variable("lit", 1.0))
	for i in _flames.size():
		var flicker := 1.0 + 0.15 * sin(_time * (9.0 + 2.3 * i) + i)
		_flames[i].scale = Vector3(1.0, flicker, 1.0) * (0.35 + 1.5 * heat * heat)
	if _light != null:
		_light.light_energy = 1.0 + 4.0 * heat + 0.3 * sin(_time * 11.0)
	for i in _notes.size():
		_notes[i].visible = bool(smart.variable("playing", false))
		var phase := fmod(_time * 0.5 + i / 3.0, 1.0)
		_notes[i].position = Vector3(0.3 * sin(phase * TAU + i), 0.9 + phase * 1.1, 0.0)


func _build_fire() -> void:
	for i in 3:
		var log_mesh := CapsuleMesh.new()
		log_mesh.radius = 0.09
		log_mesh.height = 0.9
		var piece := _piece(log_mesh, Color(0.3, 0.18, 0.1), Vector3(0, 0.1, 0))
		piece.rotation = Vector3(PI / 2.0, i * PI / 3.0, 0)
	for i in 5:
		var cone := CylinderMesh.new()
		cone.top_radius = 0.0
		cone.bottom_radius = 0.16
		cone.height = 0.55
		var where := Vector3(0.16 * cos(i * TAU / 5.0), 0.32, 0.16 * sin(i * TAU / 5.0))
		var flame := _piece(cone, Color(1.0, 0.45 + 0.09 * i, 0.1), where)
		var glow: StandardMaterial3D = (flame.mesh as PrimitiveMesh).material
		glow.shading_mode = BaseMaterial3D.SHADING_MODE_UNSHADED
		_flames.append(flame)
	_light = OmniLight3D.new()
	_light.light_color = Color(1.0, 0.6, 0.25)
	_light.omni_range = 8.0
	_light.position = Vector3(0, 1.2, 0)
	add_child(_light)


static func _box(size: Vector3) -> BoxMesh:
	var mesh := BoxMesh.new()
	mesh.size = size
	return mesh


func _piece(mesh: PrimitiveMesh, colour: Color, at: Vector3) -> MeshInstance3D:
	var material := StandardMaterial3D.new()
	material.albedo_color = colour
	mesh.material = material
	var piece := MeshInstance3D.new()
	piece.mesh = mesh
	piece.position = at
	add_child(piece)
	return piece
