## The demo: a story of insults, fire and music, told again and again; keys 1 to 4 tell it out of turn.
##
## User arguments (after `--`): stream=PORT link=PORT control=PORT, seconds=N to end by itself with a
## line of JSON, do=insult|fire|music|quiet to play one part only, slow=MILLISECONDS a frame,
## until="WHO RULE WHOM" or until="world N" to end once that has happened, picture=FILE to save the
## last frame.
extends Node3D

const STORY := {2.0: "insult", 10.0: "fire", 17.0: "music", 26.0: "calm"}
const STORY_SECONDS := 32.0
const INSULTS := [
	"Ha ha ha! This is wonderful, I love how stupid you look!",
	"You idiot! You are the worst guard in this whole town! I hate you!",
	"I am so angry with you! You disgusting, stupid fool!",
]

var _options := {}
var _time := 0.0
var _told := -1.0
var _insults := 0
var _played := {}
var _states := []
var _worlds := 0
var _perceptions := 0
var _happened_for := 0.0
var _latency := preload("latency.gd").new()

@onready var _hint: Label = $Hint/Label


func _ready() -> void:
	for argument in OS.get_cmdline_user_args():
		if argument.contains("="):
			_options[argument.get_slice("=", 0)] = argument.get_slice("=", 1)
	if _options.has("stream"):
		EmotionRuntime.port = int(_options["stream"])
		EmotionRuntime.link_port = int(_options.get("link", "0"))
		EmotionRuntime.control_port = int(_options.get("control", "0"))
	if DisplayServer.get_name() == "headless":
		Engine.max_fps = 60
	EmotionRuntime.state_changed.connect(_on_state_changed)
	EmotionRuntime.world_changed.connect(func() -> void: _worlds += 1)
	EmotionRuntime.action_started.connect(_on_action_started)
	EmotionRuntime.utterance_perceived.connect(func(_p: Dictionary) -> void: _perceptions += 1)
	EmotionRuntime.frame_received.connect(_latency.take)
	# On request and in bytes: blinks, lips and all, whatever the sidecar streams to everybody.
	add_child(EmotionFaces.new())
	EmotionRuntime.noticed.connect(func(code: String, message: String) -> void: print(code, ": ", message))


func _process(delta: float) -> void:
	if _options.has("slow"):
		OS.delay_msec(int(_options["slow"]))
	if EmotionRuntime.state == EmotionRuntime.State.LIVE:
		_time += delta
		_tell_story()
	if (
		_options.has("seconds")
		and (_until_happened(delta) or Time.get_ticks_msec() / 1000.0 > float(_options["seconds"]))
	):
		_finish()


func _unhandled_key_input(event: InputEvent) -> void:
	if event is InputEventKey and event.pressed and not event.echo:
		match event.keycode:
			KEY_1:
				_play("insult")
			KEY_2:
				_play("fire")
			KEY_3:
				_play("music")
			KEY_4:
				_play("calm")


## Half a second after what `until` names.
func _until_happened(delta: float) -> bool:
	var until: String = _options.get("until", "")
	if until != "" and (_played.has(until) or until == "world %d" % _worlds):
		_happened_for += delta
	return _happened_for > 0.5


func _tell_story() -> void:
	var part: String = _options.get("do", "")
	if part == "":
		var now := fmod(_time, STORY_SECONDS)
		for at: float in STORY:
			if now >= at and _told < at:
				_play(STORY[at])
		_told = now
	elif _told < 0.0 and _time > 1.0:
		_told = 1.0
		_play(part)
	# An insult is three lines, so that the guard's patience runs out before our eyes.
	if _insults > 0 and _time >= _played["next_insult"]:
		EmotionRuntime.say("thief", INSULTS[INSULTS.size() - _insults], "guard", "quarrel")
		_insults -= 1
		_played["next_insult"] = _time + 1.2


func _play(part: String) -> void:
	_hint.text = (
		{
			"insult": "The thief mocks and insults the guard.",
			"fire": "The fire blazes up beside the child.",
			"music": "The music box plays.",
			"calm": "All is quiet again.",
		}
		. get(part, "")
	)
	match part:
		"insult":
			_insults = INSULTS.size()
			_played["next_insult"] = _time
		"fire":
			$Campfire/EmotionSmartObject.set_variable("heat", 0.95)
		"music":
			$Campfire/EmotionSmartObject.set_variable("heat", 0.6)
			$MusicBox/EmotionSmartObject.set_variable("wound", 20.0)
			$MusicBox/EmotionSmartObject.set_variable("playing", true)
		"calm":
			$MusicBox/EmotionSmartObject.set_variable("playing", false)


func _on_state_changed(state: int, reason: String) -> void:
	var word: String = EmotionRuntime.WORDS[state]
	if _states.is_empty() or _states[-1] != word:
		_states.append(word)
	if DisplayServer.get_name() == "headless":
		print("state: %s %s" % [word, reason])


func _on_action_started(action: EmotionAction) -> void:
	var key := "%s %s %s" % [action.character, action.rule, action.target()]
	_played[key] = _played.get(key, 0) + 1
	if DisplayServer.get_name() == "headless":
		print("%s: %s" % [key, action.why])


func _finish() -> void:
	set_process(false)
	var picture: String = _options.get("picture", "")
	if picture:
		await RenderingServer.frame_post_draw
		get_viewport().get_texture().get_image().save_png(picture)
	var summary := {"type": "summary", "state": EmotionRuntime.WORDS[EmotionRuntime.state]}
	summary["problem"] = EmotionRuntime.problem()
	summary["reason"] = EmotionRuntime.reason
	summary["states"] = _states
	summary["worlds"] = _worlds
	summary["perceptions"] = _perceptions
	_played.erase("next_insult")
	summary["started"] = _played
	summary["counts"] = EmotionRuntime.counts()
	summary["latency"] = _latency.summary()
	summary["farthest"] = {}
	summary["face"] = {}
	for villager in [$Guard, $Merchant, $Child, $Thief]:
		summary["farthest"][villager.id] = villager.farthest
		summary["face"][villager.id] = villager.character.driven_shapes()
	print(JSON.stringify(summary))
	get_tree().quit()
