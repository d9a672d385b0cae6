## Builds a face from a few strips: eyes, brows and a mouth, with blendshapes under their ARKit names.
extends RefCounted

const SHAPES := [
	"browDownLeft",
	"browDownRight",
	"browInnerUp",
	"eyeBlinkLeft",
	"eyeBlinkRight",
	"eyeWideLeft",
	"eyeWideRight",
	"mouthSmileLeft",
	"mouthSmileRight",
	"mouthFrownLeft",
	"mouthFrownRight",
	"mouthPucker",
	"jawOpen",
]
const HALF_MOUTH := 0.12
const MOUTH_POINTS := 13

var _points := PackedVector3Array()
var _parts := PackedStringArray()
var _triangles := PackedInt32Array()


## The mesh, looking towards -Z, for a head of 0.25 m.
static func build() -> ArrayMesh:
	return new()._build()


func _build() -> ArrayMesh:
	for side: float in [-1.0, 1.0]:
		# Looking towards -Z, the character's left is at -X.
		var name := "Left" if side < 0.0 else "Right"
		_strip("brow" + name, _line(Vector3(side * 0.035, 0.115, 0), Vector3(side * 0.14, 0.125, 0), 5), 0.022)
		_disc("eye" + name, Vector3(side * 0.08, 0.045, 0), Vector2(0.026, 0.036))
	_strip("mouth", _line(Vector3(-HALF_MOUTH, -0.09, 0), Vector3(HALF_MOUTH, -0.09, 0), MOUTH_POINTS), 0.024)
	var arrays := []
	arrays.resize(Mesh.ARRAY_MAX)
	arrays[Mesh.ARRAY_VERTEX] = _bent(_points)
	arrays[Mesh.ARRAY_INDEX] = _triangles
	var mesh := ArrayMesh.new()
	mesh.blend_shape_mode = Mesh.BLEND_SHAPE_MODE_NORMALIZED
	var blends: Array[Array] = []
	for shape: String in SHAPES:
		mesh.add_blend_shape(shape)
		var moved := []
		moved.resize(Mesh.ARRAY_MAX)
		moved[Mesh.ARRAY_VERTEX] = _bent(_moved(shape))
		blends.append(moved)
	mesh.add_surface_from_arrays(Mesh.PRIMITIVE_TRIANGLES, arrays, blends)
	var material := StandardMaterial3D.new()
	material.shading_mode = BaseMaterial3D.SHADING_MODE_UNSHADED
	material.cull_mode = BaseMaterial3D.CULL_DISABLED
	material.albedo_color = Color(0.12, 0.09, 0.1)
	mesh.surface_set_material(0, material)
	return mesh


static func _line(from: Vector3, to: Vector3, count: int) -> PackedVector3Array:
	var points := PackedVector3Array()
	for i in count:
		points.append(from.lerp(to, i / float(count - 1)))
	return points


func _strip(part: String, line: PackedVector3Array, thick: float) -> void:
	for i in line.size():
		if i > 0:
			var at := _points.size()
			_triangles.append_array([at - 2, at - 1, at, at, at - 1, at + 1])
		_add(part, line[i] + Vector3.UP * thick / 2.0)
		_add(part, line[i] + Vector3.DOWN * thick / 2.0)


func _disc(part: String, centre: Vector3, size: Vector2) -> void:
	var middle := _points.size()
	_add(part, centre)
	for i in 16:
		var angle := TAU * i / 16.0
		_add(part, centre + Vector3(cos(angle) * size.x, sin(angle) * size.y, 0))
		_triangles.append_array([middle, middle + 1 + i, middle + 1 + (i + 1) % 16])


func _add(part: String, point: Vector3) -> void:
	_points.append(point)
	_parts.append(part)


## Where every point is when `shape` is at 1.
func _moved(shape: String) -> PackedVector3Array:
	var moved := _points.duplicate()
	for i in moved.size():
		moved[i] += _offset(shape, _parts[i], moved[i], i)
	return moved


static func _offset(shape: String, part: String, at: Vector3, index: int) -> Vector3:
	var on_side := shape.ends_with("Left") == (at.x < 0.0)
	var inner := 1.0 - clampf((absf(at.x) - 0.035) / 0.105, 0.0, 1.0)
	var corner := (at.x / HALF_MOUTH) ** 2
	match shape.trim_suffix("Left").trim_suffix("Right"):
		"browDown":
			if part.begins_with("brow") and on_side:
				return Vector3.DOWN * (0.02 + 0.075 * inner)
		"browInnerUp":
			if part.begins_with("brow"):
				return Vector3.UP * 0.075 * inner
		"eyeBlink":
			if part.begins_with("eye") and on_side:
				return Vector3(0, (0.045 - at.y) * 0.9 - 0.01, 0)
		"eyeWide":
			if part.begins_with("eye") and on_side:
				return Vector3(0, (at.y - 0.045) * 0.9, 0)
		"mouthSmile":
			if part == "mouth" and on_side:
				return Vector3.UP * 0.1 * corner
		"mouthFrown":
			if part == "mouth" and on_side:
				return Vector3.DOWN * 0.09 * corner
		"mouthPucker":
			if part == "mouth":
				return Vector3(-0.5 * at.x, 0, 0)
		"jawOpen":
			# Every second point of a strip is a lower one.
			if part == "mouth" and index % 2 == 0:
				return Vector3.DOWN * 0.12 * (1.0 - corner)
	return Vector3.ZERO


## Laid over the front of a sphere.
static func _bent(points: PackedVector3Array) -> PackedVector3Array:
	var bent := PackedVector3Array()
	for point in points:
		bent.append(Vector3(point.x, point.y, -sqrt(maxf(0.0, 0.262 ** 2 - point.x ** 2 - point.y ** 2))))
	return bent
