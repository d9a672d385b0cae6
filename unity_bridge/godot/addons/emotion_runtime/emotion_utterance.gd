## Something a character says: plays its clip, if any, and tells the sidecar the words.
@icon("res://addons/emotion_runtime/icons/utterance.svg")
class_name EmotionUtterance
extends Node

## What the sidecar heard in the words: the most probable emotion and all probabilities.
signal perceived(label: String, probabilities: Dictionary)
## No result could be made of it; `code` says why.
signal not_perceived(code: String)

const Character := preload("emotion_character.gd")
const Sidecar := preload("emotion_sidecar.gd")

## Who says it. Empty: the EmotionCharacter it is put under, or beside.
@export var speaker := ""
## The words, in the language of the sidecar's model.
@export_multiline var text := ""
## Whom it is said to, or empty.
@export var to := ""
## Lines of different conversations are never each other's context.
@export var conversation := ""
## The voice, if there is one: an AudioStreamPlayer of any kind.
@export var player: Node = null
## What the voice says; without it the player's own stream is played.
@export var clip: AudioStream = null
## What the speech service told of the clip, as its JSON: moves the lips. Without it the clip's length does.
@export_file("*.json") var timings := ""
## The service's form: azure, polly, elevenlabs, cartesia, rhubarb or plain.
@export var timings_form := "plain"
## Say it as soon as a world is there.
@export var say_at_start := false
## The connection to use. Empty: the first in the tree, normally the autoload.
@export var sidecar: Node = null

var _number := 0


func _ready() -> void:
	if sidecar == null:
		sidecar = Sidecar.of(self)
	if sidecar == null:
		return
	sidecar.utterance_perceived.connect(_take)
	if say_at_start:
		if sidecar.roster.is_empty():
			sidecar.world_changed.connect(say, CONNECT_ONE_SHOT)
		else:
			say.call_deferred()


## Say it, or other words, now. False if it could not be told.
func say(other_words := "") -> bool:
	if player != null and player.has_method("play"):
		if clip != null:
			player.set("stream", clip)
		player.call("play")
	if sidecar == null:
		return false
	var words := other_words if other_words else text
	_number = sidecar.say(_speaker(), words, to, conversation, {}, {} if other_words else voice())
	return _number > 0


## What is known of the voice: `timings`, or how many seconds the clip `lasts`.
func voice() -> Dictionary:
	if timings:
		return {"timings": {"form": timings_form, "data": FileAccess.get_file_as_string(timings)}}
	return {"lasts": clip.get_length()} if clip != null and clip.get_length() > 0.0 else {}


func _speaker() -> String:
	if speaker:
		return speaker
	var near: Array[Node] = [get_parent()]
	near.append_array(get_parent().get_children())
	for node in near:
		if node is Character:
			return node.id
	push_warning("EmotionUtterance: set a speaker, or put it under an EmotionCharacter")
	return ""


func _take(perception: Dictionary) -> void:
	if _number == 0 or perception["utterance"] != _number or perception.get("partial", false):
		return
	_number = 0
	if perception["failed"]:
		not_perceived.emit(perception["failed"])
		return
	var found := {}
	for i: int in perception["labels"].size():
		found[perception["labels"][i]] = perception["probabilities"][i]
	perceived.emit(perception["label"], found)
