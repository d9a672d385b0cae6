## The nodes a designer drops in, with a sidecar that is played by hand.
extends "case.gd"

const Sidecar := preload("res://addons/emotion_runtime/emotion_sidecar.gd")
const Character := preload("res://addons/emotion_runtime/emotion_character.gd")
const SmartObject := preload("res://addons/emotion_runtime/emotion_smart_object.gd")
const Utterance := preload("res://addons/emotion_runtime/emotion_utterance.gd")
const Overlay := preload("res://addons/emotion_runtime/emotion_overlay.gd")
const Face := preload("res://addons/emotion_runtime/character_face.gd")
const FaceBuilder := preload("res://demo/face_builder.gd")
const Positions := preload("res://addons/emotion_runtime/wire/positions.gd")
const World := preload("played_world.gd")


func test_a_character_has_the_emotions_of_its_row() -> void:
	var world := _world()
	var ann := _character(world, "ann", 0.0)
	var heard := []
	ann.emotion_changed.connect(func(emotion: Dictionary) -> void: heard.append(emotion.duplicate()))
	world.tick([[0.25, 0.5], [0.125, 0.0625]])
	await tree.process_frame
	equal(ann.emotion, {"anger": 0.25, "joy": 0.5}, "the emotions of row 0")
	equal(ann.strongest(), "joy", "the strongest")
	equal(heard.size(), 1, "one signal a frame")
	equal(ann.mood, Vector3(0.5, 0.0, -0.5), "the mood")


func test_between_ticks_values_move_smoothly_towards_the_new_state() -> void:
	var world := _world()
	var ann := _character(world, "ann", 0.1)
	world.tick([[0.1, 0.1], [0.1, 0.1]])
	ann._process(0.1)
	world.tick([[0.9, 0.1], [0.1, 0.1]])
	ann._process(0.1)
	check(absf(ann.feels("anger") - (0.1 + 0.8 * (1.0 - exp(-1.0)))) < 1e-4, "a step of one time constant")
	var before := ann.feels("anger")
	ann._process(0.1)
	check(ann.feels("anger") > before and ann.feels("anger") < 0.9, "it goes on, without overshoot")


func test_a_row_out_of_range_is_refused_and_the_old_state_stays() -> void:
	var world := _world()
	var ann := _character(world, "ann", 0.0)
	world.tick([[0.25, 0.5], [0.1, 0.1]])
	ann._process(0.1)
	world.raw_tick(PackedFloat32Array([NAN, 0.5, 0.1, 0.1]))
	ann._process(0.1)
	equal(ann.feels("anger"), 0.25, "the old value")
	equal(ann.refused_rows, 1, "counted")


func test_actions_start_and_stop_and_are_reported_once() -> void:
	var world := _world()
	var ann := _character(world, "ann", 0.0)
	ann.finish_by_itself = false
	var told := []
	ann.action_started.connect(func(action: RefCounted) -> void: told.append("start " + action.rule))
	ann.action_stopped.connect(func(action: RefCounted, why: String) -> void: told.append("%s %s" % [action.rule, why]))
	world.start(7, "bob", "wave", ["ann"])
	world.start(8, "ann", "flee", ["bob"])
	equal(told, ["start flee"], "only its own")
	equal([ann.action.target(), ann.action.why], ["bob", "because"], "target and why")
	ann.report_success()
	ann.report_success()
	ann.report_failure("no")
	equal(world.told("result"), [{"kind": "result", "action": 8, "ok": true}], "one report")
	world.stop(8, "success")
	equal(told, ["start flee", "flee success"], "closed")
	check(ann.action == null, "nothing to do")


func test_faces_on_request_move_the_meshes_of_their_rows() -> void:
	var world := _world()
	var faces := EmotionFaces.new()
	faces.sidecar = world.sidecar
	faces._columns = ["jawOpen", "eyeBlinkLeft"]
	tree.root.add_child(faces)
	var mesh := MeshInstance3D.new()
	mesh.mesh = FaceBuilder.build()
	tree.root.add_child(mesh)
	var ann := _character(world, "ann", 0.0)
	ann.face_mesh = mesh
	ann._begin()
	ann._find_faces()
	world.tick([[0.25, 0.5], [0.125, 0.0625]])
	check(faces.take(world.faces([0], PackedByteArray([255, 51]))), "a block is news")
	ann._process(0.1)
	equal(ann.driven_shapes(), 2, "its own columns")
	var jaw: int = mesh.mesh.get_blend_shape_count() - 1
	equal(mesh.get_blend_shape_value(jaw), 1.0, "the jaw is open")
	check(not faces.take(world.faces([0], PackedByteArray([0, 0]))), "the same tick again is not")
	world.tick([[0.25, 0.5], [0.125, 0.0625]])
	check(faces.take(world.faces([1], PackedByteArray([255, 255]))), "somebody else's")
	ann._process(0.1)
	equal(mesh.get_blend_shape_value(jaw), 0.0, "who is not near is at rest")
	world.tick([[0.25, 0.5], [0.125, 0.0625]])
	check(not faces.take(world.faces([1], PackedByteArray([255]))), "a byte is missing")
	check(not faces.take(world.faces([1], PackedByteArray([1, 2]), 7)), "another world's")
	equal(faces.counts, {"taken": 2, "passed_over": 2, "malformed": 1}, "all are counted")
	faces.free()
	mesh.free()


