## Runs every `test_*` method of every `tests/test_*.gd`; the exit code tells whether all passed.
##
## godot --headless --path unity_bridge/godot --script tests/run.gd -- [vectors=FOLDER] [only=NAME]
extends SceneTree

const ErrorCounter := preload("error_counter.gd")
const MOST_FAULTS := 8

var _passed := 0
var _failed := 0
var _counter := ErrorCounter.new()


func _initialize() -> void:
	OS.add_logger(_counter)
	_run.call_deferred()


func _run() -> void:
	var options := options_of(OS.get_cmdline_user_args())
	# Each test brings its own sidecar; the project's autoload would look for a real one.
	root.get_node("EmotionRuntime").free()
	for file in DirAccess.get_files_at("res://tests"):
		if file.begins_with("test_") and file.ends_with(".gd"):
			await _run_file("res://tests/" + file, options)
	print("%d passed, %d failed" % [_passed, _failed])
	quit(1 if _failed or not _passed else 0)


func _run_file(path: String, options: Dictionary) -> void:
	var script: GDScript = load(path)
	if script == null or not script.can_instantiate():
		_failed += 1
		printerr("FAILED %s: it does not load" % path)
		return
	for method in script.get_script_method_list():
		var name: String = method["name"]
		if not name.begins_with("test_") or name.find(options.get("only", "test_")) == -1:
			continue
		var case: RefCounted = script.new()
		case.set("tree", self)
		case.set("options", options)
		_counter.errors.clear()
		await case.call(name)
		await process_frame
		case.call("clean_up")
		var faults: Array = case.get("faults") + _counter.errors
		if faults.is_empty():
			_passed += 1
			print("passed %s: %s" % [path.get_file(), name])
		else:
			_failed += 1
			printerr("FAILED %s: %s\n    %s" % [path.get_file(), name, "\n    ".join(faults.slice(0, MOST_FAULTS))])


## `name=value` arguments as a Dictionary.
static func options_of(arguments: PackedStringArray) -> Dictionary:
	var options := {}
	for argument in arguments:
		var place := argument.find("=")
		if place > 0:
			options[argument.left(place)] = argument.substr(place + 1)
	return options
