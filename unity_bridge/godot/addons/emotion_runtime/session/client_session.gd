## The engine's side of the link, without sockets: hello, numbers, acks, credit, resume, new worlds.
##
## Time is handed in. Frames leave by `next_frame` and `frame_sent`; `receive` takes what came and
## returns what the game has to act on, each message once and in order.
extends RefCounted

enum State { CONNECTING, LIVE, REFUSED }

const Protocol := preload("../protocol.g.gd")
const Codec := preload("../wire/codec.gd")
const Outbox := preload("outbox.gd")
const Parts := preload("parts.gd")
const ObservationQueue := preload("observation_queue.gd")

## A hello without an answer is repeated after this long.
const HELLO_AGAIN_SECONDS := 0.5
const PACKAGE := "emotion-runtime-godot 0.1.0"
const TAKEN := [
	"welcome",
	"refused",
	"snapshot",
	"part",
	"command",
	"perception",
	"variables",
	"owned",
	"notice",
	"roster",
	"tick",
	"ack",
	"bye",
]

var client := ""
var state := State.CONNECTING
## Why it is not live, in words.
var reason := "no sidecar has answered yet"
## The last `refused`, or empty.
var refusal := {}
## The snapshot of the present world, or empty.
var snapshot := {}
## Characters whose commands come here.
var owns: Array = []
var queue := ObservationQueue.new()
var outbox := Outbox.new(Protocol.OBSERVATION_CREDIT)
## Highest number received from the sidecar.
var received := 0
## Counters by name: faults by their code, `reconnects`, `resumed`, `restarts` and the like.
var counts := {}
## The sidecar's addresses, as it told them in its welcome.
var welcome := {}

var _wanted: Variant = null
var _lockstep := false
var _codec := Codec.new()
var _session := 0
var _hello_due := true
var _hello_at := 0.0
var _spoke := 0.0
var _acked := 0
var _carried_seq := 0
var _carried_ack := 0
var _parting := false
var _parts := Parts.new()


## `wanted` are the characters this engine plays: an Array of ids, or nil for all that are free.
func _init(name: String, wanted: Variant = null, lockstep := false) -> void:
	client = name
	_wanted = wanted
	_lockstep = lockstep


## A new connection stands: nothing is known to have arrived, so say hello on it.
func connected() -> void:
	_parting = false
	_parts.clear()
	if state == State.LIVE:
		_count("reconnects")
	if state != State.REFUSED:
		_again("the connection is new")


## The connection is gone.
func lost(why: String) -> void:
	if state != State.REFUSED:
		state = State.CONNECTING
		reason = why


## Forget a refusal and say hello again.
func try_again() -> void:
	refusal = {}
	_again(reason)


## Take one frame from the sidecar, whatever it holds.
func receive(payload: PackedByteArray) -> Array[Dictionary]:
	return _take(payload, TAKEN)


func _take(payload: PackedByteArray, allowed: Array) -> Array[Dictionary]:
	var message := _codec.decode(payload, allowed)
	if message.is_empty():
		_count(_codec.code)
		if _codec.code == "wrong_version":
			return _refused(_version_refusal(_codec.what))
		return []
	var no_updates: Array[Dictionary] = []
	match message["type"]:
		"welcome":
			_welcome(message)
		"refused":
			return _refused(message)
		"bye":
			return _bye(message)
		"ack":
			outbox.ack(message["seq"])
		"snapshot":
			snapshot = message
			return [message]
		"part":
			var whole := _parts.take(message)
			# Only a snapshot comes in parts.
			return _take(whole, ["snapshot"]) if not whole.is_empty() else no_updates
		_:
			return _numbered(message)
	return no_updates


## Make a batch of what is queued, if the credit allows; returns how many observations it holds.
func flush() -> int:
	if state != State.LIVE or queue.size() == 0 or outbox.room() <= 0:
		return 0
	var items := queue.take(Protocol.MAX_OBSERVATIONS)
	var frame := _batch(items)
	while frame.size() > Protocol.MAX_LINK_BYTES and items.size() > 1:
		var half := items.size() >> 1
		queue.put_back(items.slice(half))
		items = items.slice(0, half)
		frame = _batch(items)
	outbox.push(frame)
	_carried_seq = outbox.last
	_carried_ack = received
	return items.size()


