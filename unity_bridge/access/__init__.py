"""Who may connect and do what: tokens and keys, roles, the sidecar's answers to a handshake, a client's credentials."""

from unity_bridge.access.credentials import Credentials
from unity_bridge.access.keys import SidecarKeys
from unity_bridge.access.roles import ALLOWED, ROLES, Role, may
from unity_bridge.access.tokens import new_tokens, write_tokens
from unity_bridge.access.zap import Access

__all__ = ["ALLOWED", "ROLES", "Access", "Credentials", "Role", "SidecarKeys", "may", "new_tokens", "write_tokens"]
