## What every test file stands on: checks that collect faults, and reading of the protocol's vectors.
extends RefCounted

const Protocol := preload("res://addons/emotion_runtime/protocol.g.gd")

var tree: SceneTree
var options := {}
var faults: Array[String] = []

var _nodes: Array[Node] = []


func check(holds: bool, what: String) -> void:
	if not holds:
		faults.append(what)


func equal(found: Variant, wanted: Variant, what: String) -> void:
	if typeof(found) != typeof(wanted) or found != wanted:
		faults.append("%s: %s where %s is wanted" % [what, found, wanted])


## Put a node into the tree for the length of the test.
func put(node: Node, parent: Node = null) -> Node:
	(parent if parent else tree.root).add_child(node)
	if parent == null:
		_nodes.append(node)
	return node


func clean_up() -> void:
	for node in _nodes:
		node.free()
	_nodes.clear()


## A file of `protocol/vectors`, as JSON. Integers come as floats.
func vectors(name: String) -> Dictionary:
	var folder: String = options.get("vectors", "res://../../protocol/vectors")
	var path := ProjectSettings.globalize_path(folder.path_join(name + ".json"))
	var text := FileAccess.get_file_as_string(path)
	check(text != "", "%s cannot be read" % path)
	return JSON.parse_string(text) if text else {}


## A value of the vectors as the wire means it: `$hex` and `$int` resolved.
static func from_json(value: Variant) -> Variant:
	if value is Dictionary:
		if value.size() == 1 and value.has("$hex"):
			return (value["$hex"] as String).hex_decode()
		if value.size() == 1 and value.has("$int"):
			return (value["$int"] as String).to_int()
		var map := {}
		for key: String in value:
			map[key] = from_json(value[key])
		return map
	if value is Array:
		return value.map(from_json)
	if value is float and value == floorf(value) and absf(value) <= 9007199254740991.0:
		return int(value)
	return value


## Whether everything `wanted` names is in `found` (but `v`, which `decode` checks); a field left out
## has its default.
static func holds(found: Variant, wanted: Variant) -> bool:
	if wanted is Dictionary:
		if not (found is Dictionary):
			return false
		for key: Variant in wanted:
			if key == "v":
				continue
			if not found.has(key):
				if not (wanted[key] in [null, 0, 0.0, "", false]):
					return false
			elif not holds(found[key], wanted[key]):
				return false
		return true
	if wanted is Array:
		if not (found is Array) or found.size() != wanted.size():
			return false
		for i: int in wanted.size():
			if not holds(found[i], wanted[i]):
				return false
		return true
	if (found is float or found is int) and (wanted is float or wanted is int):
		# The engine's JSON reader rounds the last digit.
		return found == wanted or absf(found - wanted) <= 1e-15 * absf(wanted)
	return typeof(found) == typeof(wanted) and found == wanted
