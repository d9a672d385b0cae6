## One ZMTP peer against a server whose bytes the test writes: handshakes, faults, and their words.
extends "case.gd"

const Peer := preload("res://addons/emotion_runtime/wire/zmtp_peer.gd")
const Line := preload("res://addons/emotion_runtime/wire/line.gd")
const Wire := preload("res://addons/emotion_runtime/wire/zmtp_wire.gd")

var _server := TCPServer.new()
var _theirs: StreamPeerTCP = null
var _now := 100.0


func clean_up() -> void:
	super()
	_server.stop()


func test_a_dealer_shakes_hands_and_exchanges_short_and_long_messages() -> void:
	var peer := await _ready_peer("DEALER", "ROUTER")
	equal(peer.state, Peer.State.READY, peer.reason)
	var long := PackedByteArray()
	long.resize(70000)
	long.fill(7)
	check(peer.send(PackedByteArray([1, 2])) and peer.send(long), "sent")
	var sent := await _receive(peer, 4 + 70009)
	equal(sent.slice(0, 4), PackedByteArray([0, 2, 1, 2]), "a short frame")
	equal(sent.slice(4, 13), PackedByteArray([2, 0, 0, 0, 0, 0, 1, 0x11, 0x70]), "a long head")
	_theirs.put_data(Wire.frame(long, 0) + Wire.frame("hi".to_ascii_buffer(), 0))
	var got := await _taken(peer, 2)
	equal([got[0].size(), got[1].get_string_from_ascii()], [70000, "hi"], "received")


func test_a_ping_is_answered_with_its_context() -> void:
	var peer := await _ready_peer("DEALER", "ROUTER")
	var body := PackedByteArray([4]) + "PING".to_ascii_buffer() + PackedByteArray([0, 30, 9, 8, 7])
	_theirs.put_data(Wire.frame(body, Wire.COMMAND))
	var answer := await _receive(peer, 10)
	equal(answer, Wire.frame(PackedByteArray([4]) + "PONG".to_ascii_buffer() + PackedByteArray([9, 8, 7]), 4), "pong")


func test_a_subscriber_asks_for_its_topic_and_keeps_only_the_latest() -> void:
	var peer := await _ready_peer("SUB", "XPUB", true)
	var asked := await _receive(peer, 7)
	equal(asked, PackedByteArray([0, 5, 1]) + "tick".to_ascii_buffer(), "the subscription")
	for word: String in ["one", "two", "three"]:
		_theirs.put_data(Wire.frame(word.to_ascii_buffer(), 0))
	await _settle(peer)
	var got := peer.take()
	equal(got.size(), 1, "one message")
	equal(got[0].get_string_from_ascii(), "three", "the last")
	equal(peer.passed_over, 2, "two passed over")


func test_a_message_of_several_frames_is_dropped_whole() -> void:
	var peer := await _ready_peer("DEALER", "ROUTER")
	_theirs.put_data(Wire.frame(PackedByteArray([1]), Wire.MORE) + Wire.frame(PackedByteArray([2]), 0))
	_theirs.put_data(Wire.frame(PackedByteArray([3]), 0))
	var got := await _taken(peer, 1)
	equal(got, [PackedByteArray([3])] as Array[PackedByteArray], "only the whole one")


func test_nobody_listening_is_told_as_not_started() -> void:
	_server.listen(0, "127.0.0.1")
	var port := _server.get_local_port()
	_server.stop()
	var peer := Peer.new("DEALER")
	peer.open("127.0.0.1", port, _now)
	await _until_failed(peer)
	equal(peer.fault, Peer.Fault.NOT_STARTED, peer.reason)
	check(peer.reason.contains("not started"), peer.reason)


func test_another_program_on_the_port_is_told_as_wrong_port() -> void:
	for bytes: PackedByteArray in ["HTTP/1.1 400 Bad Request\r\n".to_ascii_buffer(), Wire.greeting("NULL").slice(0, 9)]:
		var peer := await _greeted_peer("DEALER", bytes)
		if peer.state != Peer.State.FAILED:
			_theirs.disconnect_from_host()
		await _until_failed(peer)
		equal(peer.fault, Peer.Fault.WRONG_PORT, peer.reason)


func test_the_wrong_one_of_our_sockets_is_told_as_wrong_port() -> void:
	var peer := await _ready_peer("DEALER", "XPUB")
	equal(peer.fault, Peer.Fault.WRONG_PORT, peer.reason)
	check(peer.reason.contains("XPUB"), peer.reason)


func test_a_silent_handshake_is_given_up_after_two_seconds() -> void:
	var peer := await _greeted_peer("DEALER", PackedByteArray())
	for i in 4:
		_now += 0.6
		peer.poll(_now)
	equal(peer.fault, Peer.Fault.WRONG_PORT, peer.reason)


func test_both_spellings_of_a_refused_token_are_understood() -> void:
	var ours := PackedByteArray([5]) + "ERROR".to_ascii_buffer() + PackedByteArray([3]) + "400".to_ascii_buffer()
	var libzmq := PackedByteArray([0x5E]) + "RROR".to_ascii_buffer() + PackedByteArray([3]) + "400".to_ascii_buffer()
	for error: PackedByteArray in [ours, libzmq]:
		var peer := await _greeted_peer("DEALER", Wire.greeting("PLAIN"), "secret")
		var hello := await _receive(peer, 22)
		check(hello.get_string_from_ascii().contains("HELLO") or hello.size() >= 21, "the token is told")
		_theirs.put_data(Wire.frame(error, Wire.COMMAND))
		await _until_failed(peer)
		equal(peer.fault, Peer.Fault.WRONG_TOKEN, peer.reason)


