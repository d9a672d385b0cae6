## `columns.json`: blobs, whole ticks with their roster, stream frames, and positions.
extends "case.gd"

const Block := preload("res://addons/emotion_runtime/session/face_block.gd")
const Codec := preload("res://addons/emotion_runtime/wire/codec.gd")
const Frame := preload("res://addons/emotion_runtime/session/frame.gd")
const Frames := preload("res://addons/emotion_runtime/session/frames.gd")
const Positions := preload("res://addons/emotion_runtime/wire/positions.gd")
const Reader := preload("res://addons/emotion_runtime/wire/msgpack_reader.gd")


func test_blobs_become_the_floats_they_hold() -> void:
	for test: Dictionary in _group("f32")["tests"]:
		var name: String = test["comment"]
		var bytes := (test["hex"] as String).hex_decode()
		var size := int(test["rows"]) * int(test["columns"]) * 4
		equal(bytes.size() == size, test["result"] == "valid", name)
		if test["result"] == "valid":
			var flat := []
			for row: Array in test["decoded"]:
				flat.append_array(row)
			equal(bytes.to_float32_array(), PackedFloat32Array(flat), name)


func test_16_bit_columns_are_read_as_the_actions_of_a_frame() -> void:
	var seen := 0
	for test: Dictionary in _group("u16")["tests"]:
		seen += 1
		var name: String = test["comment"]
		var rows := int(test["rows"])
		var message := _tick(1, 1)
		message.merge({"n": rows, "emotion": PackedByteArray(), "mood": _zeros(rows * 12)}, true)
		message["action"] = (test["hex"] as String).hex_decode()
		var roster := {"epoch": 1, "labels": [], "actions": [], "shapes": [], "characters": []}
		roster["characters"].resize(rows)
		roster["actions"].resize(1 << 16)
		var frame := Frame.new()
		equal(frame.read(message, roster), test["result"] == "valid", name)
		equal(frame.code, test.get("error", ""), name)
		if frame.code == "":
			equal(range(rows).map(frame.action_of), from_json(test["decoded"]), name)
			check(frame.check_values(), name)
		else:
			equal(frame.where, "$.action", name)
	check(seen >= 3, "only %d tests" % seen)


func test_32_bit_columns_are_read_and_written_as_the_rows_of_positions() -> void:
	var seen := 0
	for test: Dictionary in _group("u32")["tests"]:
		seen += 1
		var name: String = test["comment"]
		var bytes := (test["hex"] as String).hex_decode()
		var item := {"kind": "positions", "epoch": 1, "index": bytes, "xyz": _zeros(int(test["rows"]) * 12)}
		var positions := Positions.new()
		equal(positions.read(item, 1, 1 << 32), test["result"] == "valid", name)
		equal(positions.code, test.get("error", ""), name)
		if positions.code == "":
			equal(Array(positions.index), from_json(test["decoded"]), name)
			var places := {}
			for row in positions.index:
				places[row] = Vector3.ZERO
			equal(Positions.written(1, places), item, name)
	check(seen >= 2, "only %d tests" % seen)


func test_positions_are_taken_and_written_or_refused_with_code_and_place() -> void:
	var group := _group("positions")
	var seen := 0
	for test: Dictionary in group["tests"]:
		seen += 1
		var name := "%d %s" % [test["id"], test["comment"]]
		var item: Dictionary = Reader.new().read((test["hex"] as String).hex_decode())
		check(Codec.new().is_observation(item), name)
		var positions := Positions.new()
		equal(positions.read(item, int(group["epoch"]), int(group["rows"])), test["result"] == "valid", name)
		equal(positions.code, test.get("error", ""), name)
		equal(positions.where, test.get("where", ""), name)
		if positions.code != "":
			continue
		equal(Array(positions.index), from_json(test["decoded"]["index"]), name)
		var places := {}
		var flat := []
		for i in positions.index.size():
			var at: Array = test["decoded"]["xyz"][i]
			flat.append_array(at)
			places[positions.index[i]] = Vector3(at[0], at[1], at[2])
		_same(Array(positions.xyz), flat, name)
		equal(Positions.written(item["epoch"], places), item, name)
	check(seen >= 11, "only %d tests" % seen)


func test_a_tick_is_read_with_its_roster_or_refused_with_code_and_place() -> void:
	var group := _group("tick")
	var roster: Dictionary = from_json(group["roster"])
	var codec := Codec.new()
	for test: Dictionary in group["tests"]:
		var name := "%d %s" % [test["id"], test["comment"]]
		var message := codec.decode((test["hex"] as String).hex_decode(), ["tick"])
		check(codec.code == "", "%s: %s %s" % [name, codec.what, codec.where])
		var frame := Frame.new()
		var sound := frame.read(message, roster) and frame.check_values()
		equal(sound, test["result"] == "valid", name)
		if not sound:
			equal(frame.code, test["error"], name)
			equal(frame.where, test.get("where", frame.where), name)
			continue
		for row in frame.rows:
			_same(Array(frame.emotion_of(row)), test["decoded"]["emotion"][row], name)
			var mood := frame.mood_of(row)
			_same([mood.x, mood.y, mood.z], test["decoded"]["mood"][row], name)
			equal(frame.action_of(row), int(test["decoded"]["action"][row]), name)
			if test["decoded"]["face"] != null:
				_same(Array(frame.face_of(row)), test["decoded"]["face"][row], name)
			else:
				check(frame.face_of(row).is_empty(), name)


