## The sidecar as a child of the game: started with a scene, ended with the game, even by a crash.
##
## Its life hangs on a pipe to its standard input, which the system closes when the game ends. Godot
## before 4.3 has no such pipe: there the sidecar is asked to shut down, and a crash leaves it running.
extends RefCounted

## What the child said when it ended by itself, for people.
var complaint := ""
var pid := -1

var _pipes := {}


## Start `command` on `scene`, listening on `port` and the two after it. False if it cannot be.
func start(command: String, scene: String, port: int, more: Array) -> bool:
	complaint = ""
	var arguments := PackedStringArray(["serve", scene, "--port", str(port)])
	for argument: Variant in more:
		arguments.append(str(argument))
	if OS.has_method("execute_with_pipe"):
		arguments.append("--until-stdin-closes")
		_pipes = OS.call("execute_with_pipe", command, arguments)
		pid = _pipes.get("pid", -1)
	else:
		pid = OS.create_process(command, arguments)
	if pid <= 0:
		complaint = "`%s` cannot be started: is it installed, and on the PATH?" % command
	return pid > 0


## Whether it runs. When it has ended by itself, `complaint` tells its last words.
func is_running() -> bool:
	if pid <= 0:
		return false
	if OS.is_process_running(pid):
		return true
	complaint = _last_words()
	_forget()
	return false


## Whether `stop` needs the sidecar to be asked first: there is no pipe to close.
func must_be_asked() -> bool:
	return pid > 0 and _pipes.is_empty()


## End it: by closing its standard input, where there is one.
func stop() -> void:
	_forget()


func _last_words() -> String:
	var words := ""
	if _pipes.has("stderr"):
		# The process has ended, so this reads to the end and does not wait.
		words = (_pipes["stderr"] as FileAccess).get_buffer(4096).get_string_from_utf8().strip_edges()
	return words if words else "the sidecar ended by itself"


func _forget() -> void:
	for name: String in ["stdio", "stderr"]:
		if _pipes.has(name):
			(_pipes[name] as FileAccess).close()
	_pipes = {}
	pid = -1
