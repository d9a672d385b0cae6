## A game's end of the bridge: three sockets around `client_session.gd`. Call `poll` once a frame.
##
## Nothing here waits. `poll` returns the messages to act on; the newest frame is in `latest`.
class_name EmotionClient
extends RefCounted

## CONNECTING: no welcome yet. LIVE: ticks come. PAUSED: the sidecar's clock stands. STALE: no tick
## for a quarter of a second. LOST: the connection is gone. REFUSED: the sidecar will not have us.
enum State { CONNECTING, LIVE, PAUSED, STALE, LOST, REFUSED }

const Protocol := preload("../protocol.g.gd")
const Codec := preload("../wire/codec.gd")
const Line := preload("../wire/line.gd")
const Peer := preload("../wire/zmtp_peer.gd")
const Positions := preload("../wire/positions.gd")
const Session := preload("client_session.gd")
const Frame := preload("frame.gd")
const Frames := preload("frames.gd")

const STALE_SECONDS := 0.25
const SILENT_SECONDS := Protocol.HEARTBEAT_TIMEOUT_MS / 1000.0
## What to do about a connection that does not come about, by `problem`.
const REMEDIES := {
	"not_started": "start it with `emotion-runtime serve SCENE`, or set it to start with the game",
	"wrong_port": "set the port that the sidecar's first line of output tells",
	"wrong_token": "set the same token here as for the sidecar",
}
## Between hellos while our name is taken: by a game that crashed, or one that is about to end.
const ASK_AGAIN_SECONDS := 1.0
const REQUEST_SECONDS := 2.0
const REQUEST_TRIES := 3

var state := State.CONNECTING
## Why `state` is what it is, and what to do; empty when all is well.
var reason := "not opened"
## Which of the likely things is wrong: `not_started`, `wrong_port`, `wrong_version`, `wrong_token`,
## another code of a refusal, or empty.
var problem := ""
var session: Session
var frames := Frames.new()
## The newest frame, or null before the first snapshot.
var latest: Frame:
	get:
		return frames.latest

var _token := ""
var _token_file := ""
var _host := Protocol.DEFAULT_HOST
var _ports := PackedInt32Array([0, 0, 0])
var _stream: Line
var _link: Line
var _control: Line
var _codec := Codec.new()
var _heard := 0.0
var _trouble := ""
var _ask_again_at := 0.0
var _requests := {}
var _next_request := 0


## `wanted` are the characters this game plays: an Array of ids, or nil for all that are free.
## `token` is the password of a sidecar that asks for one; `token_file` where it is to be read.
func _init(name: String, wanted: Variant = null, token := "", token_file := "") -> void:
	session = Session.new(name, wanted)
	_token = token
	_token_file = token_file
	_stream = Line.new("SUB", Protocol.TOPIC_TICK, token, token_file)
	# An engine that stood on a breakpoint wakes to seconds of old frames: only the last one counts.
	_stream.peer.latest_only = true
	_link = Line.new("DEALER", "", token, token_file)
	_control = Line.new("DEALER", "", token, token_file)
	# A restarted game must not be given the kept replies of its predecessor.
	_next_request = randi() << 8


## Begin to connect: `stream` is the sidecar's port, `link` and `control` the two after it unless given.
func open(host: String, stream: int, link := 0, control := 0) -> void:
	_host = host
	_ports = PackedInt32Array([stream, link if link else stream + 1, control if control else stream + 2])
	var now := clock()
	_heard = now
	_stream.open(_host, _ports[0], now)
	_link.open(_host, _ports[1], now)
	state = State.CONNECTING
	reason = "connecting to %s:%d" % [_host, _ports[1]]


## Say goodbye and close everything.
func close() -> void:
	if session.state == Session.State.LIVE and _link.peer.send(session.goodbye()):
		_link.peer.poll(clock())
	for line: Line in [_stream, _link, _control]:
		line.close()
	_ports = PackedInt32Array([0, 0, 0])
	session.lost("closed")
	state = State.CONNECTING
	reason = "closed"