## What is to be sent next, or empty; the same until `frame_sent`.
func next_frame(now: float) -> PackedByteArray:
	if state == State.REFUSED:
		return PackedByteArray()
	if _parting:
		# The sidecar waits a moment for this before it closes the connection under its last words.
		return goodbye()
	if state == State.CONNECTING:
		var due := _hello_due or now - _hello_at >= HELLO_AGAIN_SECONDS
		return _hello() if due else PackedByteArray()
	var frame := outbox.peek()
	if not frame.is_empty():
		return frame
	if _acked < received or now - _spoke >= Protocol.HEARTBEAT_INTERVAL_MS / 1000.0:
		return _codec.encode({"type": "ack", "seq": received})
	return PackedByteArray()


## The connection took the frame of `next_frame`.
func frame_sent(now: float) -> void:
	_spoke = now
	if _parting or state == State.CONNECTING:
		if not _parting:
			_acked = received
		_parting = false
		_hello_due = false
		_hello_at = now
	elif outbox.cursor < outbox.last:
		outbox.sent()
		# A new batch carries the ack; one that is sent again carries an old one.
		if outbox.cursor == _carried_seq:
			_acked = maxi(_acked, _carried_ack)
	else:
		_acked = received


## The frame that ends the session on purpose.
func goodbye() -> PackedByteArray:
	return _codec.encode({"type": "bye"})


func _count(name: String) -> void:
	counts[name] = counts.get(name, 0) + 1


func _batch(items: Array[Dictionary]) -> PackedByteArray:
	var message := {"type": "observations", "seq": outbox.last + 1, "items": items}
	message["received"] = received
	return _codec.encode(message)


func _hello() -> PackedByteArray:
	var message := {
		"type": "hello",
		"client": client,
		"package": PACKAGE,
		"capabilities": Protocol.CAPABILITIES,
		"schema": Protocol.SCHEMA,
		"owns": _wanted,
		"session": 0 if snapshot.is_empty() else _session,
		"received": received,
		"lockstep": _lockstep,
	}
	return _codec.encode(message)


func _welcome(message: Dictionary) -> void:
	state = State.LIVE
	reason = ""
	owns = message["owns"]
	welcome = message
	var same: bool = message["resumed"] and message["session"] == _session
	if same and outbox.resume(message["observed"]):
		_count("resumed")
		return
	if _session != 0:
		# Another world: what was meant for the old one has no meaning in it.
		_count("restarts")
		counts["forgotten"] = counts.get("forgotten", 0) + outbox.size() + queue.clear()
	_session = message["session"]
	snapshot = {}
	outbox = Outbox.new(message["credit"])
	received = 0
	_acked = 0
	_carried_seq = 0
	_carried_ack = 0


func _refused(message: Dictionary) -> Array[Dictionary]:
	var code: String = message["code"]
	if code == "not_welcome" or (code == "already_connected" and _session != 0):
		# A connection was renewed below us, or the sidecar has not yet noticed that our old one is gone.
		_count(code)
		_again(message["message"], code == "not_welcome" and state == State.LIVE)
		return []
	state = State.REFUSED
	refusal = message
	var remedy: String = message["remedy"]
	reason = "%s; %s" % [message["message"], remedy] if remedy else message["message"]
	return [message]


static func _version_refusal(what: String) -> Dictionary:
	return {
		"type": "refused",
		"code": "wrong_version",
		"message": what,
		"remedy": "use an addon and a sidecar of the same release",
	}


func _bye(message: Dictionary) -> Array[Dictionary]:
	if message["reason"] == "shutting_down":
		lost("the sidecar has ended")
		_parting = true
	else:
		var why: String = Protocol.ERROR_CODES.get(message["reason"], message["reason"])
		_again("the sidecar ended the session: " + why)
	return [message]


func _again(why: String, at_once := true) -> void:
	state = State.CONNECTING
	reason = why
	_hello_due = _hello_due or at_once


func _numbered(message: Dictionary) -> Array[Dictionary]:
	if snapshot.is_empty():
		return []
	var seq: int = message["seq"]
	if seq > received + 1:
		# The connection lost something: come back and have it sent again.
		_count("gap")
		_again("a message is missing")
		return []
	if seq <= received:
		# Our ack was lost, or the sidecar would not send it again.
		_count("repeated")
		_acked = mini(_acked, received - 1)
		return []
	received = seq
	match message["type"]:
		"roster":
			snapshot["roster"] = message
		"variables":
			snapshot["variables"].merge(message["values"], true)
		"owned":
			owns = message["owns"]
			# A new session claims what is ours by now, not what was at the first hello.
			_wanted = null if _wanted == null else owns
	return [message]
