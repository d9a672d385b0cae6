## Drives the blendshapes of one mesh: ARKit names from the streamed face, or VRM presets from emotions.
##
## Names are compared without case, dots and underscores, with `Left` and `L` alike, so `jawOpen`,
## `JawOpen`, `mouthSmile_L` and `blendShape1.mouthSmileLeft` are all found.
extends RefCounted

## Presets of VRM 0 and 1 and of VRoid, by the emotion they show.
const PRESETS := {
	"joy": "joy",
	"happy": "joy",
	"fclalljoy": "joy",
	"angry": "anger",
	"fclallangry": "anger",
	"sad": "sadness",
	"sorrow": "sadness",
	"fclallsorrow": "sadness",
	"surprised": "surprise",
	"fclallsurprised": "surprise",
}

## How many of the mesh's blendshapes are driven.
var driven := 0

var _mesh: MeshInstance3D
var _places := PackedInt32Array()
var _columns := PackedInt32Array()
var _from_emotions := false
var _values := PackedFloat32Array()


## Find out which blendshapes of `mesh` belong to which of the roster's `shapes` (or `labels`).
func _init(mesh: MeshInstance3D, shapes: Array, labels: Array) -> void:
	_mesh = mesh
	var wanted := {}
	for column in shapes.size():
		wanted[plain(shapes[column])] = column
	_find(wanted)
	if driven == 0:
		_from_emotions = true
		wanted = {}
		for preset: String in PRESETS:
			if labels.has(PRESETS[preset]):
				wanted[preset] = labels.find(PRESETS[preset])
		_find(wanted)


## Move the mesh towards the streamed state: by the part `blend` of what is missing.
func apply(face: PackedFloat32Array, emotion: PackedFloat32Array, blend: float, presence: float) -> void:
	var source := emotion if _from_emotions else face
	if source.is_empty() or not is_instance_valid(_mesh):
		return
	for i in driven:
		_values[i] += (source[_columns[i]] * presence - _values[i]) * blend
		_mesh.set_blend_shape_value(_places[i], _values[i])


## A blendshape's name without what importers add and change.
static func plain(name: String) -> String:
	var text := name.get_slice(".", name.get_slice_count(".") - 1).to_lower()
	text = text.replace("_", "").replace("-", "").replace(" ", "")
	if text.ends_with("left"):
		return text.trim_suffix("left") + "l"
	return text.trim_suffix("right") + "r" if text.ends_with("right") else text


func _find(wanted: Dictionary) -> void:
	var mesh := _mesh.mesh as ArrayMesh
	if mesh == null:
		return
	for place in mesh.get_blend_shape_count():
		var name := plain(mesh.get_blend_shape_name(place))
		if wanted.has(name):
			_places.append(place)
			_columns.append(wanted[name])
	driven = _places.size()
	_values.resize(driven)