func test_a_voice_is_told_with_the_words() -> void:
	var world := _world()
	var ann := _character(world, "ann", 0.0)
	check(ann.say("hello", "", {"lasts": 1.5}) > 0, "said")
	equal(world.told("utterance")[0]["lasts"], 1.5, "how long the voice takes")
	check(ann.perform({"jawOpen": 0.5}), "performed")
	equal(world.told("capture"), [{"kind": "capture", "character": "ann", "weights": {"jawOpen": 0.5}}], "captured")


func test_an_action_ends_by_itself_after_its_nominal_time() -> void:
	var world := _world()
	var ann := _character(world, "ann", 0.0)
	world.start(8, "ann", "flee", ["bob"], 0.05)
	ann._process(0.01)
	equal(world.told("result"), [], "not yet")
	ann.action.started_at -= 0.1
	ann._process(0.01)
	equal(world.told("result").size(), 1, "reported")


func test_another_world_stops_what_was_under_way() -> void:
	var world := _world()
	var ann := _character(world, "ann", 0.0)
	var reasons := []
	ann.action_stopped.connect(func(_action: RefCounted, why: String) -> void: reasons.append(why))
	world.start(8, "ann", "flee", ["bob"])
	world.begin(PackedStringArray(["bob", "ann"]))
	equal(reasons, ["new_world"], "stopped")
	world.tick([[0.1, 0.1], [0.75, 0.5]])
	ann._process(0.1)
	equal(ann.feels("anger"), 0.75, "read from its new row")


func test_without_news_everything_is_held_and_then_fades() -> void:
	var world := _world()
	var ann := _character(world, "ann", 0.0)
	world.tick([[0.5, 0.5], [0.1, 0.1]])
	ann._process(0.1)
	world.sidecar.presence = 0.5
	ann._process(0.1)
	equal(ann.feels("anger"), 0.25, "half faded")
	world.sidecar.presence = 0.0
	ann._process(0.1)
	equal(ann.feels("anger"), 0.0, "neutral")


func test_a_character_tells_where_its_parent_stands_when_it_has_moved() -> void:
	var world := _world()
	var ann := _character(world, "ann", 0.0)
	var body := ann.get_parent() as Node3D
	body.position = Vector3(1, 0, 2)
	world.tick([[0.5, 0.5], [0.1, 0.1]])
	ann._process(0.2)
	equal(world.told("move").map(_at), [[1.0, 0.0, 2.0]], "where it begins")
	world.sidecar.event("bang")
	ann._process(0.2)
	equal(world.told("move").size(), 1, "it stands still")
	body.position.x = 3.0
	ann._process(0.2)
	equal(world.told("move").map(_at), [[1.0, 0.0, 2.0], [3.0, 0.0, 2.0]], "it has moved")


func test_arkit_shapes_are_found_under_the_names_importers_give_them() -> void:
	for name: String in ["mouthSmileLeft", "MouthSmile_L", "blendShape1.mouthSmileLeft", "mouth-smile-left"]:
		equal(Face.plain(name), "mouthsmilel", name)
	var mesh := MeshInstance3D.new()
	mesh.mesh = FaceBuilder.build()
	put(mesh)
	var face := Face.new(mesh, ["tongueOut", "jawOpen", "mouthSmileRight"], ["joy"])
	equal(face.driven, 2, "those the mesh has")
	face.apply(PackedFloat32Array([1.0, 0.5, 0.25]), PackedFloat32Array([0.9]), 1.0, 1.0)
	equal(mesh.get_blend_shape_value(mesh.find_blend_shape_by_name("jawOpen")), 0.5, "jawOpen")
	face.apply(PackedFloat32Array([1.0, 0.5, 0.25]), PackedFloat32Array([0.9]), 0.5, 0.0)
	equal(mesh.get_blend_shape_value(mesh.find_blend_shape_by_name("mouthSmileRight")), 0.125, "fades half-way")


func test_a_mesh_with_vrm_presets_follows_the_emotions() -> void:
	var mesh := MeshInstance3D.new()
	var array := ArrayMesh.new()
	for name: String in ["Fcl_ALL_Joy", "Fcl_ALL_Angry", "Fcl_MTH_A"]:
		array.add_blend_shape(name)
	var arrays := []
	arrays.resize(Mesh.ARRAY_MAX)
	arrays[Mesh.ARRAY_VERTEX] = PackedVector3Array([Vector3.ZERO, Vector3.RIGHT, Vector3.UP])
	var moved: Array = arrays.duplicate()
	array.add_surface_from_arrays(Mesh.PRIMITIVE_TRIANGLES, arrays, [moved, moved, moved])
	mesh.mesh = array
	put(mesh)
	var face := Face.new(mesh, ["jawOpen"], ["anger", "joy"])
	equal(face.driven, 2, "two presets")
	face.apply(PackedFloat32Array(), PackedFloat32Array([0.25, 0.75]), 1.0, 1.0)
	equal(mesh.get_blend_shape_value(0), 0.75, "joy")