func test_a_stream_frame_has_its_topic_and_a_tick() -> void:
	var group := _group("stream")
	var roster: Dictionary = from_json(_group("tick")["roster"])
	for test: Dictionary in group["tests"]:
		var bytes := (test["hex"] as String).hex_decode()
		var frames := Frames.new()
		var codec := Codec.new()
		var tick := codec.decode(bytes.slice(4), ["tick"])
		if test["result"] == "valid":
			roster["epoch"] = tick["epoch"]
			var before := tick.duplicate()
			before["tick"] = tick["tick"] - 1
			check(frames.begin({"session": tick["session"], "roster": roster, "state": before}, 0.0), "begin")
		equal(frames.take(bytes, 1.0), test["result"] == "valid", test["comment"])
		equal(frames.malformed, 0 if test["result"] == "valid" else 1, test["comment"])


func test_faces_are_read_with_roster_and_columns_or_refused_with_code_and_place() -> void:
	var group := _group("faces")
	var roster: Dictionary = from_json(group["roster"])
	var codec := Codec.new()
	var seen := 0
	for test: Dictionary in group["tests"]:
		seen += 1
		var name := "%d %s" % [test["id"], test["comment"]]
		var message := codec.decode((test["hex"] as String).hex_decode(), ["faces"])
		check(codec.code == "", "%s: %s %s" % [name, codec.what, codec.where])
		var block := Block.new()
		equal(block.read(message, roster, group["columns"]), test["result"] == "valid", name)
		equal(block.code, test.get("error", ""), name)
		equal(block.where, test.get("where", ""), name)
		if block.code != "":
			continue
		equal(Array(block.rows), from_json(test["decoded"]["rows"]), name)
		for i in block.rows.size():
			_same(Array(block.weights_of(block.rows[i])), test["decoded"]["weights"][i], name)
		check(block.weights_of(1).is_empty() != (1 in Array(block.rows)), name)
	check(seen >= 13, "only %d tests" % seen)


func test_a_frame_of_faces_has_its_topic_and_faces() -> void:
	var codec := Codec.new()
	for test: Dictionary in _group("faces stream")["tests"]:
		var bytes := (test["hex"] as String).hex_decode()
		var good := Block.is_topic(bytes)
		if good:
			good = not codec.decode(bytes, ["faces"], 1 << 20, Block.TOPIC_BYTES).is_empty()
		equal(good, test["result"] == "valid", test["comment"])


func test_only_news_of_this_session_and_roster_counts() -> void:
	var roster := {"epoch": 1, "characters": ["a"], "labels": ["joy"], "actions": [""], "shapes": []}
	var frames := Frames.new()
	frames.begin({"session": 5, "roster": roster, "state": _tick(5, 10)}, 0.0)
	check(not frames.take_tick(_tick(5, 10), 0.1), "the snapshot's own tick")
	check(not frames.take_tick(_tick(5, 9), 0.1), "an older tick")
	check(frames.take_tick(_tick(5, 13), 0.2), "a newer tick")
	equal([frames.taken, frames.skipped], [1, 2], "taken and skipped")
	check(not frames.take_tick(_tick(6, 99), 0.3), "another session")
	check(frames.foreign, "another session is told")
	equal(frames.heard, 0.2, "what is foreign is not life")
	var other := _tick(5, 14)
	other["epoch"] = 2
	check(not frames.take_tick(other, 0.4), "another epoch")
	equal(frames.latest.tick, 13, "the old state is kept")
	var paused := _tick(5, 13)
	paused["paused"] = true
	check(frames.take_tick(paused, 0.5) and frames.latest.paused, "an equal tick may tell a pause")


static func _tick(session: int, tick: int) -> Dictionary:
	return {
		"session": session,
		"tick": tick,
		"time": tick / 60.0,
		"epoch": 1,
		"n": 1,
		"emotion": PackedFloat32Array([0.5]).to_byte_array(),
		"mood": PackedFloat32Array([0, 0, 0]).to_byte_array(),
		"action": PackedByteArray([0, 0]),
		"digest": PackedByteArray(),
		"face": PackedByteArray(),
		"paused": false,
		"sent": 0.0,
		"seq": 0,
	}


static func _zeros(bytes: int) -> PackedByteArray:
	var zeros := PackedByteArray()
	zeros.resize(bytes)
	return zeros


func _group(type: String) -> Dictionary:
	for group: Dictionary in vectors("columns")["groups"]:
		if group["type"] == type:
			return group
	check(false, "no group " + type)
	return {}


func _same(found: Array, wanted: Array, name: String) -> void:
	equal(PackedFloat32Array(found), PackedFloat32Array(wanted), name)
