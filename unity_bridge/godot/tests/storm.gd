## Cuts the link again and again while words and commands fly, and keeps the books.
##
## godot --headless --path . --script tests/storm.gd -- stream=P link=P control=P cuts=60
## Prints one line of JSON: every number sent and received, for the test to balance.
extends SceneTree

const Sidecar := preload("res://addons/emotion_runtime/emotion_sidecar.gd")
const Run := preload("run.gd")

var _sidecar: Sidecar
var _cuts := 0
var _cut_in := 0.5
var _said: Array[int] = []
var _heard: Array[int] = []
var _started: Array[int] = []
var _stopped: Array[int] = []
var _stray := 0
var _worlds := 0


func _initialize() -> void:
	_run.call_deferred()


func _run() -> void:
	var options := Run.options_of(OS.get_cmdline_user_args())
	Engine.max_fps = 120
	# The project's autoload would take the characters first.
	root.get_node("EmotionRuntime").free()
	_sidecar = Sidecar.new()
	_sidecar.host = "127.0.0.1"
	_sidecar.port = int(options["stream"])
	_sidecar.link_port = int(options["link"])
	_sidecar.control_port = int(options["control"])
	_sidecar.client_name = "storm"
	_sidecar.auto_connect = false
	root.add_child(_sidecar)
	_sidecar.world_changed.connect(func() -> void: _worlds += 1)
	_sidecar.utterance_perceived.connect(func(p: Dictionary) -> void: _heard.append(p["utterance"]))
	_sidecar.action_started.connect(_on_started)
	_sidecar.action_stopped.connect(_on_stopped)
	_sidecar.open()
	var until := Time.get_ticks_msec() + 60000
	while _cuts < int(options["cuts"]) and Time.get_ticks_msec() < until:
		await process_frame
		_storm(1.0 / 120.0)
	# Let everything that was cut off arrive.
	until = Time.get_ticks_msec() + 10000
	while _heard.size() < _said.size() and Time.get_ticks_msec() < until:
		await process_frame
	await create_timer(0.5).timeout
	print(JSON.stringify(_books()))
	_sidecar.free()
	quit()


func _storm(delta: float) -> void:
	if _sidecar.roster.is_empty():
		return
	_cut_in -= delta
	if _cut_in > 0.0:
		return
	# Now soon after something was sent, now later: cuts fall into every stage of an exchange.
	_cut_in = 0.02 + 0.013 * (_cuts % 11)
	var anger := {"anger": 0.9} if _cuts % 3 else {"joy": 0.9}
	var speaker := "guard" if _cuts % 2 else "thief"
	var number := _sidecar.say(speaker, "Line %d" % _cuts, "child", "", anger)
	if number:
		_said.append(number)
	_sidecar.move("guard", Vector3(6.0 + 0.1 * (_cuts % 20), 0.0, 4.0))
	for action: RefCounted in _sidecar.actions.values():
		if not action.reported and _cuts % 4 == 0:
			action.reported = _sidecar.succeed(action.number)
	if _cuts % 5:
		_sidecar._process(0.0)
	_sidecar.reconnect()
	_cuts += 1


func _on_started(action: RefCounted) -> void:
	_started.append(action.number)


func _on_stopped(action: RefCounted, _reason: String) -> void:
	if not (action.number in _started):
		_stray += 1
	_stopped.append(action.number)


func _books() -> Dictionary:
	return {
		"cuts": _cuts,
		"worlds": _worlds,
		"said": _said,
		"heard": _heard,
		"started": _started,
		"stopped": _stopped,
		"stray_stops": _stray,
		"state": _sidecar.status(),
		"counts": _sidecar.counts(),
	}
