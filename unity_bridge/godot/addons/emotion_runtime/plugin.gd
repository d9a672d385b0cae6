## Registers the autoload `EmotionRuntime` and the project settings; what games use is in the nodes.
@tool
extends EditorPlugin

const Settings := preload("settings.gd")
const AUTOLOAD := "EmotionRuntime"


func _enter_tree() -> void:
	Settings.register()


func _enable_plugin() -> void:
	add_autoload_singleton(AUTOLOAD, "res://addons/emotion_runtime/emotion_sidecar.gd")


func _disable_plugin() -> void:
	remove_autoload_singleton(AUTOLOAD)
