## Turns bytes into checked messages and back, after the tables in `protocol.g.gd`.
##
## A message is a Dictionary with every field of its kind, defaults filled in. `decode` returns an
## empty one when the bytes are no such message; `code`, `where` and `what` then say why. The checks
## come in the order of `docs/protocol.md`, section 3.
extends RefCounted

const Protocol := preload("../protocol.g.gd")
const Reader := preload("msgpack_reader.gd")
const Writer := preload("msgpack_writer.gd")

## A code of `Protocol.ERROR_CODES`, or empty when the last message was sound.
var code := ""
## Path of the fault, such as `$.items[0].at[1]`.
var where := ""
## What is wrong, in words.
var what := ""

var _reader := Reader.new()
var _writer := Writer.new()


## Returns the message in `data`, behind its first `from` bytes, if it is one of `allowed` (empty: any),
## or an empty Dictionary.
func decode(data: PackedByteArray, allowed: Array = [], limit: int = Protocol.MAX_STATE_BYTES, from := 0) -> Dictionary:
	_clear()
	if data.size() - from > limit:
		_fault("too_large", "%d bytes, the limit is %d" % [data.size(), limit])
		return {}
	var value: Variant = _reader.read(data, from)
	if _reader.fault != "":
		_fault(_reader.fault_code, _reader.fault)
		return {}
	if not _is_message(value, allowed):
		return {}
	var kind: String = value["type"]
	var message := _fields(value, kind)
	if code != "":
		return {}
	message["type"] = kind
	return message


## Returns `message` as bytes. It must have its `type`; `v` is added.
func encode(message: Dictionary) -> PackedByteArray:
	var whole := message.duplicate()
	whole["v"] = Protocol.PROTOCOL
	var bytes := _writer.write(whole)
	if _writer.fault != "":
		_clear()
		_fault("bad_value", _writer.fault)
	return bytes


## Whether `item` is an observation such as the sidecar takes. If not, see `code`, `where` and `what`.
func is_observation(item: Dictionary) -> bool:
	_clear()
	_union(item, Protocol.OBSERVATION)
	return code == ""


func _clear() -> void:
	code = ""
	where = "$"
	what = ""


## The first fault counts. Where it was found is put together on the way out, see `_inside`.
func _fault(new_code: String, text: String, path := "") -> void:
	if code == "":
		code = new_code
		where = "$" + path
		what = text


## Put `step` before the path of a fault that was found inside.
func _inside(step: String) -> void:
	where = "$" + step + where.substr(1)


func _is_message(value: Variant, allowed: Array) -> bool:
	if typeof(value) != TYPE_DICTIONARY:
		_fault("malformed", "a message is a map with text keys")
		return false
	for key: Variant in value:
		if typeof(key) != TYPE_STRING:
			_fault("malformed", "a message is a map with text keys")
			return false
	var version: Variant = value.get("v")
	var is_whole := typeof(version) == TYPE_INT or typeof(version) == TYPE_STRING_NAME
	if version == null or (is_whole and str(version) != str(Protocol.PROTOCOL)):
		_fault("wrong_version", _two_versions(version), ".v")
	elif not is_whole:
		_fault("bad_value", "the protocol number must be an integer", ".v")
	elif typeof(value.get("type")) != TYPE_STRING:
		_fault("malformed", "the message has no text `type`", ".type")
	elif not (value["type"] in Protocol.MESSAGES):
		_fault("unknown_message", "type '%s' is not known here" % value["type"].left(64), ".type")
	elif not allowed.is_empty() and not (value["type"] in allowed):
		_fault("unknown_message", "type '%s' is not taken here" % value["type"], ".type")
	return code == ""


static func _two_versions(theirs: Variant) -> String:
	var number := "none" if theirs == null else str(theirs)
	return "the sidecar speaks protocol %s, this addon protocol %d" % [number, Protocol.PROTOCOL]


func _fields(value: Dictionary, name: String) -> Dictionary:
	var table: Dictionary = Protocol.STRUCTS[name]
	var found := {}
	for field: String in table:
		var row: Dictionary = table[field]
		var given: Variant = value.get(field)
		if given == null:
			found[field] = _default(row, value.has(field))
			if code != "":
				if value.has(field):
					_inside("." + field)
				else:
					what = "the field `%s` is missing" % field
				return found
			continue
		found[field] = _checked(given, row["is"])
		if code != "":
			_inside("." + field)
			return found
	return found


func _default(row: Dictionary, is_nil: bool) -> Variant:
	if is_nil and row.has("nil"):
		return null
	if is_nil or row.has("required"):
		_fault("bad_value", "must not be nil")
		return null
	var default: Variant = row["default"]
	match typeof(default):
		TYPE_ARRAY, TYPE_DICTIONARY:
			return default.duplicate()
		TYPE_NIL:
			return null if row.has("nil") else PackedByteArray()
	return default


