## Has the sidecar send faces: of everybody, of some characters, or of those near a place that may move.
##
## One in the tree is enough: every EmotionCharacter with a `face_mesh` follows the faces that come.
## Without it characters use the face column of the state, if the sidecar streams one.
@icon("res://addons/emotion_runtime/icons/character.svg")
class_name EmotionFaces
extends Node

## Newer faces are there.
signal faces_received(block: RefCounted)
## The sidecar will not send these faces; `message` says why.
signal refused(code: String, message: String)

enum Form { ARKIT52, VRM }

const Sidecar := preload("emotion_sidecar.gd")
const Block := preload("session/face_block.gd")
const Codec := preload("wire/codec.gd")
const Line := preload("wire/line.gd")
const Protocol := preload("protocol.g.gd")
const GROUP := &"emotion_faces"
const FORMS := ["arkit52", "vrm"]

## ARKit's 52 blendshapes, or the expressions of VRM 1.0.
@export var form := Form.ARKIT52
## A byte for each weight instead of four: a quarter of the traffic, and no difference to be seen.
@export var bytes := true
## Whose faces. Empty: everybody's, or of those near.
@export var characters := PackedStringArray()
## A character or object of the scene: only the faces within `radius` metres of it come.
@export var near := ""
@export_range(0.0, 1000.0, 0.1) var radius := 0.0
## The connection to use. Empty: the first in the tree, normally the autoload.
@export var sidecar: Node = null

## The newest faces, or null.
var block: Block = null
## Blocks taken, passed over as old or foreign, and those that could not be read.
var counts := {"taken": 0, "passed_over": 0, "malformed": 0}

var _line: Line = null
var _columns: Array = []
var _codec := Codec.new()
var _asked := 0


## The one in the tree of `node`, or null.
static func of(node: Node) -> Node:
	return node.get_tree().get_first_node_in_group(GROUP) if node.is_inside_tree() else null


func _enter_tree() -> void:
	add_to_group(GROUP)


func _ready() -> void:
	if sidecar == null:
		sidecar = Sidecar.of(self)
	if sidecar == null:
		push_warning("EmotionFaces: there is no EmotionSidecar; enable the addon")
		return
	sidecar.world_changed.connect(wish)
	sidecar.replied.connect(answer)
	if not sidecar.roster.is_empty():
		wish()


func _exit_tree() -> void:
	_asked = 0
	_close()


func _process(_delta: float) -> void:
	if _line == null:
		return
	var now := Time.get_ticks_usec() / 1e6
	_line.poll(now)
	_line.went_down()
	_line.came_up()
	for payload in _line.peer.take():
		take(payload)


## Ask for what the properties say. Called by itself when a world begins; call it after changing them.
func wish() -> void:
	if sidecar.client() == null:
		return
	var wanted := {"form": FORMS[form], "u8": bytes}
	if not characters.is_empty():
		wanted["characters"] = Array(characters)
	if near:
		wanted.merge({"near": near, "radius": radius})
	_asked = sidecar.client().request("subscribe_faces", wanted)


## The answer to a request, perhaps to ours.
func answer(id: int, reply: Dictionary) -> void:
	if id != _asked or sidecar.client() == null:
		return
	_close()
	if reply.get("error") != null:
		refused.emit(reply["error"]["code"], reply["error"]["message"])
		return
	_columns = reply["result"]["columns"]
	_line = sidecar.client().stream_line(reply["result"]["topic"])


## Take one frame of faces; true if it is news.
func take(payload: PackedByteArray) -> bool:
	if not Block.is_topic(payload):
		counts["malformed"] += 1
		return false
	var message := _codec.decode(payload, ["faces"], Protocol.MAX_STATE_BYTES, Block.TOPIC_BYTES)
	if message.is_empty():
		counts["malformed"] += 1
		return false
	var old: bool = block != null and message["tick"] <= block.tick and message["session"] == block.session
	var read := Block.new()
	var foreign: bool = message["session"] != sidecar.client().frames.session()
	if old or foreign or not read.read(message, sidecar.roster, _columns):
		counts["malformed" if read.code != "" and read.code != "stale_epoch" else "passed_over"] += 1
		return false
	block = read
	counts["taken"] += 1
	faces_received.emit(block)
	return true


func _close() -> void:
	block = null
	if _line != null:
		_line.close()
		_line = null