func test_a_token_too_few_and_a_token_too_many_are_told() -> void:
	for pair: Array in [["PLAIN", ""], ["NULL", "secret"]]:
		var peer := await _greeted_peer("DEALER", Wire.greeting(pair[0]), pair[1])
		await _until_failed(peer)
		equal(peer.fault, Peer.Fault.WRONG_TOKEN, peer.reason)


func test_a_token_that_is_taken_leads_to_ready() -> void:
	var peer := await _greeted_peer("DEALER", Wire.greeting("PLAIN"), "secret")
	_theirs.put_data(Wire.frame(PackedByteArray([7]) + "WELCOME".to_ascii_buffer(), Wire.COMMAND))
	_theirs.put_data(Wire.metadata("READY", "ROUTER"))
	await _settle(peer)
	equal(peer.state, Peer.State.READY, peer.reason)


func test_an_announced_giant_closes_the_connection() -> void:
	var peer := await _ready_peer("DEALER", "ROUTER")
	_theirs.put_data(PackedByteArray([2, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]))
	await _until_failed(peer)
	equal(peer.fault, Peer.Fault.LOST, peer.reason)


func test_silence_is_answered_by_a_ping_and_then_by_giving_up() -> void:
	var peer := await _ready_peer("DEALER", "ROUTER")
	for i in 3:
		_now += 0.5
		peer.poll(_now)
	var ping := await _receive(peer, 9)
	equal(ping, Wire.ping(), "a ping")
	for i in 5:
		_now += 0.5
		peer.poll(_now)
	equal(peer.fault, Peer.Fault.LOST, peer.reason)


func test_a_game_that_stood_still_is_not_taken_for_a_silent_sidecar() -> void:
	var peer := await _ready_peer("DEALER", "ROUTER")
	_now += 60.0
	peer.poll(_now)
	equal(peer.state, Peer.State.READY, peer.reason)


func test_random_bytes_never_do_more_than_close_the_connection() -> void:
	var random := RandomNumberGenerator.new()
	random.seed = 5
	for i in 40:
		var bytes := PackedByteArray()
		for k in random.randi_range(1, 200):
			bytes.append(random.randi() & 0xFF)
		var before := Wire.greeting("NULL") if i % 2 else PackedByteArray()
		var peer := await _greeted_peer("DEALER", before + bytes)
		await _settle(peer, 3)
		peer.close()


func test_a_line_dials_again_and_more_slowly() -> void:
	_server.listen(0, "127.0.0.1")
	var port := _server.get_local_port()
	_server.stop()
	var line := Line.new("DEALER")
	line.open("127.0.0.1", port, _now)
	var failures: Array[float] = []
	for i in 400:
		_now += 0.01
		line.poll(_now)
		if line.went_down():
			failures.append(_now)
		if i % 5 == 0:
			OS.delay_msec(1)
	check(failures.size() >= 4, "%d failures" % failures.size())
	check(failures[-1] - failures[-2] > failures[1] - failures[0], str(failures))


func _greeted_peer(kind: String, bytes: PackedByteArray, token := "", latest := false) -> Peer:
	if not _server.is_listening():
		_server.listen(0, "127.0.0.1")
	var peer := Peer.new(kind, "tick", token)
	peer.latest_only = latest
	peer.open("127.0.0.1", _server.get_local_port(), _now)
	while not _server.is_connection_available():
		peer.poll(_now)
		await tree.process_frame
	_theirs = _server.take_connection()
	if not bytes.is_empty():
		_theirs.put_data(bytes)
	await _settle(peer)
	return peer


func _ready_peer(kind: String, other: String, latest := false) -> Peer:
	var peer := await _greeted_peer(kind, Wire.greeting("NULL") + Wire.metadata("READY", other), "", latest)
	# Our greeting and READY.
	await _receive(peer, 64 + Wire.metadata("READY", kind).size())
	return peer


## What the peer sent, once `size` bytes of it are there.
func _receive(peer: Peer, size: int) -> PackedByteArray:
	var got := PackedByteArray()
	for i in 300:
		peer.poll(_now)
		_theirs.poll()
		if _theirs.get_status() != StreamPeerTCP.STATUS_CONNECTED:
			break
		var there := mini(_theirs.get_available_bytes(), size - got.size())
		if there > 0:
			got.append_array(_theirs.get_partial_data(there)[1])
		if got.size() >= size:
			break
		await tree.process_frame
	return got


func _taken(peer: Peer, count: int) -> Array[PackedByteArray]:
	var got: Array[PackedByteArray] = []
	for i in 300:
		peer.poll(_now)
		got.append_array(peer.take())
		if got.size() >= count:
			break
		await tree.process_frame
	return got


func _until_failed(peer: Peer) -> void:
	for i in 500:
		peer.poll(_now)
		if peer.state == Peer.State.FAILED:
			return
		OS.delay_msec(1)


func _settle(peer: Peer, times := 10) -> void:
	for i in times:
		peer.poll(_now)
		OS.delay_msec(1)
		await tree.process_frame
