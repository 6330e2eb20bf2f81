# Generated from idl/base.thrift by `python -m libs.common.contract.stubs`; not edited by hand.
from typing import Protocol

class Base:
    log_id: str | None
    caller: str | None
    addr: str | None
    client: str | None
    traffic_env: str | None
    extra: dict[str, str] | None
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
    id: int | None
    entity: str | None
    entity_id: int | None
    from_status: int | None
    to_status: int | None
    event: str | None
    reason: str | None
    user_id: int | None
    request_id: str | None
    create_time: int | None
    def __init__(self, id: int | None = ..., entity: str | None = ..., entity_id: int | None = ..., from_status: int | None = ..., to_status: int | None = ..., event: str | None = ..., reason: str | None = ..., user_id: int | None = ..., request_id: str | None = ..., create_time: int | None = ...) -> None: ...

class PingReq:
    text: str | None
    base: Base | None
    def __init__(self, text: str | None = ..., base: Base | None = ...) -> None: ...

class PingResp:
    text: str | None
    service_name: str | None
    server_time: int | None
    base_resp: BaseResp | None
    def __init__(self, text: str | None = ..., service_name: str | None = ..., server_time: int | None = ..., base_resp: BaseResp | None = ...) -> None: ...

class CheckHealthReq:
    base: Base | None
    def __init__(self, base: Base | None = ...) -> None: ...

class CheckHealthResp:
    ready: bool | None
    service_name: str | None
    parts: dict[str, str] | None
    uptime_ms: int | None
    base_resp: BaseResp | None
    def __init__(self, ready: bool | None = ..., service_name: str | None = ..., parts: dict[str, str] | None = ..., uptime_ms: int | None = ..., base_resp: BaseResp | None = ...) -> None: ...

class ListStateEventsReq:
    entity: str | None
    entity_id: int | None
    page: PageReq | None
    base: Base | None
    def __init__(self, entity: str | None = ..., entity_id: int | None = ..., page: PageReq | None = ..., base: Base | None = ...) -> None: ...

class ListStateEventsResp:
    events: list[StateEvent] | None
    page: PageResp | None
    base_resp: BaseResp | None
    def __init__(self, events: list[StateEvent] | None = ..., page: PageResp | None = ..., base_resp: BaseResp | None = ...) -> None: ...

class PlatformError(Exception):
    code: int | None
    message: str | None
    details: dict[str, str] | None
    retryable: bool | None
    reason: int | None
    def __init__(self, code: int | None = ..., message: str | None = ..., details: dict[str, str] | None = ..., retryable: bool | None = ..., reason: int | None = ...) -> None: ...

class PlatformService(Protocol):
    def Ping(self, req: PingReq) -> PingResp: ...
    def CheckHealth(self, req: CheckHealthReq) -> CheckHealthResp: ...
    def ListStateEvents(self, req: ListStateEventsReq) -> ListStateEventsResp: ...
