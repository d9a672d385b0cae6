## `messages.json` and `malformed.json`: what is taken and what it means, and what is refused and why.
extends "case.gd"

const Codec := preload("res://addons/emotion_runtime/wire/codec.gd")
const Reader := preload("res://addons/emotion_runtime/wire/msgpack_reader.gd")
const Writer := preload("res://addons/emotion_runtime/wire/msgpack_writer.gd")


func test_every_legal_form_of_a_message_means_what_the_vectors_say() -> void:
	var codec := Codec.new()
	var seen := 0
	for test: Dictionary in _tests("messages"):
		seen += 1
		var name := "%d %s" % [test["id"], test["comment"]]
		var message := codec.decode(_frame(test))
		if test["result"] == "ignored":
			equal(codec.code, test["error"], name)
			continue
		check(codec.code == "", "%s: %s %s at %s" % [name, codec.code, codec.what, codec.where])
		var wanted: Dictionary = from_json(test["decoded"])
		check(holds(message, wanted), "%s: %s where %s is wanted" % [name, message, wanted])
	check(seen > 130, "only %d tests were found" % seen)


func test_what_was_read_is_written_in_the_same_bytes() -> void:
	var reader := Reader.new()
	var writer := Writer.new()
	var seen := 0
	for test: Dictionary in _tests("messages"):
		if "Canonical" in test["flags"] and not (test["comment"] as String).contains("zero character"):
			seen += 1
			var bytes := _frame(test)
			equal(writer.write(reader.read(bytes)), bytes, "%d %s" % [test["id"], test["comment"]])
	check(seen > 50, "only %d tests were found" % seen)


func test_a_message_that_was_encoded_is_decoded_to_the_same() -> void:
	var codec := Codec.new()
	for test: Dictionary in _tests("messages"):
		if test["result"] == "valid":
			var message := codec.decode(_frame(test))
			equal(codec.decode(codec.encode(message)), message, str(test["id"]))


func test_a_faulty_frame_is_refused_with_its_code_and_place() -> void:
	var codec := Codec.new()
	var seen := 0
	for test: Dictionary in _tests("malformed"):
		seen += 1
		var name := "%d %s" % [test["id"], test["comment"]]
		var message := codec.decode(_frame(test), [], Protocol.MAX_LINK_BYTES)
		check(message.is_empty(), name + " was taken")
		equal(codec.code, test["error"], "%s (%s)" % [name, codec.what])
		if test.get("where") != null:
			equal(codec.where, test["where"], name)
	check(seen > 140, "only %d tests were found" % seen)


func test_a_cut_frame_is_never_taken() -> void:
	var codec := Codec.new()
	for test: Dictionary in _tests("messages").slice(0, 60):
		var bytes := _frame(test)
		for length in range(0, mini(bytes.size(), 300), 7):
			check(codec.decode(bytes.slice(0, length)).is_empty(), "%d cut to %d" % [test["id"], length])


func _tests(file: String) -> Array:
	var tests := []
	for group: Dictionary in vectors(file)["groups"]:
		tests.append_array(group["tests"])
	return tests


static func _frame(test: Dictionary) -> PackedByteArray:
	var hex: String = test["hex"]
	if test.has("repeat"):
		hex += (test["repeat"]["hex"] as String).repeat(int(test["repeat"]["times"])) + test.get("tail", "")
	return hex.hex_decode()
