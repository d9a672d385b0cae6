## `session.json`: what the engine's end of the link must send and hand on, step by step.
extends "case.gd"

const Codec := preload("res://addons/emotion_runtime/wire/codec.gd")
const Session := preload("res://addons/emotion_runtime/session/client_session.gd")

var _session: Session
var _now := 0.0
var _updates: Array[Dictionary] = []
var _codec := Codec.new()


func test_the_engines_end_follows_the_session_vectors() -> void:
	var played := 0
	for sequence: Dictionary in vectors("session")["sequences"]:
		if sequence["role"] != "client":
			continue
		played += 1
		_session = Session.new("unity")
		_now = 0.0
		_updates = []
		var place := 0
		for step: Dictionary in sequence["steps"]:
			for what: String in step:
				_play(what, from_json(step[what]), "%d.%d %s" % [sequence["id"], place, sequence["comment"]])
			place += 1
	check(played >= 4, "only %d sequences" % played)


func test_another_protocol_number_is_told_with_both_and_a_remedy() -> void:
	_session = Session.new("unity")
	var later := {"type": "refused", "code": "wrong_version", "message": "", "remedy": ""}
	var bytes := _codec.encode(later)
	# The last byte of the frame is the 1 of `v`.
	bytes[bytes.size() - 1] = 2
	var updates := _session.receive(bytes)
	equal(_session.state, Session.State.REFUSED, "state")
	equal(updates[0]["code"], "wrong_version", "code")
	check(_session.reason.contains("protocol 2") and _session.reason.contains("protocol 1"), _session.reason)
	check(_session.reason.contains("same release"), _session.reason)
	check(_next().is_empty(), "nothing more is said")


func test_a_refusal_keeps_the_sidecars_remedy() -> void:
	_session = Session.new("unity")
	var refused := {"type": "refused", "code": "already_owned", "message": "taken", "remedy": "own another"}
	_session.receive(_codec.encode(refused))
	equal(_session.reason, "taken; own another", "reason")
	_session.lost("cut")
	equal(_session.state, Session.State.REFUSED, "it stays refused")


func test_states_are_coalesced_and_events_keep_their_order() -> void:
	var queue := Session.ObservationQueue.new()
	queue.put({"kind": "move", "id": "ann", "at": [1.0, 0.0, 0.0]})
	queue.put({"kind": "move", "id": "ann", "at": [2.0, 0.0, 0.0]})
	queue.put({"kind": "event", "name": "bang"})
	queue.put({"kind": "move", "id": "ann", "at": [3.0, 0.0, 0.0]})
	equal(queue.size(), 3, "one move was replaced")
	var items := queue.take(2)
	equal(items.map(func(item: Dictionary) -> String: return item["kind"]), ["move", "event"], "the oldest")
	equal(items[0]["at"], [2.0, 0.0, 0.0], "the newer of both")
	queue.put_back(items)
	equal(queue.take(9).size(), 3, "put back in front")


func test_a_queue_is_bounded() -> void:
	var queue := Session.ObservationQueue.new()
	var refused := 0
	for i in 1030:
		refused += 0 if queue.put({"kind": "event", "name": "bang"}) else 1
	equal([refused, queue.overflowed], [6, 6], "events")
	for i in 6000:
		queue.put({"kind": "move", "id": "c%d" % i, "at": [0.0, 0.0, 0.0]})
	check(queue.size() <= 4096, "%d wait" % queue.size())


func _play(what: String, value: Variant, where: String) -> void:
	match what:
		"receive":
			_updates.append_array(_session.receive(_codec.encode(value)))
		"send":
			_session.flush()
			var sent := _next()
			check(holds(sent, value), "%s: sent %s where %s is wanted" % [where, sent, value])
		"deliver":
			var given: Dictionary = _updates.pop_front() if _updates else {}
			check(holds(given, value), "%s: gave %s where %s is wanted" % [where, given, value])
		"silent":
			var sent := _next()
			check(sent.is_empty() and _updates.is_empty(), "%s: not silent: %s" % [where, sent])
		"queue":
			for item: Dictionary in value["items"]:
				_session.queue.put(item)
			_session.flush()
		"advance":
			_now += value
		"disconnect":
			_session.lost("cut")
		"connect":
			_session.connected()
		_:
			check(false, "%s: step %s is not known" % [where, what])


func _next() -> Dictionary:
	var frame := _session.next_frame(_now)
	if frame.is_empty():
		return {}
	_session.frame_sent(_now)
	return _codec.decode(frame)
