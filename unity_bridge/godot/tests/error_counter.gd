## Collects every error the engine or a script reports: errors do not touch Godot's exit code.
extends Logger

var errors: Array[String] = []
## Whether warnings count too.
var with_warnings := false


func _log_error(
	_function: String,
	file: String,
	line: int,
	code: String,
	rationale: String,
	_editor_notify: bool,
	error_type: int,
	_backtraces: Array[ScriptBacktrace]
) -> void:
	if error_type != ERROR_TYPE_WARNING or with_warnings:
		errors.append("%s (%s:%d)" % [rationale if rationale else code, file, line])
