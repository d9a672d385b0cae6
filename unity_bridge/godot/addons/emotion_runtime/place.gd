## Where a node stands in the sidecar's metres: Node3D as it is, Node2D on the floor.
extends RefCounted


## INF for a node that stands nowhere.
static func of(node: Node, pixels_per_metre: float) -> Vector3:
	if node is Node3D:
		return (node as Node3D).global_position
	if node is Node2D:
		var at := (node as Node2D).global_position / pixels_per_metre
		return Vector3(at.x, 0.0, at.y)
	return Vector3.INF
