## One action a character has been told to play, from its start to its stop.
class_name EmotionAction
extends RefCounted

## Number to report the result under.
var number := 0
## Who does it.
var character := ""
## Name of the behavior rule: what to do.
var rule := ""
## Whom or what it is aimed at, nearest first; the character itself for actions on oneself.
var bearers := PackedStringArray()
## Nominal seconds.
var lasts := 0.0
## One sentence for people: why it does this.
var why := ""
## What the scene tells the engine about it: clip names, speeds, gestures.
var payload := {}
## Whether success or failure was reported already.
var reported := false
## Clock reading at the start, in seconds.
var started_at := 0.0


## From a `start` command, or from a snapshot's `running`.
static func from_message(message: Dictionary, now: float) -> RefCounted:
	var action := new()
	action.number = message["action"]
	action.character = message["character"]
	action.rule = message["rule"]
	action.bearers = PackedStringArray(message["bearers"])
	action.lasts = message["lasts"]
	action.why = message.get("why", "")
	action.payload = message["payload"]
	action.started_at = now - message.get("elapsed", 0.0)
	return action


## The nearest it is aimed at, or empty.
func target() -> String:
	return bearers[0] if bearers else ""


## Seconds since it started.
func elapsed() -> float:
	return Time.get_ticks_usec() / 1e6 - started_at
