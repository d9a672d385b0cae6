## The connecting end of one ZeroMQ socket: ZMTP 3 over TCP as SUB or DEALER, never waiting.
##
## Call `poll` every frame. Mechanisms are NULL and, with a `token`, PLAIN. Every failure has a
## `Fault` that tells its likely cause and a sentence for people.
extends RefCounted

enum State { CLOSED, RESOLVING, CONNECTING, GREETING, HANDSHAKE, READY, FAILED }
## NOT_STARTED: nobody listens. WRONG_PORT: somebody else does. WRONG_TOKEN: refused for it.
enum Fault { NONE, NOT_STARTED, WRONG_PORT, WRONG_TOKEN, LOST }

const Protocol := preload("../protocol.g.gd")
const Wire := preload("zmtp_wire.gd")

const HANDSHAKE_SECONDS := 2.0
## What may wait for the connection before `send` says no.
const MAX_WAITING_BYTES := 1 << 20
const PING_SECONDS := Protocol.HEARTBEAT_INTERVAL_MS / 1000.0
const SILENT_SECONDS := Protocol.HEARTBEAT_TIMEOUT_MS / 1000.0

var state := State.CLOSED
var fault := Fault.NONE
## What went wrong and what to do, in words.
var reason := ""
## Bytes a message may have.
var limit := Protocol.MAX_STATE_BYTES
## Only the newest message is kept, as for the stream.
var latest_only := false
## Messages that came and went unread because a newer one took their place.
var passed_over := 0
## Where the token is read from, anew for every connection; empty: it is the one of `new`.
var token_file := ""
var pings_answered := 0

var _kind := ""
var _partner := PackedStringArray()
var _topic := ""
var _token := ""
var _address := ""
var _port := 0
var _tcp := StreamPeerTCP.new()
var _lookup := -1
var _in := PackedByteArray()
var _at := 0
var _out := PackedByteArray()
var _messages: Array[PackedByteArray] = []
var _parts := 0
var _since := 0.0
var _heard := 0.0
var _pinged := 0.0
var _polled := 0.0


## `kind` is SUB or DEALER; a SUB asks for `topic`.
func _init(kind: String, topic := "", token := "") -> void:
	_kind = kind
	_topic = topic
	_token = token
	_partner = PackedStringArray(["XPUB", "PUB"] if kind == "SUB" else ["ROUTER", "REP", "DEALER"])


## Begin to connect. Whatever was open is closed without a word.
func open(address: String, port: int, now: float) -> void:
	close()
	_address = address
	_port = port
	_since = now
	_polled = now
	fault = Fault.NONE
	reason = ""
	if token_file:
		_token = Wire.token_in(token_file)
		if _token == "":
			_fail(Fault.WRONG_TOKEN, "%s has no token for a game: it is what `serve --token-file` writes" % token_file)
			return
	if address.is_valid_ip_address():
		_connect(address)
	else:
		_lookup = IP.resolve_hostname_queue_item(address, IP.TYPE_IPV4)
		state = State.RESOLVING


## Close at once. What was handed to `send` may be lost.
func close() -> void:
	if _lookup != -1:
		IP.erase_resolve_item(_lookup)
		_lookup = -1
	_tcp.disconnect_from_host()
	_tcp = StreamPeerTCP.new()
	_in = PackedByteArray()
	_out = PackedByteArray()
	_messages = []
	_at = 0
	_parts = 0
	state = State.CLOSED


## Hand a message to the connection; false when there is none that takes it now.
func send(message: PackedByteArray) -> bool:
	if state != State.READY or _out.size() > MAX_WAITING_BYTES:
		return false
	_out.append_array(Wire.frame(message, 0))
	_write()
	return state == State.READY


## The messages that came since the last call.
func take() -> Array[PackedByteArray]:
	var messages := _messages
	_messages = []
	return messages


## Whether the token's file holds another one than this connection was opened with.
func has_newer_token() -> bool:
	var newer := Wire.token_in(token_file) if token_file else ""
	return newer != "" and newer != _token


## Whether something of `send` still waits in this process.
func is_writing() -> bool:
	return not _out.is_empty()


## Read and write what is possible now. `now` is a clock in seconds.
func poll(now: float) -> void:
	if state == State.CLOSED or state == State.FAILED:
		return
	if now - _polled > PING_SECONDS:
		# The game itself stood still: that is not the sidecar's silence.
		_heard = now
		_since = maxf(_since, now - PING_SECONDS)
	_polled = now
	if state == State.RESOLVING:
		_resolve()
	else:
		_exchange(now)
	if state == State.READY:
		_mind_silence(now)
	elif state != State.FAILED and now - _since > HANDSHAKE_SECONDS:
		if state <= State.CONNECTING:
			_fail(Fault.NOT_STARTED, "%s does not answer" % _where())
		else:
			_fail(Fault.WRONG_PORT, "%s is no sidecar's: it does not greet" % _where())


func _connect(address: String) -> void:
	state = State.CONNECTING
	if _tcp.connect_to_host(address, _port) != OK:
		_fail(Fault.NOT_STARTED, "no connection to %s can be made" % _where())


func _resolve() -> void:
	match IP.get_resolve_item_status(_lookup):
		IP.RESOLVER_STATUS_DONE:
			var address := IP.get_resolve_item_address(_lookup)
			IP.erase_resolve_item(_lookup)
			_lookup = -1
			_connect(address)
		IP.RESOLVER_STATUS_ERROR:
			_fail(Fault.NOT_STARTED, "no machine is called %s" % _address)


