## Where many characters are, as the columns of a `positions` observation: written, and checked as the
## sidecar checks them, so that the game hears of a fault where it made it.
extends RefCounted

const INDEX_BYTES := 4
const POINT_BYTES := 12

## Why `read` said no: a code, a path, and words.
var code := ""
var where := ""
var what := ""

## Rows of the roster, strictly ascending.
var index := PackedInt64Array()
## Three metres for each row of `index`.
var xyz := PackedFloat32Array()


## The observation that tells `places`: a Vector3 in metres for each row of the roster of `epoch`.
static func written(epoch: int, places: Dictionary) -> Dictionary:
	var rows := places.keys()
	rows.sort()
	var bytes := PackedByteArray()
	bytes.resize(rows.size() * INDEX_BYTES)
	var metres := PackedFloat32Array()
	for i in rows.size():
		bytes.encode_u32(i * INDEX_BYTES, rows[i])
		var at: Vector3 = places[rows[i]]
		metres.append_array(PackedFloat32Array([at.x, at.y, at.z]))
	return {"kind": "positions", "epoch": epoch, "index": bytes, "xyz": metres.to_byte_array()}


## Take the columns of an observation; false if they do not fit a roster of `epoch` with `count` characters.
func read(observation: Dictionary, epoch: int, count: int) -> bool:
	code = ""
	if observation["epoch"] != epoch:
		var texts := [observation["epoch"], epoch]
		return _fault("stale_epoch", "$.epoch", "positions of epoch %d, a roster of %d" % texts)
	var bytes: PackedByteArray = observation["index"]
	var points: PackedByteArray = observation["xyz"]
	if bytes.size() % INDEX_BYTES != 0:
		return _fault("bad_column", "$.index", "%d bytes are no whole number of rows" % bytes.size())
	@warning_ignore("integer_division")
	var rows := bytes.size() / INDEX_BYTES
	if points.size() != rows * POINT_BYTES:
		return _fault("bad_column", "$.xyz", "%d bytes for %d rows of 3" % [points.size(), rows])
	index.resize(rows)
	for i in rows:
		index[i] = bytes.decode_u32(i * INDEX_BYTES)
		if i > 0 and index[i] <= index[i - 1]:
			return _fault("bad_value", "$.index[%d]" % i, "rows must be strictly ascending")
	if rows > 0 and index[-1] >= count:
		return _fault("bad_value", "$.index[%d]" % (rows - 1), "row %d of %d" % [index[-1], count])
	xyz = points.to_float32_array()
	for row in rows:
		for axis in 3:
			if not is_finite(xyz[row * 3 + axis]):
				return _fault("bad_value", "$.xyz[%d][%d]" % [row, axis], "metres must be finite")
	return true


func _fault(new_code: String, path: String, text: String) -> bool:
	code = new_code
	where = path
	what = text
	return false
