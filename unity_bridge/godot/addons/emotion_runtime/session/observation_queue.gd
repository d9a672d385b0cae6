## What the game has to tell but could not send yet, in order and bounded.
##
## Events are all kept. A state (a move, positions, a variable, a sight) replaces an older one of the same
## thing, unless an event lies between them: so an event is judged by where everybody stood when it
## happened. Only when the queue is long do older states go even then.
extends RefCounted

const MAX_WAITING_EVENTS := 1024
const MAX_WAITING := 4096
const _STATES := ["move", "positions", "variable", "capture", "sight"]

## States that never left because a newer one took their place.
var coalesced := 0
## Events refused because too many were waiting.
var overflowed := 0

var _items: Array[Dictionary] = []
var _place := {}
var _events := 0
var _gone := 0


func size() -> int:
	return _items.size() - _gone


## Take an observation in; false when too many events wait, and it is then not taken.
func put(item: Dictionary) -> bool:
	if item["kind"] in _STATES:
		_replace(item)
	else:
		if _events >= MAX_WAITING_EVENTS:
			overflowed += 1
			return false
		_events += 1
		_place.clear()
	_items.append(item)
	return true


## Take out the oldest, at most `most`.
func take(most: int) -> Array[Dictionary]:
	var waiting := _waiting()
	var taken := waiting.slice(0, most)
	_rebuild(waiting.slice(most))
	return taken


## Put what `take` gave back in front: it did not fit.
func put_back(items: Array[Dictionary]) -> void:
	var all := items.duplicate()
	all.append_array(_waiting())
	_rebuild(all)


## Forget everything; returns how many observations that were.
func clear() -> int:
	var forgotten := size()
	_rebuild([])
	return forgotten


func _waiting() -> Array[Dictionary]:
	var waiting: Array[Dictionary] = []
	for item in _items:
		if not item.is_empty():
			waiting.append(item)
	return waiting


func _replace(item: Dictionary) -> void:
	var key := _key(item)
	if _place.has(key):
		_drop(_place[key])
	elif size() >= MAX_WAITING:
		_squeeze(key)
	if _items.size() > 2 * MAX_WAITING:
		_rebuild(_waiting())
	_place[key] = _items.size()


## Keep one state of each thing, the last, wherever events lie; then drop the oldest states, an eighth
## of the queue at once: looking through it for each newcomer would cost the game its frame.
func _squeeze(coming: String) -> void:
	var seen := {coming: true}
	for at in range(_items.size() - 1, -1, -1):
		var item := _items[at]
		if item.is_empty() or not (item["kind"] in _STATES):
			continue
		var key := _key(item)
		if seen.has(key):
			_drop(at)
		seen[key] = true
	if size() >= MAX_WAITING:
		for at in _items.size():
			if size() <= MAX_WAITING - (MAX_WAITING >> 3):
				break
			if not _items[at].is_empty() and _items[at]["kind"] in _STATES:
				_drop(at)
	_rebuild(_waiting())


func _drop(at: int) -> void:
	_items[at] = {}
	_gone += 1
	coalesced += 1


func _rebuild(items: Array[Dictionary]) -> void:
	_items = items
	_gone = 0
	_events = 0
	_place = {}
	for at in items.size():
		if items[at]["kind"] in _STATES:
			_place[_key(items[at])] = at
		else:
			_events += 1
			_place.clear()


static func _key(item: Dictionary) -> String:
	match item["kind"]:
		"move":
			return "move " + item["id"]
		"variable":
			return "variable " + item["name"]
		"capture":
			return "capture " + item["character"]
		"sight":
			return "sight %s %s" % [item["character"], item["object"]]
	# Only positions of the same characters replace each other.
	return "positions " + item["index"].hex_encode()
