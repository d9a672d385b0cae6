## Reads msgpack: one whole value within limits, every legal width, nothing built from a hostile length.
##
## Maps become Dictionary, arrays Array, texts String, blobs PackedByteArray. An integer of 2^63 or
## more, which no engine integer holds, becomes its decimal digits as a StringName. A zero character
## inside a text becomes U+FFFD, since a String cannot hold one.
extends RefCounted

const Protocol := preload("../protocol.g.gd")

const _EVERY_LOW := 0x0101010101010101
const _EVERY_HIGH := -0x7F7F7F7F7F7F7F80
## Short texts, field names mostly, are remembered by their bytes: so a tick's names cost no decoding.
const _MOST_REMEMBERED := 512
const _REMEMBERED_BYTES := 7

## Why the last `read` failed, in words; empty when it did not.
var fault := ""
## `malformed` or `too_large` when the last `read` failed.
var fault_code := ""

var _data := PackedByteArray()
var _end := 0
var _pos := 0
var _values := 0
var _numbers := StreamPeerBuffer.new()
var _remembered := {}


func _init() -> void:
	_numbers.big_endian = true


## Returns the one value in `data` behind its first `from` bytes. Check `fault` first: nil may also be
## the value.
func read(data: PackedByteArray, from := 0) -> Variant:
	fault = ""
	fault_code = ""
	_data = data
	_numbers.data_array = data
	_end = data.size()
	_pos = from
	_values = 1
	var value: Variant = _value(1)
	if fault == "" and _pos != _end:
		_fail("%d bytes follow the message" % (_end - _pos))
	_data = PackedByteArray()
	return value if fault == "" else null


func _fail(why: String, code := "malformed") -> void:
	if fault == "":
		fault = why
		fault_code = code


func _value(level: int) -> Variant:
	if _pos >= _end:
		_fail("the bytes end in the middle of a value")
		return null
	var op := _data[_pos]
	_pos += 1
	if op < 0x80:
		return op
	if op >= 0xE0:
		return op - 256
	if op < 0x90:
		return _map(op & 15, level)
	if op < 0xA0:
		return _array(op & 15, level)
	if op < 0xC0:
		return _text(op & 31)
	if op >= 0xCA and op <= 0xD3:
		return _number(op)
	match op:
		0xC0:
			return null
		0xC2:
			return false
		0xC3:
			return true
		0xC4, 0xC5, 0xC6:
			return _blob(_length(1 << (op - 0xC4)))
		0xD9, 0xDA, 0xDB:
			return _text(_length(1 << (op - 0xD9)))
		0xDC, 0xDD:
			return _array(_length(2 << (op - 0xDC)), level)
		0xDE, 0xDF:
			return _map(_length(2 << (op - 0xDE)), level)
	_fail("0x%02x is no value of this protocol (byte %d)" % [op, _pos - 1])
	return null


func _has(bytes: int) -> bool:
	if bytes <= _end - _pos:
		return true
	_fail("the bytes end in the middle of a value")
	return false


func _length(width: int) -> int:
	if not _has(width):
		return 0
	var length := 0
	for i in width:
		length = (length << 8) | _data[_pos + i]
	_pos += width
	return length


func _number(op: int) -> Variant:
	var width := 4 << (op - 0xCA) if op < 0xCC else 1 << ((op - 0xCC) & 3)
	if not _has(width):
		return null
	_numbers.seek(_pos)
	_pos += width
	match op:
		0xCA:
			return _numbers.get_float()
		0xCB:
			return _numbers.get_double()
		0xCC:
			return _numbers.get_u8()
		0xCD:
			return _numbers.get_u16()
		0xCE:
			return _numbers.get_u32()
		0xCF:
			var whole := _numbers.get_64()
			return whole if whole >= 0 else StringName(String.num_uint64(whole))
		0xD0:
			return _numbers.get_8()
		0xD1:
			return _numbers.get_16()
		0xD2:
			return _numbers.get_32()
	return _numbers.get_64()


func _blob(length: int) -> PackedByteArray:
	if fault != "" or not _has(length):
		return PackedByteArray()
	_pos += length
	return _data.slice(_pos - length, _pos)


func _text(length: int) -> String:
	if length == 0 or fault != "" or not _has(length):
		return ""
	var from := _pos
	_pos += length
	if length <= _REMEMBERED_BYTES and from + 8 <= _end:
		# Seven bytes and the length: no two texts share a number.
		var key := _data.decode_s64(from) & ((1 << (length * 8)) - 1) | (length << 56)
		var known: Variant = _remembered.get(key)
		if known == null:
			known = _decode_text(from)
			if fault == "" and _remembered.size() < _MOST_REMEMBERED:
				_remembered[key] = known
		return known
	return _decode_text(from)


func _decode_text(from: int) -> String:
	if _is_plain(from, _pos):
		return _data.slice(from, _pos).get_string_from_utf8()
	var bytes := _data.slice(from, _pos)
	if not _is_utf8(bytes):
		_fail("a text is not valid UTF-8 (byte %d)" % from)
		return ""
	if bytes.has(0):
		var pieces := PackedByteArray()
		for byte in bytes:
			pieces.append_array([0xEF, 0xBF, 0xBD] if byte == 0 else [byte])
		bytes = pieces
	return bytes.get_string_from_utf8()


## Whether all bytes are in 1..127, eight looked at in one step.
func _is_plain(from: int, to: int) -> bool:
	var at := from
	while at + 8 <= to:
		var eight := _data.decode_s64(at)
		if (eight | (eight - _EVERY_LOW)) & _EVERY_HIGH:
			return false
		at += 8
	while at < to:
		var byte := _data[at]
		if byte == 0 or byte > 0x7F:
			return false
		at += 1
	return true


static func _is_utf8(bytes: PackedByteArray) -> bool:
	var at := 0
	while at < bytes.size():
		var first := bytes[at]
		at += 1
		if first < 0x80:
			continue
		if first < 0xC2 or first > 0xF4:
			return false
		var more := 1 if first < 0xE0 else 2 if first < 0xF0 else 3
		if at + more > bytes.size():
			return false
		# Overlong forms, surrogates and what lies past U+10FFFF show in the second byte.
		var low := 0x80
		var high := 0xBF
		match first:
			0xE0:
				low = 0xA0
			0xED:
				high = 0x9F
			0xF0:
				low = 0x90
			0xF4:
				high = 0x8F
		for i in more:
			var byte := bytes[at + i]
			if byte < low or byte > high:
				return false
			low = 0x80
			high = 0xBF
		at += more
	return true


func _opens(items: int, level: int) -> bool:
	if fault != "":
		return false
	if level > Protocol.MAX_DEPTH:
		_fail("nested deeper than %d levels (byte %d)" % [Protocol.MAX_DEPTH, _pos])
	elif items > _end - _pos:
		_fail("the bytes end in the middle of a value")
	else:
		_values += items
		if _values > Protocol.MAX_VALUES:
			_fail("more than %d values in one message" % Protocol.MAX_VALUES, "too_large")
	return fault == ""


func _array(items: int, level: int) -> Array:
	var array := []
	if not _opens(items, level):
		return array
	array.resize(items)
	for i in items:
		array[i] = _value(level + 1)
		if fault != "":
			break
	return array


func _map(pairs: int, level: int) -> Dictionary:
	var map := {}
	if not _opens(pairs * 2, level):
		return map
	for i in pairs:
		var key: Variant = _value(level + 1)
		var value: Variant = _value(level + 1)
		if fault != "":
			break
		map[key] = value
	return map
