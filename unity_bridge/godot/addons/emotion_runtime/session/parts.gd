## The pieces of a long message until it is whole.
extends RefCounted

const Protocol := preload("../protocol.g.gd")

var _bytes := PackedByteArray()
var _next := 0
var _count := 0


## Forget what there is: it was of another connection.
func clear() -> void:
	_bytes = PackedByteArray()
	_next = 0
	_count = 0


## Returns the whole message with its last part, else nothing. A part out of its order forgets all.
func take(part: Dictionary) -> PackedByteArray:
	if part["index"] == 0:
		clear()
		_count = part["count"]
	var fits: bool = part["index"] == _next and _next < _count and part["count"] == _count
	if not fits or _bytes.size() + part["data"].size() > Protocol.MAX_STATE_BYTES:
		clear()
		return PackedByteArray()
	_bytes.append_array(part["data"])
	_next += 1
	if _next < _count:
		return PackedByteArray()
	var whole := _bytes
	clear()
	return whole
