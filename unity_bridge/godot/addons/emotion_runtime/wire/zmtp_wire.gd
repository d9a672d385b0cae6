## The bytes of ZMTP 3.1: greeting, frames and the commands of the NULL and PLAIN mechanisms.
extends RefCounted

const MORE := 1
const LONG := 2
const COMMAND := 4
## Signature and version: what the other side must have seen to send all of its greeting.
const VERSION_ENDS := 11
## Tenths of a second after which the peer may give us up.
const TIME_TO_LIVE := 30
const USER := "engine"


static func greeting(of_mechanism: String) -> PackedByteArray:
	var bytes := PackedByteArray()
	bytes.resize(64)
	bytes[0] = 0xFF
	bytes[9] = 0x7F
	bytes[10] = 3
	bytes[11] = 1
	var letters := of_mechanism.to_ascii_buffer()
	for i in letters.size():
		bytes[12 + i] = letters[i]
	return bytes


## The mechanism named in a whole greeting.
static func mechanism(bytes: PackedByteArray) -> String:
	var end := 12
	while end < 32 and bytes[end] > 0x20 and bytes[end] < 0x7F:
		end += 1
	return bytes.slice(12, end).get_string_from_ascii()


static func frame(body: PackedByteArray, flags: int) -> PackedByteArray:
	var size := body.size()
	var bytes := PackedByteArray([flags, size & 0xFF])
	if size > 0xFF:
		bytes.resize(9)
		bytes[0] = flags | LONG
		for i in 8:
			bytes[1 + i] = (size >> (56 - 8 * i)) & 0xFF
	bytes.append_array(body)
	return bytes


## Length of the frame that begins at `at`, whose head is there; negative past 2^63.
static func length(bytes: PackedByteArray, at: int) -> int:
	if not (bytes[at] & LONG):
		return bytes[at + 1]
	var size := 0
	for i in 8:
		size = (size << 8) | bytes[at + 1 + i]
	return size


## READY or INITIATE.
static func metadata(name: String, socket: String) -> PackedByteArray:
	var body := _named(name)
	_property(body, "Socket-Type", socket)
	if socket == "DEALER":
		_property(body, "Identity", "")
	return frame(body, COMMAND)


## HELLO of the PLAIN mechanism: the token is the password.
static func plain_hello(token: String) -> PackedByteArray:
	var body := _named("HELLO")
	var user := USER.to_utf8_buffer()
	var password := token.to_utf8_buffer().slice(0, 255)
	body.append(user.size())
	body.append_array(user)
	body.append(password.size())
	body.append_array(password)
	return frame(body, COMMAND)


## The token for a game in a file of `serve --token-file`, which has a line for each role; or empty.
static func token_in(path: String) -> String:
	if not FileAccess.file_exists(path):
		return ""
	for line in FileAccess.get_file_as_string(path).split("\n"):
		if line.begins_with(USER + " "):
			return line.substr(USER.length() + 1)
	return ""


static func ping() -> PackedByteArray:
	return frame(_named("PING") + PackedByteArray([0, TIME_TO_LIVE]), COMMAND)


## The answer to a PING: its context, at most 16 bytes, goes back.
static func pong(body: PackedByteArray) -> PackedByteArray:
	return frame(_named("PONG") + body.slice(7, 23), COMMAND)


## Name of a command; `ERROR` too for libzmq's PLAIN server, whose error is spelled "^RROR": in its
## source "\x05ERROR" is one escape that takes in the E.
static func command_name(body: PackedByteArray) -> String:
	if body.size() >= 5 and body[0] == 0x5E and body.slice(1, 5) == "RROR".to_ascii_buffer():
		return "ERROR"
	if body.is_empty() or body.size() <= body[0]:
		return ""
	var name := body.slice(1, 1 + body[0])
	for letter in name:
		if letter < 0x41 or letter > 0x5A:
			return ""
	return name.get_string_from_ascii()


## `Socket-Type` in a READY, or empty.
static func socket_type(body: PackedByteArray) -> String:
	var at := 1 + body[0]
	while at < body.size():
		var name_end := at + 1 + body[at]
		if name_end + 4 > body.size():
			break
		var size := 0
		for i in 4:
			size = (size << 8) | body[name_end + i]
		var value_end := name_end + 4 + size
		if value_end > body.size():
			break
		if body.slice(at + 1, name_end) == "Socket-Type".to_ascii_buffer():
			for letter in body.slice(name_end + 4, value_end):
				if letter < 0x21 or letter > 0x7E:
					return "?"
			return body.slice(name_end + 4, value_end).get_string_from_ascii()
		at = value_end
	return ""


static func _named(name: String) -> PackedByteArray:
	return PackedByteArray([name.length()]) + name.to_ascii_buffer()


static func _property(body: PackedByteArray, name: String, value: String) -> void:
	body.append(name.length())
	body.append_array(name.to_ascii_buffer())
	body.append_array([0, 0, 0, value.length()])
	body.append_array(value.to_ascii_buffer())
