## The addon's project settings: names, defaults, and how the editor shows them.
extends RefCounted

const HOST := "emotion_runtime/connection/host"
const PORT := "emotion_runtime/connection/port"
const TOKEN := "emotion_runtime/connection/token"
const TOKEN_FILE := "emotion_runtime/connection/token_file"
const CLIENT_NAME := "emotion_runtime/connection/client_name"
const AUTO_CONNECT := "emotion_runtime/connection/auto_connect"
const START := "emotion_runtime/sidecar/start_with_game"
const COMMAND := "emotion_runtime/sidecar/command"
const SCENE := "emotion_runtime/sidecar/scene"
const ARGUMENTS := "emotion_runtime/sidecar/arguments"

const DEFAULTS := {
	HOST: "127.0.0.1",
	PORT: 5570,
	TOKEN: "",
	TOKEN_FILE: "",
	CLIENT_NAME: "godot",
	AUTO_CONNECT: true,
	START: false,
	COMMAND: "emotion-runtime",
	SCENE: "tavern",
	ARGUMENTS: [],
}


static func read(name: String) -> Variant:
	return ProjectSettings.get_setting(name, DEFAULTS[name])


## Show the settings in the editor, with their defaults.
static func register() -> void:
	for name: String in DEFAULTS:
		if not ProjectSettings.has_setting(name):
			ProjectSettings.set_setting(name, DEFAULTS[name])
		ProjectSettings.set_initial_value(name, DEFAULTS[name])
		ProjectSettings.set_as_basic(name, true)
		ProjectSettings.add_property_info({"name": name, "type": typeof(DEFAULTS[name])})
