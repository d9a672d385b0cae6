## Opens and closes the autoload `EmotionRuntime` again and again: what does it leave, does it hold up a frame?
##
## godot --headless --path . --script tests/cycles.gd -- stream=P link=P control=P cycles=50 leave=FILE
## Prints one line of JSON, then runs on with everything closed until FILE exists.
extends SceneTree

const Run := preload("run.gd")
const PATIENCE_MS := 60000

var _sidecar: Node
var _frame_us := PackedInt64Array()
var _worst_us := PackedInt64Array()
var _worst := 0
var _last := 0
var _until := 0
var _told := false
var _notices := PackedStringArray()


func _initialize() -> void:
	_run.call_deferred()


func _run() -> void:
	var options := Run.options_of(OS.get_cmdline_user_args())
	Engine.max_fps = 60
	_until = Time.get_ticks_msec() + PATIENCE_MS
	_sidecar = root.get_node("EmotionRuntime")
	_sidecar.host = "127.0.0.1"
	_sidecar.port = int(options["stream"])
	_sidecar.link_port = int(options["link"])
	_sidecar.control_port = int(options["control"])
	_sidecar.noticed.connect(func(code: String, what: String) -> void: _notices.append(code + " " + what))
	_sidecar.close()
	for _warm in 30:
		await process_frame
	_last = Time.get_ticks_usec()
	var books := {"whole": 0, "told": 0}
	for cycle in int(options["cycles"]):
		# The slowest frame of each cycle, opening and closing included.
		_worst = 0
		books["whole"] += int(await _whole_cycle())
		books["told"] += int(_told)
		# Between the whole ones, one that ends in the midst of the handshake: after 0, 1, 2 or 3 frames.
		_sidecar.open()
		for _early in cycle % 4:
			await _frame()
		_sidecar.close()
		await _frame()
		_worst_us.append(_worst)
	_frame_us.sort()
	_worst_us.sort()
	books["notices"] = _notices
	books["state"] = _sidecar.status()
	books["frames"] = _frame_us.size()
	books["frame_us_p50"] = _frame_us[_frame_us.size() >> 1]
	books["frame_us_max"] = _frame_us[-1]
	books["worst_us_p50"] = _worst_us[_worst_us.size() >> 1]
	print(JSON.stringify(books))
	while not FileAccess.file_exists(options["leave"]) and Time.get_ticks_msec() < _until:
		await process_frame
	quit()


## All three sockets are used: frames come, an observation is taken, a request is answered.
func _whole_cycle() -> bool:
	var reply := {}
	var on_reply := func(_id: int, answer: Dictionary) -> void: reply.merge(answer)
	_sidecar.replied.connect(on_reply)
	_sidecar.open()
	var asked: int = _sidecar._client.request("status")
	_told = false
	while Time.get_ticks_msec() < _until:
		await _frame()
		if _sidecar.state == _sidecar.State.LIVE and not _told:
			_told = _sidecar.move_all({"guard": Vector3(6, 0, 4), "thief": Vector3(5, 0, 4)})
		var outbox: RefCounted = _sidecar._client.session.outbox
		var taken: bool = outbox.last > 0 and outbox.size() == 0
		if _told and taken and not reply.is_empty() and _sidecar.counts()["frames"] > 2:
			break
	_sidecar.replied.disconnect(on_reply)
	_sidecar.close()
	await _frame()
	return reply.get("id") == asked and reply["error"] == null


func _frame() -> void:
	await process_frame
	var now := Time.get_ticks_usec()
	_frame_us.append(now - _last)
	_worst = maxi(_worst, now - _last)
	_last = now
