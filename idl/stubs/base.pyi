# Generated from idl/base.thrift by `make contract`; not edited by hand.
from typing import Protocol

class ChangeKind:
    MADE: int = 0
    CHANGED: int = 1
    DELETED: int = 2
    PROGRESS: int = 3

class Base:
    log_id: str | None
    caller: str | None
    addr: str | None
    client: str | None
    traffic_env: str | None
    extra: dict[str, str]
    user_id: int | None
    project_space_id: int | None
    budget_ms: int | None
    auth: str | None
    def __init__(self, log_id: str | None = ..., caller: str | None = ..., addr: str | None = ..., client: str | None = ..., traffic_env: str | None = ..., extra: dict[str, str] | None = ..., user_id: int | None = ..., project_space_id: int | None = ..., budget_ms: int | None = ..., auth: str | None = ...) -> None: ...

class BaseResp:
    log_id: str | None
    def __init__(self, log_id: str | None = ...) -> None: ...

class PageReq:
    cursor: str | None
    limit: int | None
    def __init__(self, cursor: str | None = ..., limit: int | None = ...) -> None: ...

class PageResp:
    next_cursor: str | None
    def __init__(self, next_cursor: str | None = ...) -> None: ...

class StateEvent:
    id: int
    entity: str
    entity_id: int
    from_status: int
    to_status: int
    event: str
    reason: str
    user_id: int
    request_id: str
    create_time: int
    def __init__(self, id: int | None = ..., entity: str | None = ..., entity_id: int | None = ..., from_status: int | None = ..., to_status: int | None = ..., event: str | None = ..., reason: str | None = ..., user_id: int | None = ..., request_id: str | None = ..., create_time: int | None = ...) -> None: ...

class Change:
    position: int
    entity: str
    entity_id: int
    parent_id: int
    project_space_id: int
    kind: int
    state: str
    version: int
    secrecy: int
    user_id: int
    name: str
    create_time: int
    done: int
    total: int
    def __init__(self, position: int | None = ..., entity: str | None = ..., entity_id: int | None = ..., parent_id: int | None = ..., project_space_id: int | None = ..., kind: int | None = ..., state: str | None = ..., version: int | None = ..., secrecy: int | None = ..., user_id: int | None = ..., name: str | None = ..., create_time: int | None = ..., done: int | None = ..., total: int | None = ...) -> None: ...

class File:
    name: str
    media_type: str
    bytes: int
    sha256: str
    def __init__(self, name: str | None = ..., media_type: str | None = ..., bytes: int | None = ..., sha256: str | None = ...) -> None: ...

class PingReq:
    text: str | None
    base: Base | None
    def __init__(self, text: str | None = ..., base: Base | None = ...) -> None: ...

class PingResp:
    text: str
    service_name: str
    server_time: int
    base_resp: BaseResp | None
    def __init__(self, text: str | None = ..., service_name: str | None = ..., server_time: int | None = ..., base_resp: BaseResp | None = ...) -> None: ...

class CheckHealthReq:
    base: Base | None
    def __init__(self, base: Base | None = ...) -> None: ...

class CheckHealthResp:
    ready: bool
    service_name: str
    parts: dict[str, str]
    uptime_ms: int
    base_resp: BaseResp | None
    def __init__(self, ready: bool | None = ..., service_name: str | None = ..., parts: dict[str, str] | None = ..., uptime_ms: int | None = ..., base_resp: BaseResp | None = ...) -> None: ...

class ListStateEventsReq:
    entity: str
    entity_id: int
    page: PageReq | None
    base: Base | None
    def __init__(self, entity: str | None = ..., entity_id: int | None = ..., page: PageReq | None = ..., base: Base | None = ...) -> None: ...

class ListStateEventsResp:
    events: list[StateEvent]
    page: PageResp | None
    base_resp: BaseResp | None
    def __init__(self, events: list[StateEvent] | None = ..., page: PageResp | None = ..., base_resp: BaseResp | None = ...) -> None: ...

class FollowChangesReq:
    after: int | None
    most: int | None
    base: Base | None
    def __init__(self, after: int | None = ..., most: int | None = ..., base: Base | None = ...) -> None: ...

class FollowChangesResp:
    changes: list[Change]
    floor: int
    newest: int
    base_resp: BaseResp | None
    def __init__(self, changes: list[Change] | None = ..., floor: int | None = ..., newest: int | None = ..., base_resp: BaseResp | None = ...) -> None: ...

class PlatformError(Exception):
    code: int
    message: str
    details: dict[str, str]
    retryable: bool
    reason: int
    def __init__(self, code: int | None = ..., message: str | None = ..., details: dict[str, str] | None = ..., retryable: bool | None = ..., reason: int | None = ...) -> None: ...

class PlatformService(Protocol):
    def Ping(self, req: PingReq) -> PingResp: ...
    def CheckHealth(self, req: CheckHealthReq) -> CheckHealthResp: ...
    def ListStateEvents(self, req: ListStateEventsReq) -> ListStateEventsResp: ...
    def FollowChanges(self, req: FollowChangesReq) -> FollowChangesResp: ...
