## Writes msgpack, always in the shortest form.
##
## Takes nil, bool, int, float, String, StringName, PackedByteArray, Array, packed arrays of numbers
## and texts, Vector2, Vector3 and Dictionary. A number that is not finite is written as it is: the
## reader refuses it.
extends RefCounted

## What could not be written, in words; empty when all could.
var fault := ""

var _out := StreamPeerBuffer.new()


func _init() -> void:
	_out.big_endian = true


## Returns `value` as msgpack. Check `fault`.
func write(value: Variant) -> PackedByteArray:
	fault = ""
	_out.clear()
	_value(value)
	return _out.data_array


func _value(value: Variant) -> void:
	match typeof(value):
		TYPE_NIL:
			_out.put_u8(0xC0)
		TYPE_BOOL:
			_out.put_u8(0xC3 if value else 0xC2)
		TYPE_INT:
			_integer(value)
		TYPE_FLOAT:
			_out.put_u8(0xCB)
			_out.put_double(value)
		TYPE_STRING, TYPE_STRING_NAME:
			_text(String(value).to_utf8_buffer())
		TYPE_PACKED_BYTE_ARRAY:
			_blob(value)
		TYPE_VECTOR2:
			_list([value.x, value.y])
		TYPE_VECTOR3:
			_list([value.x, value.y, value.z])
		TYPE_DICTIONARY:
			_map(value)
		TYPE_ARRAY, TYPE_PACKED_STRING_ARRAY, TYPE_PACKED_INT32_ARRAY, TYPE_PACKED_INT64_ARRAY:
			_list(value)
		TYPE_PACKED_FLOAT32_ARRAY, TYPE_PACKED_FLOAT64_ARRAY:
			_list(value)
		_:
			fault = "a %s cannot be sent" % type_string(typeof(value))
			_out.put_u8(0xC0)


func _integer(value: int) -> void:
	if value >= -32 and value < 128:
		_out.put_u8(value & 0xFF)
	elif value >= 0:
		if value <= 0xFF:
			_out.put_u8(0xCC)
			_out.put_u8(value)
		elif value <= 0xFFFF:
			_out.put_u8(0xCD)
			_out.put_u16(value)
		elif value <= 0xFFFFFFFF:
			_out.put_u8(0xCE)
			_out.put_u32(value)
		else:
			_out.put_u8(0xCF)
			_out.put_64(value)
	elif value >= -0x80:
		_out.put_u8(0xD0)
		_out.put_8(value)
	elif value >= -0x8000:
		_out.put_u8(0xD1)
		_out.put_16(value)
	elif value >= -0x80000000:
		_out.put_u8(0xD2)
		_out.put_32(value)
	else:
		_out.put_u8(0xD3)
		_out.put_64(value)


func _text(bytes: PackedByteArray) -> void:
	var length := bytes.size()
	if length < 32:
		_out.put_u8(0xA0 | length)
	else:
		_head(0xD9, length, 0xFF)
	_out.put_data(bytes)


func _blob(bytes: PackedByteArray) -> void:
	_head(0xC4, bytes.size(), 0xFF)
	_out.put_data(bytes)


func _list(items: Array) -> void:
	if items.size() < 16:
		_out.put_u8(0x90 | items.size())
	else:
		_head(0xDC, items.size(), 0)
	for item: Variant in items:
		_value(item)


func _map(map: Dictionary) -> void:
	if map.size() < 16:
		_out.put_u8(0x80 | map.size())
	else:
		_head(0xDE, map.size(), 0)
	for key: Variant in map:
		_value(key)
		_value(map[key])


## Writes the opcode that fits `length`: `first` for one byte (if lengths up to `one_byte` have
## such a form), then the opcodes for two and four.
func _head(first: int, length: int, one_byte: int) -> void:
	var next := first + (1 if one_byte else 0)
	if length <= one_byte:
		_out.put_u8(first)
		_out.put_u8(length)
	elif length <= 0xFFFF:
		_out.put_u8(next)
		_out.put_u16(length)
	else:
		_out.put_u8(next + 1)
		_out.put_u32(length)