## Drop the connection without a word and come back over a new one: nothing is lost by it.
func reconnect() -> void:
	_link.cut(clock())
	session.lost("reconnecting")


## Send what waits, read what came. Returns messages: `snapshot` (a second one means another world),
## `start` and `stop` (by `kind`), `perception`, `notice`, `refused`, `bye`, `roster`, `reply`, and
## `frame` when `latest` is a new one.
func poll() -> Array[Dictionary]:
	var now := clock()
	var updates: Array[Dictionary] = []
	if _ports[0] == 0:
		return updates
	_poll_link(now, updates)
	_poll_stream(now, updates)
	_poll_control(now, updates)
	session.flush()
	_send(now)
	_judge(now)
	return updates


## Tell the sidecar of something that happened (see `docs/protocol.md`, section 5.4). False, and
## nothing is queued, when it is not well-formed, does not fit the roster or too much waits already;
## a warning then says why.
func tell(observation: Dictionary) -> bool:
	if not _codec.is_observation(observation):
		push_warning("not sent: %s at %s" % [_codec.what, _codec.where])
		return false
	if observation["kind"] == "positions" and not _fits_the_roster(observation):
		return false
	if not session.queue.put(observation):
		push_warning("not sent: too many events wait for the sidecar already")
		return false
	return true


## Ask the sidecar for something; returns the number the `reply` will carry. A reply always comes:
## without an answer it is one with the error `timeout`.
func request(op: String, args := {}) -> int:
	_next_request += 1
	var message := {"type": "request", "client": session.client, "id": _next_request, "op": op}
	message["args"] = args
	_requests[_next_request] = {"frame": _codec.encode(message), "tries": 0, "until": 0.0, "asked": false}
	return _next_request


## A further connection to the stream, for another topic: whoever has it polls it.
func stream_line(topic: String) -> Line:
	var line := Line.new("SUB", topic, _token, _token_file)
	line.peer.latest_only = true
	line.open(_host, _ports[0], clock())
	return line


## The monotonic clock of all times here, in seconds.
static func clock() -> float:
	return Time.get_ticks_usec() / 1e6


## Whether bytes still wait to leave.
func is_writing() -> bool:
	return _link.peer.is_writing() or _control.peer.is_writing()


func _fits_the_roster(positions: Dictionary) -> bool:
	var roster: Dictionary = session.snapshot.get("roster", {"epoch": -1, "characters": []})
	var columns := Positions.new()
	if columns.read(positions, roster["epoch"], roster["characters"].size()):
		return true
	push_warning("not sent: %s at %s" % [columns.what, columns.where])
	return false


func _poll_link(now: float, updates: Array[Dictionary]) -> void:
	_link.poll(now)
	if _link.came_up():
		_trouble = ""
		session.connected()
	for payload in _link.peer.take():
		_heard = now
		for message in session.receive(payload):
			_take(message, now, updates)
	if _link.went_down():
		session.lost(_link.peer.reason)
		match _link.peer.fault:
			Peer.Fault.NOT_STARTED:
				_trouble = "not_started"
			Peer.Fault.WRONG_PORT:
				_trouble = "wrong_port"
			Peer.Fault.WRONG_TOKEN:
				# A sidecar that was started anew has written another one: the next try takes it.
				if not _link.peer.has_newer_token():
					_refuse()
			_:
				_trouble = ""
	if session.state != Session.State.REFUSED:
		_ask_again_at = 0.0
	elif session.refusal["code"] == "already_connected":
		_ask_again(now)
	else:
		_link.given_up = true
		_stream.given_up = true


func _ask_again(now: float) -> void:
	if _ask_again_at == 0.0:
		_ask_again_at = now + ASK_AGAIN_SECONDS
	elif now >= _ask_again_at:
		_ask_again_at = 0.0
		session.try_again()


