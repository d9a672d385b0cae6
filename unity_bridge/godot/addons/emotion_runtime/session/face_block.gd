## The faces that a wish brought, as columns: which rows of the roster, and their weights.
class_name EmotionFaceBlock
extends RefCounted

const Protocol := preload("../protocol.g.gd")
const INDEX_BYTES := 4
const TOPIC_BYTES := 12

## Why `read` said no: a code, a path, and words.
var code := ""
var where := ""
var what := ""

var session := 0
var tick := 0
## Names of the columns: ARKit's blendshapes, or VRM's expressions.
var columns: Array = []
## Rows of the roster, strictly ascending.
var rows := PackedInt64Array()
## One weight in 0..1 for each row and column.
var weights := PackedFloat32Array()


## Whether these are the bytes of a frame of faces, and of a topic that can be.
static func is_topic(payload: PackedByteArray) -> bool:
	var topic := payload.slice(0, TOPIC_BYTES).get_string_from_ascii()
	return (
		topic.length() == TOPIC_BYTES
		and topic.begins_with(Protocol.TOPIC_FACES)
		and topic.substr(4).is_valid_hex_number()
	)


## Take a decoded `faces` message; false if it does not fit the roster or the columns' names.
func read(message: Dictionary, roster: Dictionary, names: Array) -> bool:
	code = ""
	session = message["session"]
	tick = message["tick"]
	columns = names
	if message["epoch"] != roster["epoch"]:
		return _fault("stale_epoch", "$.epoch", "faces of epoch %d" % message["epoch"])
	return _read_rows(message, roster["characters"].size()) and _read_weights(message)


## The weights of a row of the roster; empty when its face is not among these.
func weights_of(row: int) -> PackedFloat32Array:
	var place := rows.bsearch(row)
	if place >= rows.size() or rows[place] != row:
		return PackedFloat32Array()
	return weights.slice(place * columns.size(), (place + 1) * columns.size())


func _read_rows(message: Dictionary, characters: int) -> bool:
	var index: PackedByteArray = message["index"]
	var count: int = message["n"]
	rows.resize(count)
	if index.is_empty():
		if count != 0 and count != characters:
			return _fault("bad_column", "$.n", "%d rows without an index" % count)
		for row in count:
			rows[row] = row
		return true
	if index.size() != count * INDEX_BYTES:
		return _fault("bad_column", "$.index", "%d bytes for %d rows" % [index.size(), count])
	for i in count:
		rows[i] = index.decode_u32(i * INDEX_BYTES)
		if i > 0 and rows[i] <= rows[i - 1]:
			return _fault("bad_value", "$.index[%d]" % i, "rows must be strictly ascending")
	if count > 0 and rows[-1] >= characters:
		return _fault("bad_value", "$.index[%d]" % (count - 1), "row %d of %d" % [rows[-1], characters])
	return true


func _read_weights(message: Dictionary) -> bool:
	var bytes: PackedByteArray = message["weights"]
	var count := rows.size() * columns.size()
	var size := 1 if message["u8"] else 4
	if bytes.size() != count * size:
		return _fault("bad_column", "$.weights", "%d bytes for %d weights" % [bytes.size(), count])
	if message["u8"]:
		weights.resize(count)
		for i in count:
			weights[i] = bytes[i] / 255.0
		return true
	weights = bytes.to_float32_array()
	for i in count:
		if not (weights[i] >= 0.0 and weights[i] <= 1.0):
			@warning_ignore("integer_division")
			return _fault("bad_value", "$.weights[%d][%d]" % [i / columns.size(), i % columns.size()], "not in 0..1")
	return true


func _fault(new_code: String, path: String, text: String) -> bool:
	code = new_code
	where = path
	what = text
	return false