func _checked(value: Variant, shape: Dictionary) -> Variant:
	match shape["kind"]:
		Protocol.Kind.INT:
			if typeof(value) != TYPE_INT:
				_fault("bad_value", "must be an integer of at most 63 bits")
			elif value < shape["low"] or value > shape["high"]:
				_fault("bad_value", "%d is out of range" % value)
		Protocol.Kind.BLOB:
			_expect(value, TYPE_PACKED_BYTE_ARRAY)
		Protocol.Kind.FLOAT:
			return _number(value, shape)
		Protocol.Kind.TEXT:
			_text(value, shape)
		Protocol.Kind.BOOL:
			_expect(value, TYPE_BOOL)
		Protocol.Kind.SWITCH:
			return value if typeof(value) == TYPE_BOOL else _number(value, shape)
		Protocol.Kind.LIST:
			return _list(value, shape)
		Protocol.Kind.POINT:
			if _expect(value, TYPE_ARRAY) and value.size() != 3:
				_fault("bad_value", "must have 3 numbers")
			return _list(value, shape)
		Protocol.Kind.STRUCT:
			return _struct(value, shape["of"])
		Protocol.Kind.UNION:
			return _union(value, shape)
		Protocol.Kind.MAP:
			return _map(value, shape["of"])
		Protocol.Kind.VALUES:
			if _expect(value, TYPE_DICTIONARY):
				_plain(value)
	return value


func _expect(value: Variant, type: int) -> bool:
	if typeof(value) == type:
		return true
	_fault("bad_value", "must be %s, not %s" % [type_string(type), type_string(typeof(value))])
	return false


func _number(value: Variant, shape: Dictionary) -> float:
	if typeof(value) != TYPE_FLOAT and typeof(value) != TYPE_INT:
		if typeof(value) != TYPE_STRING_NAME:
			_fault("bad_value", "must be a number")
			return 0.0
		value = String(value).to_float()
	# NaN is in no range: no comparison with it holds.
	var over: bool = value > shape["above"] if shape.has("above") else value >= shape["low"]
	if not (over and value <= shape["high"]):
		_fault("bad_value", "%s is out of range or not finite" % value)
	return value


func _text(value: Variant, shape: Dictionary) -> void:
	if not _expect(value, TYPE_STRING):
		return
	var length: int = value.length()
	if length > shape["high"]:
		_fault("too_large", "%d characters, the limit is %d" % [length, shape["high"]])
	elif length < shape["low"]:
		_fault("bad_value", "must not be empty")


func _list(value: Variant, shape: Dictionary) -> Array:
	if code != "" or not _expect(value, TYPE_ARRAY):
		return []
	var items: Array = value
	if shape.has("high") and items.size() > shape["high"]:
		_fault("too_large", "%d items, the limit is %d" % [items.size(), shape["high"]])
		return items
	var of: Dictionary = shape["of"]
	for i in items.size():
		items[i] = _checked(items[i], of)
		if code != "":
			_inside("[%d]" % i)
			break
	return items


func _map(value: Variant, of: Dictionary) -> Dictionary:
	if not _expect(value, TYPE_DICTIONARY):
		return {}
	for key: Variant in value:
		if typeof(key) != TYPE_STRING:
			_fault("bad_value", "keys must be texts")
			break
		value[key] = _checked(value[key], of)
		if code != "":
			_inside("." + key)
			break
	return value


func _struct(value: Variant, name: String) -> Dictionary:
	if not _expect(value, TYPE_DICTIONARY):
		return {}
	if name in Protocol.MESSAGES and str(value.get("type")) != name:
		_fault("bad_value", "must be a %s" % name)
		return {}
	var found := _fields(value, name)
	if name in Protocol.MESSAGES:
		found["type"] = name
	return found


func _union(value: Variant, shape: Dictionary) -> Dictionary:
	if not _expect(value, TYPE_DICTIONARY):
		return {}
	if not value.has("kind"):
		_fault("bad_value", "the field `kind` is missing")
		return {}
	var kind := str(value["kind"])
	if not (kind in shape["of"]):
		_fault("bad_value", "'%s' is not known here" % kind.left(64), ".kind")
		return {}
	var found := _fields(value, kind)
	found["kind"] = kind
	return found


func _plain(value: Variant) -> void:
	match typeof(value):
		TYPE_FLOAT:
			if not is_finite(value):
				_fault("bad_value", "numbers must be finite")
		TYPE_ARRAY:
			for i: int in value.size():
				_plain(value[i])
				if code != "":
					_inside("[%d]" % i)
					return
		TYPE_DICTIONARY:
			for key: Variant in value:
				if typeof(key) != TYPE_STRING:
					_fault("bad_value", "keys must be texts")
					return
				_plain(value[key])
				if code != "":
					_inside("." + key)
					return
