## Batches numbered 1, 2, 3 ... kept until the sidecar has confirmed them.
##
## The connection may lose anything: after `resume` sending starts again behind the last batch the
## sidecar has.
extends RefCounted

## Batches that may be under way: the sidecar's credit.
var window := 1
## Highest number confirmed.
var acked := 0
## Highest number given out.
var last := 0
## Highest number handed to the present connection.
var cursor := 0
## How many were sent again.
var resent := 0

var _high := 0
var _frames: Array[PackedByteArray] = []


func _init(credit: int) -> void:
	window = maxi(1, credit)


func size() -> int:
	return _frames.size()


func room() -> int:
	return window - _frames.size()


## Keep a batch, which must carry the number `last + 1`.
func push(frame: PackedByteArray) -> void:
	_frames.append(frame)
	last += 1


## The next batch for the connection, or empty.
func peek() -> PackedByteArray:
	return _frames[cursor - acked] if cursor < last else PackedByteArray()


## The connection took the batch of `peek`.
func sent() -> void:
	cursor += 1
	if cursor <= _high:
		resent += 1
	else:
		_high = cursor


## Everything up to `seq` arrived. False, and nothing changes, for a number never sent.
func ack(seq: int) -> bool:
	if seq > _high:
		return false
	while acked < seq:
		_frames.pop_front()
		acked += 1
	cursor = maxi(cursor, acked)
	return true


## Start again behind `received`. False when that cannot be: then it is another world.
func resume(received: int) -> bool:
	if received < acked or received > _high:
		return false
	ack(received)
	cursor = acked
	return true
