## The connection to the sidecar that gives this game's characters their feelings.
##
## The addon's autoload `EmotionRuntime` is one; a scene may hold its own instead. It never waits:
## each frame it sends what the game told, and takes the newest state and all commands that came.
@icon("res://addons/emotion_runtime/icons/sidecar.svg")
class_name EmotionSidecar
extends Node

## How things stand has changed; `reason` says why, and what to do.
signal state_changed(state: State, reason: String)
## A world is there: the first, or another one. Rows, labels and actions are new.
signal world_changed
## There is a newer state of all characters.
signal frame_received(frame: RefCounted)
## A character is to play an action.
signal action_started(action: RefCounted)
## A character is to stop an action, or one it reported is closed. For reasons see the protocol.
signal action_stopped(action: RefCounted, reason: String)
## The sidecar made something of an utterance: `label`, `probabilities` and more.
signal utterance_perceived(perception: Dictionary)
## Rules have set variables; `variables` has them already.
signal variables_changed(values: Dictionary)
## Characters were handed over to this game or away from it.
signal ownership_changed(owned: Array)
## Something the game's maker should know, such as a name the scene does not have.
signal noticed(code: String, message: String)
## An answer to a request (see `ask`).
signal replied(id: int, reply: Dictionary)

## The same as in `EmotionClient`.
enum State { CONNECTING, LIVE, PAUSED, STALE, LOST, REFUSED }

const Client := preload("session/client.gd")
const Frame := preload("session/frame.gd")
const Action := preload("emotion_action.gd")
const Positions := preload("wire/positions.gd")
const Process := preload("sidecar_process.gd")
const Settings := preload("settings.gd")
const GROUP := &"emotion_sidecar"
const WORDS := ["connecting", "live", "paused", "stale", "lost", "refused"]

## Address of the sidecar. Empty: the project setting.
@export var host := ""
## Port of the stream; link and control are the two after it. 0: the project setting.
@export_range(0, 65535) var port := 0
## Port of the link if it is not the one after the stream's.
@export_range(0, 65535) var link_port := 0
## Port of control if it is not the one after the link's.
@export_range(0, 65535) var control_port := 0
## Name of this game at the sidecar, kept across reconnects. Empty: the project setting.
@export var client_name := ""
## Characters this game plays. Empty: all that are free.
@export var owns := PackedStringArray()
## Connect at the first frame, if the project setting says so too.
@export var auto_connect := true
## Without news the characters hold their state for so many seconds ...
@export var hold_seconds := 1.0
## ... and then fade to neutral within so many.
@export var fade_seconds := 1.0

var state := State.CONNECTING
## Why `state` is what it is and what to do; empty when all is well.
var reason := ""
## The newest state of all characters, or null.
var frame: Frame = null
## What the rows, labels and actions mean; empty before the first snapshot.
var roster := {}
## Values of the scene's variables: at the snapshot, and what rules and this game have set since.
var variables := {}
## Actions under way, by number.
var actions := {}
## 1 while news come, 0 when the characters have faded to neutral.
var presence := 0.0

var _client: Client = null
var _child := Process.new()
var _rows := {}
var _utterances := 0
var _opened := false


## The sidecar that `node` belongs to: the first in its tree.
static func of(node: Node) -> Node:
	return node.get_tree().get_first_node_in_group(GROUP) if node.is_inside_tree() else null


func _init() -> void:
	process_priority = -1000
	process_mode = Node.PROCESS_MODE_ALWAYS


func _enter_tree() -> void:
	add_to_group(GROUP)


func _exit_tree() -> void:
	close()
	_child.stop()


func _process(delta: float) -> void:
	if not _opened and auto_connect and Settings.read(Settings.AUTO_CONNECT):
		open()
	if _client == null:
		return
	for update in _client.poll():
		_take(update)
	_judge(delta)


## Connect, starting the sidecar first if the project says so. Called by itself with `auto_connect`;
## call it again after `REFUSED`, or with other ports.
func open() -> void:
	close()
	_opened = true
	var base: int = port if port else Settings.read(Settings.PORT)
	var name: String = client_name if client_name else Settings.read(Settings.CLIENT_NAME)
	if Settings.read(Settings.START) and not _child.is_running():
		var scene := ProjectSettings.globalize_path(Settings.read(Settings.SCENE))
		_child.start(Settings.read(Settings.COMMAND), scene, base, Settings.read(Settings.ARGUMENTS))
	var wanted: Variant = null if owns.is_empty() else Array(owns)
	_client = Client.new(name, wanted, Settings.read(Settings.TOKEN), Settings.read(Settings.TOKEN_FILE))
	_client.open(host if host else Settings.read(Settings.HOST), base, link_port, control_port)
	_tell_state(State.CONNECTING, _client.reason)


## Say goodbye and end the connection. Characters keep what they have.
func close() -> void:
	_opened = true
	if _client == null:
		return
	if _child.must_be_asked():
		_client.request("shutdown")
		_client.poll()
	_client.close()
	_client = null
	_stop_all("closed")
	_tell_state(State.CONNECTING, "closed")


## Drop the connection and come back over a new one; nothing is lost by it.
func reconnect() -> void:
	if _client != null:
		_client.reconnect()


## How things stand, in words for people.
func status() -> String:
	return WORDS[state] if reason == "" else "%s: %s" % [WORDS[state], reason]


## Which of the likely things is wrong: `not_started`, `wrong_port`, `wrong_version`, `wrong_token`,
## another code of a refusal, or empty.
func problem() -> String:
	return "" if _client == null else _client.problem


## Row of a character in every column, or -1.
func row_of(id: String) -> int:
	return _rows.get(id, -1)


## Names of the emotions, in the order of the columns.
func labels() -> Array:
	return roster.get("labels", [])