## A token that is not taken will not be taken at the next try either.
func _refuse() -> void:
	var remedy: String = REMEDIES["wrong_token"]
	session.state = Session.State.REFUSED
	session.reason = "%s; %s" % [_link.peer.reason, remedy]
	session.refusal = {"code": "wrong_token", "message": _link.peer.reason, "remedy": remedy}


func _take(message: Dictionary, now: float, updates: Array[Dictionary]) -> void:
	match message["type"]:
		"snapshot":
			frames.begin(message, now)
			updates.append(message)
			if frames.latest != null:
				updates.append({"type": "frame"})
		"command":
			for change: Dictionary in message["commands"]:
				change["type"] = change["kind"]
				updates.append(change)
		"roster":
			frames.change_roster(message)
			updates.append(message)
		"tick":
			if frames.take_tick(message, now):
				updates.append({"type": "frame"})
		_:
			updates.append(message)


func _poll_stream(now: float, updates: Array[Dictionary]) -> void:
	_stream.poll(now)
	_stream.went_down()
	_stream.came_up()
	for payload in _stream.peer.take():
		if frames.take(payload, now):
			updates.append({"type": "frame"})


func _poll_control(now: float, updates: Array[Dictionary]) -> void:
	if _requests.is_empty():
		return
	if _control.peer.state == Peer.State.CLOSED:
		_control.open(_host, _ports[2], now)
	_control.poll(now)
	_control.went_down()
	_control.came_up()
	for payload in _control.peer.take():
		var reply := _codec.decode(payload, ["reply"])
		if not reply.is_empty() and _requests.erase(reply["id"]):
			updates.append(reply)
	for id: int in _requests.keys():
		var waiting: Dictionary = _requests[id]
		if now < waiting["until"] and (waiting["asked"] or not _control.is_up()):
			continue
		if waiting["tries"] >= REQUEST_TRIES:
			_requests.erase(id)
			updates.append(_unanswered(id))
			continue
		# The same request twice is done once: the sidecar knows it by its number.
		waiting["asked"] = _control.peer.send(waiting["frame"])
		waiting["tries"] += 1 if waiting["asked"] or waiting["until"] > 0.0 else 0
		waiting["until"] = now + REQUEST_SECONDS


func _unanswered(id: int) -> Dictionary:
	var error := {"code": "timeout", "message": "the sidecar does not answer", "where": ""}
	error["remedy"] = "check that it runs" if _control.peer.reason == "" else _control.peer.reason
	return {"type": "reply", "id": id, "tick": 0, "result": {}, "error": error}


func _send(now: float) -> void:
	if not _link.is_up():
		return
	var frame := session.next_frame(now)
	while not frame.is_empty() and _link.peer.send(frame):
		session.frame_sent(now)
		frame = session.next_frame(now)


func _judge(now: float) -> void:
	reason = session.reason
	problem = ""
	if session.state == Session.State.REFUSED:
		state = State.REFUSED
		problem = session.refusal["code"]
	elif session.state == Session.State.CONNECTING or session.snapshot.is_empty():
		state = State.CONNECTING if session.snapshot.is_empty() else State.LOST
		problem = _trouble
		if REMEDIES.has(problem):
			reason = "%s; %s" % [reason, REMEDIES[problem]]
	elif now - _heard > SILENT_SECONDS:
		state = State.LOST
		reason = "nothing was heard from the sidecar for %.1f s" % (now - _heard)
	elif latest != null and latest.paused:
		state = State.PAUSED
		reason = "the sidecar's clock stands"
	elif now - frames.heard > STALE_SECONDS:
		state = State.STALE
		reason = "no frame came for %.1f s" % (now - frames.heard)
		if _stream.peer.reason:
			reason += " (%s)" % _stream.peer.reason
	else:
		state = State.LIVE
