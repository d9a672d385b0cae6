## What reading a frame costs: `godot --headless --path . --script tests/bench.gd`, one line of JSON.
extends SceneTree

const Codec := preload("res://addons/emotion_runtime/wire/codec.gd")
const Frames := preload("res://addons/emotion_runtime/session/frames.gd")
const ROWS := 1000
const LABELS := 7
const TRIES := 300


func _initialize() -> void:
	var plain := _measure(0)
	plain["with_faces"] = _measure(52)
	print(JSON.stringify(plain))
	quit()


func _measure(shapes: int) -> Dictionary:
	var roster := {"epoch": 1, "labels": [], "actions": [""], "shapes": [], "characters": []}
	for i in LABELS:
		roster["labels"].append("l%d" % i)
	for i in shapes:
		roster["shapes"].append("s%d" % i)
	for i in ROWS:
		roster["characters"].append("c%d" % i)
	var frames := Frames.new()
	frames.begin({"session": 1, "roster": roster, "state": _tick(0, shapes)}, 0.0)
	var codec := Codec.new()
	var payloads: Array[PackedByteArray] = []
	for i in TRIES:
		payloads.append("tick".to_ascii_buffer() + codec.encode(_tick(i + 1, shapes)))
	var times := PackedInt64Array()
	for payload in payloads:
		var from := Time.get_ticks_usec()
		frames.take(payload, 0.0)
		times.append(Time.get_ticks_usec() - from)
	var blob: PackedByteArray = _tick(1, shapes)["emotion"]
	var native := PackedInt64Array()
	for i in TRIES:
		var from := Time.get_ticks_usec()
		for again in 10:
			blob.to_float32_array()
		native.append(Time.get_ticks_usec() - from)
	var rows := PackedInt64Array()
	for i in 30:
		var from := Time.get_ticks_usec()
		for row in ROWS:
			frames.latest.is_sound(row)
		rows.append(Time.get_ticks_usec() - from)
	times.sort()
	native.sort()
	rows.sort()
	return {
		"bytes": payloads[0].size(),
		"taken": frames.taken,
		"decode_us_p50": times[TRIES / 2],
		"decode_us_best": times[0],
		"to_float32_array_us_p50": native[TRIES / 2] / 10.0,
		"check_all_rows_us_p50": rows[15],
	}


static func _tick(tick: int, shapes: int) -> Dictionary:
	return {
		"type": "tick",
		"session": 1,
		"tick": tick,
		"time": tick / 60.0,
		"epoch": 1,
		"n": ROWS,
		"emotion": _column(ROWS * LABELS),
		"mood": _column(ROWS * 3),
		"action": PackedByteArray(_zeros(ROWS * 2)),
		"digest": PackedByteArray(_zeros(16)),
		"face": _column(ROWS * shapes),
		"paused": false,
		"sent": 1.0,
		"seq": 0,
	}


static func _column(values: int) -> PackedByteArray:
	var floats := PackedFloat32Array()
	floats.resize(values)
	floats.fill(0.25)
	return floats.to_byte_array()


static func _zeros(count: int) -> PackedByteArray:
	var bytes := PackedByteArray()
	bytes.resize(count)
	return bytes