func _exchange(now: float) -> void:
	_tcp.poll()
	match _tcp.get_status():
		StreamPeerTCP.STATUS_CONNECTING:
			return
		StreamPeerTCP.STATUS_CONNECTED:
			if state == State.CONNECTING:
				_tcp.set_no_delay(true)
				_heard = now
				state = State.GREETING
				# The rest follows when theirs is whole: libzmq hangs up without it at another mechanism.
				_put(Wire.greeting(_mechanism()).slice(0, Wire.VERSION_ENDS))
			_read(now)
			_write()
		_:
			# What came before the end may tell why.
			_parse()
			_ended()


func _ended() -> void:
	match state:
		State.FAILED:
			pass
		State.CONNECTING:
			_fail(Fault.NOT_STARTED, "nothing listens on %s: the sidecar is not started" % _where())
		State.READY:
			_fail(Fault.LOST, "the sidecar closed the connection to %s" % _where())
		_:
			_fail(Fault.WRONG_PORT, "%s is no sidecar's: it hung up on our greeting" % _where())


func _read(now: float) -> void:
	var waiting := _tcp.get_available_bytes()
	if waiting > 0:
		var got := _tcp.get_partial_data(waiting)
		if got[0] == OK and not got[1].is_empty():
			_heard = now
			if _at >= _in.size():
				_in = got[1]
				_at = 0
			else:
				if _at > 0:
					_in = _in.slice(_at)
					_at = 0
				_in.append_array(got[1])
	_parse()


func _write() -> void:
	if _out.is_empty():
		return
	var put := _tcp.put_partial_data(_out)
	if put[0] == OK:
		_out = PackedByteArray() if put[1] == _out.size() else _out.slice(put[1])


func _put(bytes: PackedByteArray) -> void:
	_out.append_array(bytes)


func _mind_silence(now: float) -> void:
	if now - _heard > SILENT_SECONDS:
		_fail(Fault.LOST, "the sidecar on %s has gone silent" % _where())
	elif now - _heard > PING_SECONDS and now - _pinged > PING_SECONDS:
		_pinged = now
		_put(Wire.ping())


func _parse() -> void:
	if state == State.GREETING and not _greeted():
		return
	while state != State.FAILED and _in.size() - _at >= 2:
		var head := 9 if _in[_at] & Wire.LONG else 2
		if _in.size() - _at < head:
			return
		var length := Wire.length(_in, _at)
		if length < 0 or length > limit:
			_fail(Fault.LOST, "%s announces a message of %d bytes" % [_where(), length])
			return
		if _in.size() - _at < head + length:
			return
		var flags := _in[_at]
		_at += head + length
		if flags & Wire.COMMAND:
			_command(_in.slice(_at - length, _at))
		else:
			_take_frame(flags, length)


func _take_frame(flags: int, length: int) -> void:
	_parts += 1
	if flags & Wire.MORE:
		return
	# A message of several frames is none of this protocol.
	if _parts == 1 and state == State.READY:
		if latest_only and not _messages.is_empty():
			passed_over += _messages.size()
			_messages.clear()
		_messages.append(_in.slice(_at - length, _at))
	_parts = 0


func _greeted() -> bool:
	if not _in.is_empty() and _in[0] != 0xFF:
		_fail(Fault.WRONG_PORT, "%s is no sidecar's: it speaks something else" % _where())
	elif _in.size() >= 64:
		var mechanism := Wire.mechanism(_in)
		if _in[10] < 3:
			_fail(Fault.WRONG_PORT, "%s speaks ZMTP %d, not 3" % [_where(), _in[10]])
		elif mechanism == "PLAIN" and _token == "":
			_fail(Fault.WRONG_TOKEN, "the sidecar on %s asks for a token, and none is set" % _where())
		elif mechanism == "NULL" and _token != "":
			_fail(Fault.WRONG_TOKEN, "a token is set, but the sidecar on %s takes none" % _where())
		elif mechanism != "PLAIN" and mechanism != "NULL":
			_fail(Fault.WRONG_TOKEN, "the sidecar on %s wants %s" % [_where(), mechanism])
		else:
			_at = 64
			state = State.HANDSHAKE
			_put(Wire.greeting(_mechanism()).slice(Wire.VERSION_ENDS))
			_put(Wire.plain_hello(_token) if _token else Wire.metadata("READY", _kind))
			return true
	return false


func _command(body: PackedByteArray) -> void:
	match Wire.command_name(body):
		"READY":
			var theirs := Wire.socket_type(body)
			if theirs != "" and not (theirs in _partner):
				_fail(Fault.WRONG_PORT, "%s is a %s, not what we need there" % [_where(), theirs])
				return
			state = State.READY
			if _kind == "SUB":
				_put(Wire.frame(PackedByteArray([1]) + _topic.to_ascii_buffer(), 0))
			_write()
		"WELCOME":
			_put(Wire.metadata("INITIATE", _kind))
		"ERROR":
			_fail(Fault.WRONG_TOKEN, "the sidecar on %s does not take our token" % _where())
		"PING":
			pings_answered += 1
			_put(Wire.pong(body))


func _mechanism() -> String:
	return "PLAIN" if _token else "NULL"


func _fail(why: Fault, text: String) -> void:
	_tcp.disconnect_from_host()
	state = State.FAILED
	fault = why
	reason = text


func _where() -> String:
	return "%s:%d" % [_address, _port]
