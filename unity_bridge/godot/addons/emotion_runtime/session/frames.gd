## The stream as the game sees it: the latest frame, checked, and an honest count of those not seen.
extends RefCounted

const Protocol := preload("../protocol.g.gd")
const Codec := preload("../wire/codec.gd")
const Frame := preload("frame.gd")

## Frames with up to this many values are checked whole when they come. Larger ones are checked row
## by row when a row is used (`EmotionFrame.is_sound`): looking at 7,000 values costs a fifth of a
## millisecond in GDScript, and most of them nobody uses.
const CHECK_VALUES := 512

## The newest frame, or null before the snapshot.
var latest: Frame = null
## Frames with a new tick that were taken.
var taken := 0
## Ticks between those taken.
var skipped := 0
## Frames of another session or roster, or not newer than what is known.
var passed_over := 0
## Frames that could not be read.
var malformed := 0
## True once a frame of another session came: the sidecar was started anew.
var foreign := false
## Clock reading at the last good frame, new or not.
var heard := -INF

var _codec := Codec.new()
var _topic := Protocol.TOPIC_TICK.to_ascii_buffer()
var _roster := {}
var _session := 0
var _tick := 0


## Start from a snapshot: only later ticks count. False if its state does not fit its roster.
func begin(snapshot: Dictionary, now: float) -> bool:
	var frame := Frame.new()
	_roster = snapshot["roster"]
	_session = snapshot["session"]
	_tick = snapshot["state"]["tick"]
	foreign = false
	heard = now
	latest = null
	if not frame.read(snapshot["state"], _roster) or not _values_hold(frame):
		malformed += 1
		return false
	latest = frame
	return true


## Number of the session the frames are of, or 0.
func session() -> int:
	return _session


## Another roster: ticks of its epoch are read with it.
func change_roster(roster: Dictionary) -> void:
	_roster = roster


## Take one stream frame; true if it is news.
func take(payload: PackedByteArray, now: float) -> bool:
	var head := _topic.size()
	if payload.slice(0, head) != _topic:
		malformed += 1
		return false
	var message := _codec.decode(payload, ["tick"], Protocol.MAX_STATE_BYTES, head)
	if message.is_empty():
		malformed += 1
		return false
	return take_tick(message, now)


## Take one decoded tick, of the stream or of the link; true if it is news.
func take_tick(message: Dictionary, now: float) -> bool:
	if _roster.is_empty() or message["session"] != _session:
		foreign = foreign or not _roster.is_empty()
		passed_over += 1
		return false
	var tick: int = message["tick"]
	if tick < _tick:
		passed_over += 1
		return false
	if tick == _tick and latest != null and latest.paused == message["paused"]:
		heard = now
		passed_over += 1
		return false
	var frame := Frame.new()
	if not frame.read(message, _roster) or not _values_hold(frame):
		if frame.code == "stale_epoch":
			passed_over += 1
		else:
			malformed += 1
		return false
	heard = now
	if tick > _tick:
		taken += 1
		skipped += tick - _tick - 1
	_tick = tick
	latest = frame
	return true


static func _values_hold(frame: Frame) -> bool:
	var values := frame.rows * (frame.labels + 3 + frame.shapes)
	return values > CHECK_VALUES or frame.check_values()
