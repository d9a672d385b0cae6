## The state of all characters after one tick, as columns: row i is character i of the roster.
class_name EmotionFrame
extends RefCounted

const Protocol := preload("../protocol.g.gd")

## Why `read` or `check_values` said no: a code, a path, and words.
var code := ""
var where := ""
var what := ""

var session := 0
## Ticks done since the sidecar's start.
var tick := 0
## Simulated seconds since the start.
var time := 0.0
var epoch := 0
var paused := false
## The sidecar's clock when this left; only differences mean anything.
var sent := 0.0
var digest := PackedByteArray()
var rows := 0
## Columns of `emotion`: the roster's labels.
var labels := 0
## Columns of `face`: the roster's shapes; 0 when no faces are streamed.
var shapes := 0
## rows x labels, each strictly inside 0..1.
var emotion := PackedFloat32Array()
## rows x 3: pleasure, arousal, dominance, each in -1..1.
var mood := PackedFloat32Array()
## rows x shapes, each in 0..1.
var face := PackedFloat32Array()
## rows little-endian 16-bit indices into the roster's actions.
var action := PackedByteArray()

var _actions := 0


## Take the columns of a decoded `tick`; false if they do not fit the roster. Values are not looked
## at: that is `check_values` for all, or `is_sound` for one row.
func read(message: Dictionary, roster: Dictionary) -> bool:
	code = ""
	session = message["session"]
	tick = message["tick"]
	time = message["time"]
	epoch = message["epoch"]
	paused = message["paused"]
	sent = message["sent"]
	digest = message["digest"]
	rows = roster["characters"].size()
	labels = roster["labels"].size()
	shapes = roster["shapes"].size()
	_actions = roster["actions"].size()
	if epoch != roster["epoch"]:
		var texts := [epoch, roster["epoch"]]
		return _fault("stale_epoch", "$.epoch", "a tick of epoch %d, a roster of %d" % texts)
	if message["n"] != rows:
		return _fault("bad_column", "$.n", "%d rows for %d characters" % [message["n"], rows])
	if not digest.is_empty() and digest.size() != Protocol.DIGEST_BYTES:
		return _fault("bad_column", "$.digest", "%d bytes" % digest.size())
	action = message["action"]
	if action.size() != rows * 2:
		return _fault("bad_column", "$.action", "%d bytes for %d rows" % [action.size(), rows])
	emotion = _floats(message, "emotion", labels)
	mood = _floats(message, "mood", 3)
	if message["face"].is_empty():
		shapes = 0
	face = _floats(message, "face", shapes)
	return code == ""


## Whether every value is in its range. Costs a look at each; `is_sound` looks at one row.
func check_values() -> bool:
	for row in rows:
		if not is_sound(row):
			return false
	return true


## Whether the values of one row are in their ranges: to be asked before they are used.
func is_sound(row: int) -> bool:
	for i in range(row * labels, (row + 1) * labels):
		if not (emotion[i] > 0.0 and emotion[i] < 1.0):
			return _bad("emotion", row, i - row * labels)
	for i in range(row * 3, row * 3 + 3):
		if not (mood[i] >= -1.0 and mood[i] <= 1.0):
			return _bad("mood", row, i - row * 3)
	for i in range(row * shapes, (row + 1) * shapes):
		if not (face[i] >= 0.0 and face[i] <= 1.0):
			return _bad("face", row, i - row * shapes)
	if action.decode_u16(row * 2) >= _actions:
		return _fault("bad_value", "$.action[%d]" % row, "no index of the roster's actions")
	return true


## The emotions of a row, in the order of the roster's labels.
func emotion_of(row: int) -> PackedFloat32Array:
	return emotion.slice(row * labels, (row + 1) * labels)


## Pleasure, arousal and dominance of a row.
func mood_of(row: int) -> Vector3:
	return Vector3(mood[row * 3], mood[row * 3 + 1], mood[row * 3 + 2])


## The blendshapes of a row, in the order of the roster's shapes; empty without faces.
func face_of(row: int) -> PackedFloat32Array:
	return face.slice(row * shapes, (row + 1) * shapes)


## Index into the roster's actions of what a row does.
func action_of(row: int) -> int:
	return action.decode_u16(row * 2)


func _floats(message: Dictionary, field: String, columns: int) -> PackedFloat32Array:
	var blob: PackedByteArray = message[field]
	if blob.size() != rows * columns * 4:
		var texts := [blob.size(), rows, columns]
		_fault("bad_column", "$." + field, "%d bytes for %d rows of %d" % texts)
		return PackedFloat32Array()
	return blob.to_float32_array()


func _bad(field: String, row: int, column: int) -> bool:
	return _fault("bad_value", "$.%s[%d][%d]" % [field, row, column], "out of range or not finite")


func _fault(new_code: String, path: String, text: String) -> bool:
	if code == "":
		code = new_code
		where = path
		what = text
	return false
