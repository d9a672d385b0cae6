## Draws a circle on the floor around a node, in 3D or 2D: how far a smart object acts.
@tool
extends RefCounted

const SEGMENTS := 64
const WIDTH := 0.06


## The node that draws, or null for a parent that stands nowhere.
static func make(parent: Node) -> Node:
	if parent is Node3D:
		var mesh := MeshInstance3D.new()
		mesh.top_level = true
		mesh.cast_shadow = GeometryInstance3D.SHADOW_CASTING_SETTING_OFF
		return mesh
	if parent is Node2D:
		var line := Line2D.new()
		line.top_level = true
		line.closed = true
		return line
	return null


static func draw(ring: Node, reach: float, colour: Color, pixels_per_metre: float) -> void:
	if ring is Line2D:
		var points := PackedVector2Array()
		for i in SEGMENTS:
			points.append(Vector2.from_angle(TAU * i / SEGMENTS) * reach * pixels_per_metre)
		ring.points = points
		ring.width = 2.0
		ring.default_color = colour
		return
	var strip := PackedVector3Array()
	for i in SEGMENTS + 1:
		var way := Vector3(cos(TAU * i / SEGMENTS), 0.0, sin(TAU * i / SEGMENTS))
		strip.append(way * reach + Vector3.UP * 0.03)
		strip.append(way * maxf(0.0, reach - WIDTH) + Vector3.UP * 0.03)
	var arrays := []
	arrays.resize(Mesh.ARRAY_MAX)
	arrays[Mesh.ARRAY_VERTEX] = strip
	var mesh := ArrayMesh.new()
	mesh.add_surface_from_arrays(Mesh.PRIMITIVE_TRIANGLE_STRIP, arrays)
	var material := StandardMaterial3D.new()
	material.shading_mode = BaseMaterial3D.SHADING_MODE_UNSHADED
	material.transparency = BaseMaterial3D.TRANSPARENCY_ALPHA
	material.cull_mode = BaseMaterial3D.CULL_DISABLED
	material.albedo_color = colour
	mesh.surface_set_material(0, material)
	ring.mesh = mesh


static func follow(ring: Node, parent: Node) -> void:
	if ring is Node3D and parent is Node3D:
		ring.global_position = parent.global_position
	elif ring is Node2D and parent is Node2D:
		ring.global_position = parent.global_position
