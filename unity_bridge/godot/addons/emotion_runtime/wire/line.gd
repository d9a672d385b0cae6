## One peer that is dialled again after every failure, ever more slowly: 0.1 s at first, 2 s at most.
extends RefCounted

const Peer := preload("zmtp_peer.gd")

const RETRY_SECONDS := 0.1
const RETRY_SECONDS_MAX := 2.0

var peer: Peer
## Set to stop dialling: what was refused once will be refused again.
var given_up := false

var _host := ""
var _port := 0
var _wait := RETRY_SECONDS
var _due := 0.0
var _stood := false
var _down := true


func _init(kind: String, topic := "", token := "", token_file := "") -> void:
	peer = Peer.new(kind, topic, token)
	peer.token_file = token_file


## Dial for the first time, or another place.
func open(host: String, port: int, now: float) -> void:
	_host = host
	_port = port
	given_up = false
	_dial(now)


## End it: nothing is dialled until `open`.
func close() -> void:
	given_up = true
	_stood = false
	_down = true
	peer.close()


## Cut the connection without a word; the next `poll` dials again.
func cut(now: float) -> void:
	peer.close()
	_due = now
	_stood = false
	_down = true


## Whether a connection stands that did not at the last `came_up`.
func came_up() -> bool:
	if peer.state != Peer.State.READY or _stood:
		return false
	_stood = true
	_wait = RETRY_SECONDS
	return true


## Whether a dial or a connection has failed since the last `went_down`.
func went_down() -> bool:
	if _down or peer.state != Peer.State.FAILED:
		return false
	_down = true
	_stood = false
	return true


func is_up() -> bool:
	return peer.state == Peer.State.READY


## Read and write what is possible, and dial if it is time.
func poll(now: float) -> void:
	if peer.state == Peer.State.FAILED or peer.state == Peer.State.CLOSED:
		if given_up:
			return
		if peer.state == Peer.State.FAILED and _due == INF:
			_due = now + _wait
			_wait = minf(_wait * 2.0, RETRY_SECONDS_MAX)
		elif now >= _due and _down:
			_dial(now)
	peer.poll(now)


func _dial(now: float) -> void:
	_due = INF
	_stood = false
	_down = false
	peer.open(_host, _port, now)
