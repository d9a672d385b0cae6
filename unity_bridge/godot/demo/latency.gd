## How long after it left the sidecar a state reaches the game, in milliseconds and rendered frames.
##
## Both clocks are monotonic but start elsewhere; the quickest delivery is taken as half a millisecond.
extends RefCounted

const QUICKEST_MS := 0.5

var _delays := PackedFloat64Array()


func take(frame: EmotionFrame) -> void:
	if frame.sent > 0.0 and not frame.paused:
		_delays.append(Time.get_ticks_usec() / 1000.0 - frame.sent * 1000.0)


## `p50` and `p95` in milliseconds and in frames of 1/60 s.
func summary() -> Dictionary:
	if _delays.size() < 20:
		return {}
	var sorted := _delays.duplicate()
	sorted.sort()
	var p50 := sorted[sorted.size() / 2] - sorted[0] + QUICKEST_MS
	var p95 := sorted[sorted.size() * 95 / 100] - sorted[0] + QUICKEST_MS
	return {"count": sorted.size(), "p50_ms": p50, "p95_ms": p95, "p50_frames": p50 * 0.06, "p95_frames": p95 * 0.06}
