"""Who may come in, who owns whom, and what happens to engines that stay away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from protocol.messages import Hello, Refused
from unity_bridge import BridgeConfig
from unity_bridge.registry import Accepted, Registry

SESSION = 5


def gone(_: bytes) -> bool:
    return False


def alive(_: bytes) -> bool:
    return True


def registry(**options: Any) -> Registry:
    return Registry(SESSION, ("ann", "bob", "cid"), BridgeConfig(port=0, **options))


def accept(
    reg: Registry, route: bytes, client: str, now: float = 0.0, probe: Callable[[bytes], bool] = gone, **fields: Any
) -> Accepted:
    answer = reg.hello(route, Hello(client=client, **fields), now, probe)
    assert isinstance(answer, Accepted), answer
    return answer


def refuse(reg: Registry, route: bytes, client: str, probe: Callable[[bytes], bool] = gone, **fields: Any) -> Refused:
    answer = reg.hello(route, Hello(client=client, **fields), 0.0, probe)
    assert isinstance(answer, Refused), answer
    assert answer.remedy
    return answer


def test_an_engine_that_names_nobody_gets_all_that_is_free() -> None:
    reg = registry()
    assert accept(reg, b"1", "one", owns=("bob",)).session.owns == ("bob",)
    assert accept(reg, b"2", "two").session.owns == ("ann", "cid")
    assert accept(reg, b"3", "three").session.owns == ()
    assert reg.owner("bob") is reg.of(b"1")


def test_a_refused_hello_changes_nothing() -> None:
    reg = registry(max_sessions=2)
    one = accept(reg, b"1", "one", owns=("bob",)).session
    assert refuse(reg, b"2", "two", owns=("ann", "bob")).code == "already_owned"
    assert refuse(reg, b"2", "two", owns=("zoe",)).code == "unknown_character"
    assert refuse(reg, b"2", "one", alive).code == "already_connected"
    assert refuse(reg, b"1", "other").code == "already_connected"
    assert [*reg] == [one]
    assert reg.owner("ann") is None
    assert reg.of(b"2") is None


def test_a_returning_engine_keeps_its_characters_and_its_number() -> None:
    reg = registry()
    first = accept(reg, b"1", "one").session
    reg.detach(first, 1.0)
    back = accept(reg, b"2", "one", now=2.0, session=SESSION)
    assert back.resumed
    assert back.session is first
    assert reg.of(b"1") is None
    assert reg.of(b"2") is first


def test_a_returning_engine_is_let_in_though_its_old_connection_still_seems_alive() -> None:
    reg = registry()
    accept(reg, b"1", "one")
    assert accept(reg, b"2", "one", probe=alive, session=SESSION).resumed


def test_an_engine_that_forgot_everything_starts_anew_and_its_old_session_ends() -> None:
    reg = registry()
    first = accept(reg, b"1", "one").session
    second = accept(reg, b"2", "one")
    assert not second.resumed
    assert second.replaced is first
    assert second.session.owns == ("ann", "bob", "cid")
    assert second.session.number != first.number


def test_an_engine_of_an_earlier_start_of_the_sidecar_starts_anew() -> None:
    reg = registry()
    assert not accept(reg, b"1", "one", session=SESSION - 1, received=9).resumed


def test_a_number_that_was_never_sent_cannot_be_resumed_from() -> None:
    reg = registry()
    reg.detach(accept(reg, b"1", "one").session, 0.0)
    assert not accept(reg, b"2", "one", session=SESSION, received=4).resumed


def test_who_stays_away_too_long_is_forgotten_and_its_characters_are_free() -> None:
    reg = registry(resume_for=60.0)
    session = accept(reg, b"1", "one").session
    reg.detach(session, 10.0)
    assert reg.expired(70.0) == []
    assert reg.expired(70.1) == [session]
    reg.end(session, "expired")
    assert accept(reg, b"2", "two").session.owns == ("ann", "bob", "cid")


def test_the_house_is_full_until_a_viewer_that_is_away_makes_room() -> None:
    reg = registry(max_sessions=2)
    accept(reg, b"1", "owner")
    viewer = accept(reg, b"2", "viewer", owns=()).session
    assert refuse(reg, b"3", "late", owns=()).code == "too_many_sessions"
    reg.detach(viewer, 0.0)
    accept(reg, b"3", "late", owns=())
    assert [s.client for s in reg] == ["owner", "late"]


def test_a_hello_said_twice_on_one_connection_is_one_session() -> None:
    reg = registry()
    first = accept(reg, b"1", "one")
    first.session.attach(b"1", 0.0, b"welcome", b"snapshot")
    again = accept(reg, b"1", "one")
    assert again.session is first.session
    assert again.session.next_frame(0.0, 1.0) == b"welcome"
