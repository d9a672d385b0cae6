## A sidecar node whose other side the test plays: snapshots, ticks and commands without sockets.
extends RefCounted

const Sidecar := preload("res://addons/emotion_runtime/emotion_sidecar.gd")
const Client := preload("res://addons/emotion_runtime/session/client.gd")
const Codec := preload("res://addons/emotion_runtime/wire/codec.gd")
const LABELS := ["anger", "joy"]

var sidecar := Sidecar.new()

var _client := Client.new("test")
var _session := 100
var _tick := 0
var _rows := 0


func _init() -> void:
	sidecar.auto_connect = false
	sidecar.set_process(false)
	sidecar._client = _client
	sidecar.presence = 1.0
	# The clock of the tests stands at 0, the machine's does not.
	sidecar.hold_seconds = 1e9


## Another world with these characters.
func begin(characters: PackedStringArray) -> void:
	_session += 1
	_tick = 0
	_rows = characters.size()
	var half := PackedFloat32Array()
	half.resize(_rows * LABELS.size())
	half.fill(0.5)
	var roster := {"type": "roster", "epoch": 1, "scene": "test", "characters": Array(characters), "labels": LABELS}
	roster.merge({"actions": ["", "flee"], "objects": ["campfire"], "shapes": [], "rate": 60.0, "seq": 0})
	var snapshot := {"type": "snapshot", "session": _session, "roster": roster, "running": [], "variables": {}}
	snapshot["state"] = _message(half)
	_client.session.snapshot = snapshot
	_client.frames.begin(snapshot, 0.0)
	sidecar._take(snapshot)


## The next state: a row of emotions for each character.
func tick(rows: Array) -> void:
	var flat := PackedFloat32Array()
	for row: Array in rows:
		flat.append_array(PackedFloat32Array(row))
	_tick += 1
	_client.frames.take_tick(_message(flat), 0.0)
	sidecar._take({"type": "frame"})


## A state whose values were not looked at on the way, as in large frames.
func raw_tick(emotion: PackedFloat32Array) -> void:
	_client.latest.emotion = emotion
	sidecar._take({"type": "frame"})


## A frame of faces of two columns, in bytes, for these rows.
func faces(rows: Array, weights: PackedByteArray, session := 0) -> PackedByteArray:
	var index := PackedInt32Array(rows).to_byte_array()
	var message := {"type": "faces", "session": session if session else _session, "tick": _tick, "epoch": 1}
	message.merge({"form": "arkit52", "n": rows.size(), "weights": weights, "index": index, "u8": true})
	return "face00000001".to_ascii_buffer() + Codec.new().encode(message)


func start(number: int, character: String, rule: String, bearers: Array, lasts := 10.0) -> void:
	var message := {"type": "start", "kind": "start", "action": number, "character": character, "rule": rule}
	message.merge({"bearers": bearers, "lasts": lasts, "why": "because", "payload": {}})
	sidecar._take(message)


func stop(number: int, reason: String) -> void:
	sidecar._take({"type": "stop", "kind": "stop", "action": number, "reason": reason})


func hear(utterance: int, label: String) -> void:
	var message := {"type": "perception", "utterance": utterance, "label": label, "failed": ""}
	message.merge({"labels": [label], "probabilities": [1.0]})
	sidecar._take(message)


## Everything the game told.
func all_told() -> Array[Dictionary]:
	return _client.session.queue._waiting()


## What the game told, of one kind.
func told(kind: String) -> Array:
	return Array(all_told()).filter(func(item: Dictionary) -> bool: return item["kind"] == kind)


func _message(emotion: PackedFloat32Array) -> Dictionary:
	var mood := PackedFloat32Array()
	var action := PackedByteArray()
	for row in _rows:
		mood.append_array(PackedFloat32Array([0.5, 0.0, -0.5]))
		action.append_array(PackedByteArray([0, 0]))
	return {
		"type": "tick",
		"session": _session,
		"tick": _tick,
		"time": _tick / 60.0,
		"epoch": 1,
		"n": _rows,
		"emotion": emotion.to_byte_array(),
		"mood": mood.to_byte_array(),
		"action": action,
		"digest": PackedByteArray(),
		"face": PackedByteArray(),
		"paused": false,
		"sent": 0.0,
		"seq": 0,
	}
