## The tavern's room: floor, walls, tables, lights and the camera, all from primitives.
extends Node3D

const WOOD := Color(0.34, 0.23, 0.15)
const STONE := Color(0.46, 0.42, 0.4)


func _ready() -> void:
	for i in 14:
		var plank := WOOD.lightened(0.04 * (i % 3))
		_box(Vector3(0.98, 0.1, 9), Vector3(0.5 + i, -0.05, 4.5), plank)
	_box(Vector3(14.4, 2.4, 0.2), Vector3(7, 1.2, -0.1), STONE)
	_box(Vector3(0.2, 2.4, 9), Vector3(-0.1, 1.2, 4.5), STONE.darkened(0.15))
	_box(Vector3(0.2, 2.4, 9), Vector3(14.1, 1.2, 4.5), STONE.darkened(0.15))
	_box(Vector3(3.4, 1.0, 0.7), Vector3(10.6, 0.5, 0.9), WOOD.lightened(0.15))
	for x in 3:
		_box(Vector3(0.35, 0.45, 0.35), Vector3(9.6 + x, 1.22, 0.9), Color(0.5, 0.33, 0.12))
	for x: float in [2.2, 4.4]:
		_box(Vector3(1.4, 0.08, 0.9), Vector3(x, 0.75, 1.4), WOOD.lightened(0.2))
		_box(Vector3(0.15, 0.75, 0.15), Vector3(x, 0.37, 1.4), WOOD)
	_light()
	var camera := Camera3D.new()
	camera.fov = 36.0
	add_child(camera)
	camera.look_at_from_position(Vector3(6.8, 6.4, 16.4), Vector3(6.8, 1.0, 4.6))


func _light() -> void:
	var environment := Environment.new()
	environment.background_mode = Environment.BG_COLOR
	environment.background_color = Color(0.09, 0.08, 0.11)
	environment.ambient_light_source = Environment.AMBIENT_SOURCE_COLOR
	environment.ambient_light_color = Color(0.75, 0.72, 0.85)
	environment.ambient_light_energy = 0.4
	var world := WorldEnvironment.new()
	world.environment = environment
	add_child(world)
	var moon := DirectionalLight3D.new()
	moon.rotation_degrees = Vector3(-58, 28, 0)
	moon.light_energy = 0.5
	moon.shadow_enabled = true
	add_child(moon)


func _box(size: Vector3, at: Vector3, colour: Color) -> void:
	var mesh := BoxMesh.new()
	mesh.size = size
	var material := StandardMaterial3D.new()
	material.albedo_color = colour
	material.roughness = 0.95
	mesh.material = material
	var piece := MeshInstance3D.new()
	piece.mesh = mesh
	piece.position = at
	add_child(piece)