## Counters of the connection: frames taken and skipped, reconnects, faults by their code.
func counts() -> Dictionary:
	if _client == null:
		return {}
	var counts := _client.session.counts.duplicate()
	counts["frames"] = _client.frames.taken
	counts["frames_skipped"] = _client.frames.skipped
	counts["frames_passed_over"] = _client.frames.passed_over
	counts["frames_malformed"] = _client.frames.malformed
	return counts


## A character says something. `to` is whom, or empty. `voice` may have `timings`, `lasts` or `voice`
## of the protocol, for its lips. Returns the number its perception carries, or 0 if it was not told.
func say(speaker: String, text: String, to := "", conversation := "", heard := {}, voice := {}) -> int:
	var item := {"kind": "utterance", "speaker": speaker, "text": text, "id": _utterances + 1}
	item["conversation"] = conversation
	if to:
		item["to"] = to
	if heard:
		item["heard"] = heard
	item.merge(voice)
	if not tell(item):
		return 0
	_utterances += 1
	return _utterances


## Something the scene declares in `events` has happened. `at` is a place in metres, or nil.
func event(name: String, cause := "", target := "", at: Variant = null, strength := 1.0) -> bool:
	var item := {"kind": "event", "name": name, "strength": strength}
	if cause:
		item["cause"] = cause
	if target:
		item["target"] = target
	if at != null:
		item["at"] = [at.x, at.y, at.z]
	return tell(item)


## A character or object is somewhere else, in metres.
func move(id: String, at: Vector3) -> bool:
	return tell({"kind": "move", "id": id, "at": [at.x, at.y, at.z]})


## Many characters are somewhere else: a Vector3 in metres by id. Cheaper than a `move` for each.
func move_all(places: Dictionary) -> bool:
	var by_row := {}
	for id: String in places:
		if not _rows.has(id):
			push_warning("not sent: the scene has no character '%s'" % id)
			return false
		by_row[_rows[id]] = places[id]
	return tell(Positions.written(roster.get("epoch", 0), by_row))


## A variable of an object (`campfire.lit`) or of the world (`world.night`) has a new value.
func set_variable(name: String, value: Variant) -> bool:
	var told := tell({"kind": "variable", "name": name, "value": value})
	if told:
		variables[name] = value
	return told


## An action was played to its end.
func succeed(action: int) -> bool:
	return tell({"kind": "result", "action": action, "ok": true})


## An action could not be played.
func fail(action: int, detail := "") -> bool:
	return tell({"kind": "result", "action": action, "ok": false, "detail": detail})


## Queue an observation of section 5.4 of the protocol. False if it is not one or too much waits.
func tell(observation: Dictionary) -> bool:
	return _client != null and _client.tell(observation)


## The client below, or null: for what has no method here.
func client() -> Client:
	return _client


## Ask the sidecar for something of section 9.1 of the protocol and wait for the reply, which always
## comes: `var reply = await EmotionRuntime.ask("why", {"character": "guard"})`.
func ask(operation: String, arguments := {}) -> Dictionary:
	if _client == null:
		return {"id": 0, "tick": 0, "result": {}, "error": {"code": "timeout", "message": "not connected"}}
	var id := _client.request(operation, arguments)
	while true:
		var answer: Array = await replied
		if answer[0] == id:
			return answer[1]
	return {}


func _take(update: Dictionary) -> void:
	match update["type"]:
		"frame":
			frame = _client.latest
			frame_received.emit(frame)
		"start":
			_start(Action.from_message(update, Client.clock()))
		"stop":
			_stop(update["action"], update["reason"])
		"snapshot":
			_begin(update)
		"roster":
			_read_roster(update)
			world_changed.emit()
		"perception":
			utterance_perceived.emit(update)
		"variables":
			variables.merge(update["values"], true)
			variables_changed.emit(update["values"])
		"owned":
			ownership_changed.emit(update["owns"])
		"notice":
			noticed.emit(update["code"], update["message"])
		"reply":
			replied.emit(update["id"], update)


func _begin(snapshot: Dictionary) -> void:
	_stop_all("new_world")
	_read_roster(snapshot["roster"])
	variables = snapshot["variables"]
	frame = _client.latest
	world_changed.emit()
	for running: Dictionary in snapshot["running"]:
		if running["character"] in _client.session.owns:
			_start(Action.from_message(running, Client.clock()))


func _read_roster(new_roster: Dictionary) -> void:
	roster = new_roster
	_rows = {}
	var ids: Array = roster["characters"]
	for row in ids.size():
		_rows[ids[row]] = row


func _start(action: Action) -> void:
	actions[action.number] = action
	action_started.emit(action)


func _stop(number: int, why: String) -> void:
	var action: Action = actions.get(number)
	if action != null:
		actions.erase(number)
		action_stopped.emit(action, why)


func _stop_all(why: String) -> void:
	for number: int in actions.keys():
		_stop(number, why)


func _judge(delta: float) -> void:
	var why := _client.reason
	if not _child.is_running() and _child.complaint != "" and _client.state != Client.State.LIVE:
		why = _child.complaint
	_tell_state(_client.state as State, why)
	match state:
		State.LIVE, State.PAUSED:
			presence = 1.0
		_:
			if frame != null and Client.clock() - _client.frames.heard > hold_seconds:
				presence = maxf(0.0, presence - delta / maxf(fade_seconds, 0.001))


func _tell_state(new_state: State, why: String) -> void:
	var is_new := new_state != state
	state = new_state
	if reason != why or is_new:
		reason = why
		# The seconds in a reason change all the time; only another state is an event.
		if is_new or state != State.STALE and state != State.LOST:
			state_changed.emit(state, reason)