func test_an_animation_tree_follows_emotions_and_actions() -> void:
	var world := _world()
	var ann := _character(world, "ann", 0.0)
	ann.animation_tree = put(AnimationTree.new())
	var blend := AnimationNodeBlendTree.new()
	blend.add_node("sulk", AnimationNodeAdd2.new())
	blend.add_node("run", AnimationNodeAdd2.new())
	ann.animation_tree.tree_root = blend
	ann.animation_parameters = {"parameters/sulk/add_amount": "anger", "parameters/run/add_amount": "action:flee"}
	world.tick([[0.75, 0.5], [0.1, 0.1]])
	ann._process(0.1)
	equal(ann.animation_tree.get("parameters/sulk/add_amount"), 0.75, "an emotion")
	equal(ann.animation_tree.get("parameters/run/add_amount"), 0.0, "no action")
	world.start(3, "ann", "flee", [])
	ann._process(0.1)
	equal(ann.animation_tree.get("parameters/run/add_amount"), 1.0, "an action")


func test_a_smart_object_tells_its_variables_and_their_changes() -> void:
	var world := _world()
	var fire := SmartObject.new()
	fire.id = "campfire"
	fire.sidecar = world.sidecar
	fire.variables = {"lit": true}
	put(fire)
	fire.set_variable("heat", 0.95)
	var told: Array = world.told("variable")
	equal(told.map(func(item: Dictionary) -> String: return item["name"]), ["campfire.lit", "campfire.heat"], "names")
	equal(fire.variable("heat"), 0.95, "kept here")


func test_an_utterance_tells_the_words_and_hands_on_what_was_heard() -> void:
	var world := _world()
	var ann := _character(world, "ann", 0.0)
	var line := Utterance.new()
	line.sidecar = world.sidecar
	line.text = "Hello!"
	line.to = "bob"
	put(line, ann)
	var heard := []
	line.perceived.connect(func(label: String, of: Dictionary) -> void: heard.append([label, of]))
	check(line.say(), "said")
	var told: Dictionary = world.told("utterance")[0]
	equal([told["speaker"], told["text"], told["to"]], ["ann", "Hello!", "bob"], "the utterance")
	world.hear(99, "anger")
	world.hear(told["id"], "joy")
	equal(heard, [["joy", {"joy": 1.0}]], "only its own")


func test_the_overlay_draws_without_a_camera_and_without_a_sidecar() -> void:
	var world := _world()
	_character(world, "ann", 0.0)
	var overlay := Overlay.new()
	overlay.sidecar = world.sidecar
	put(overlay)
	world.tick([[0.5, 0.5], [0.1, 0.1]])
	world.start(3, "ann", "flee", ["bob"])
	await tree.process_frame
	await tree.process_frame


func test_what_is_not_an_observation_is_not_sent() -> void:
	var world := _world()
	check(not world.sidecar.say("", "Hello"), "nobody speaks")
	check(not world.sidecar.set_variable("a.b", "text"), "a text is no value")
	check(not world.sidecar.move("ann", Vector3(NAN, 0, 0)), "nowhere")
	equal(world.all_told().size(), 0, "nothing is queued")


func test_many_places_are_told_as_one_observation_of_ascending_rows() -> void:
	var world := _world()
	check(world.sidecar.move_all({"bob": Vector3(1, 0, 2), "ann": Vector3(-1.5, 0, 0.5)}), "both are told")
	var told := world.told("positions")
	equal(told.size(), 1, "one observation")
	var columns := Positions.new()
	check(columns.read(told[0], 1, 2), columns.what)
	equal(columns.index, PackedInt64Array([0, 1]), "ann is the first row")
	equal(columns.xyz, PackedFloat32Array([-1.5, 0, 0.5, 1, 0, 2]), "metres")


func test_positions_that_do_not_fit_the_roster_are_not_sent() -> void:
	var world := _world()
	check(not world.sidecar.move_all({"nobody": Vector3.ZERO}), "a name the scene lacks")
	check(not world.sidecar.move_all({"ann": Vector3(0, NAN, 0)}), "nowhere")
	check(not world.sidecar.tell(Positions.written(1, {2: Vector3.ZERO})), "a row the roster lacks")
	check(not world.sidecar.tell(Positions.written(2, {0: Vector3.ZERO})), "another roster")
	equal(world.all_told().size(), 0, "nothing is queued")


static func _at(move: Dictionary) -> Array:
	return move["at"]


func _world() -> World:
	var world := World.new()
	put(world.sidecar)
	world.begin(PackedStringArray(["ann", "bob"]))
	return world


func _character(world: World, id: String, smoothing: float) -> Character:
	var body := put(Node3D.new())
	var character := Character.new()
	character.id = id
	character.sidecar = world.sidecar
	character.smoothing = smoothing
	put(character, body)
	return character
