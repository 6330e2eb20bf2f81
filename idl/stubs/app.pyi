# Generated from idl/app.thrift by `make contract`; not edited by hand.
from typing import Protocol
from idl.stubs import base as _base

class KnowledgeSecrecy:
    PUBLIC: int = 0
    INTERNAL: int = 10
    CONFIDENTIAL: int = 20
    SECRET: int = 30

class DocumentKind:
    PLAIN: int = 0
    MARKDOWN: int = 1
    HTML: int = 2
    PAIRS: int = 3

class AnswerOutcome:
    PAIR: int = 0
    MODEL: int = 10
    QUOTED: int = 20
    REFUSED: int = 90

class RefusalCause:
    NONE: int = 0
    NOTHING_FOUND: int = 1
    BELOW_THRESHOLD: int = 2
    UNSUPPORTED: int = 3

class KnowledgeBase:
    id: int
    project_space_id: int
    name: str
    desc: str
    secrecy: int
    revision: int
    documents: int
    chunks: int
    user_id: int
    create_time: int
    update_time: int
    version: int
    threshold: float
    model: str
    def __init__(self, id: int | None = ..., project_space_id: int | None = ..., name: str | None = ..., desc: str | None = ..., secrecy: int | None = ..., revision: int | None = ..., documents: int | None = ..., chunks: int | None = ..., user_id: int | None = ..., create_time: int | None = ..., update_time: int | None = ..., version: int | None = ..., threshold: float | None = ..., model: str | None = ...) -> None: ...

class KnowledgeDocument:
    id: int
    base_id: int
    project_space_id: int
    name: str
    kind: int
    secrecy: int
    number: int
    document_version_id: int
    hash: str
    characters: int
    chunks: int
    dataset_id: int
    dataset_version_id: int
    user_id: int
    create_time: int
    update_time: int
    version: int
    def __init__(self, id: int | None = ..., base_id: int | None = ..., project_space_id: int | None = ..., name: str | None = ..., kind: int | None = ..., secrecy: int | None = ..., number: int | None = ..., document_version_id: int | None = ..., hash: str | None = ..., characters: int | None = ..., chunks: int | None = ..., dataset_id: int | None = ..., dataset_version_id: int | None = ..., user_id: int | None = ..., create_time: int | None = ..., update_time: int | None = ..., version: int | None = ...) -> None: ...

class TextSpan:
    start: int
    stop: int
    def __init__(self, start: int | None = ..., stop: int | None = ...) -> None: ...

class KnowledgeChunk:
    start: int
    stop: int
    headings: list[str]
    hash: str
    def __init__(self, start: int | None = ..., stop: int | None = ..., headings: list[str] | None = ..., hash: str | None = ...) -> None: ...

class DocumentText:
    document_version_id: int
    number: int
    text: str
    hash: str
    chunks: list[KnowledgeChunk]
    create_time: int
    def __init__(self, document_version_id: int | None = ..., number: int | None = ..., text: str | None = ..., hash: str | None = ..., chunks: list[KnowledgeChunk] | None = ..., create_time: int | None = ...) -> None: ...

class Passage:
    document_id: int
    document_version_id: int
    document: str
    number: int
    start: int
    stop: int
    hash: str
    headings: list[str]
    text: str
    score: float
    share: float
    hits: list[TextSpan]
    def __init__(self, document_id: int | None = ..., document_version_id: int | None = ..., document: str | None = ..., number: int | None = ..., start: int | None = ..., stop: int | None = ..., hash: str | None = ..., headings: list[str] | None = ..., text: str | None = ..., score: float | None = ..., share: float | None = ..., hits: list[TextSpan] | None = ...) -> None: ...

class QuestionPair:
    question: str
    answer: str
    def __init__(self, question: str | None = ..., answer: str | None = ...) -> None: ...

class CreateBaseReq:
    name: str
    desc: str | None
    secrecy: int | None
    threshold: float | None
    model: str | None
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, name: str | None = ..., desc: str | None = ..., secrecy: int | None = ..., threshold: float | None = ..., model: str | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class CreateBaseResp:
    knowledge_base: KnowledgeBase
    base_resp: _base.BaseResp | None
    def __init__(self, knowledge_base: KnowledgeBase | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class GetBaseReq:
    id: int
    base: _base.Base | None
    def __init__(self, id: int | None = ..., base: _base.Base | None = ...) -> None: ...

class GetBaseResp:
    knowledge_base: KnowledgeBase
    base_resp: _base.BaseResp | None
    def __init__(self, knowledge_base: KnowledgeBase | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class ListBasesReq:
    page: _base.PageReq | None
    base: _base.Base | None
    def __init__(self, page: _base.PageReq | None = ..., base: _base.Base | None = ...) -> None: ...

class ListBasesResp:
    knowledge_bases: list[KnowledgeBase]
    page: _base.PageResp | None
    base_resp: _base.BaseResp | None
    def __init__(self, knowledge_bases: list[KnowledgeBase] | None = ..., page: _base.PageResp | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class UpdateBaseReq:
    id: int
    name: str | None
    desc: str | None
    threshold: float | None
    model: str | None
    expected_version: int | None
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, id: int | None = ..., name: str | None = ..., desc: str | None = ..., threshold: float | None = ..., model: str | None = ..., expected_version: int | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class UpdateBaseResp:
    knowledge_base: KnowledgeBase
    base_resp: _base.BaseResp | None
    def __init__(self, knowledge_base: KnowledgeBase | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class DeleteBaseReq:
    id: int
    expected_version: int | None
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, id: int | None = ..., expected_version: int | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class DeleteBaseResp:
    knowledge_base: KnowledgeBase
    base_resp: _base.BaseResp | None
    def __init__(self, knowledge_base: KnowledgeBase | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class AddDocumentReq:
    base_id: int
    name: str
    kind: int
    content: str | None
    pairs: list[QuestionPair] | None
    secrecy: int | None
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, base_id: int | None = ..., name: str | None = ..., kind: int | None = ..., content: str | None = ..., pairs: list[QuestionPair] | None = ..., secrecy: int | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class AddDocumentResp:
    knowledge_document: KnowledgeDocument
    changed: bool
    base_resp: _base.BaseResp | None
    def __init__(self, knowledge_document: KnowledgeDocument | None = ..., changed: bool | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class AddDatasetReq:
    base_id: int
    dataset_version_id: int
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, base_id: int | None = ..., dataset_version_id: int | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class AddDatasetResp:
    added: int
    same: int
    removed: int
    base_resp: _base.BaseResp | None
    def __init__(self, added: int | None = ..., same: int | None = ..., removed: int | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class GetDocumentReq:
    id: int
    document_version_id: int | None
    base: _base.Base | None
    def __init__(self, id: int | None = ..., document_version_id: int | None = ..., base: _base.Base | None = ...) -> None: ...

class GetDocumentResp:
    knowledge_document: KnowledgeDocument
    document_text: DocumentText
    base_resp: _base.BaseResp | None
    def __init__(self, knowledge_document: KnowledgeDocument | None = ..., document_text: DocumentText | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class ListDocumentsReq:
    base_id: int
    name_prefix: str | None
    page: _base.PageReq | None
    base: _base.Base | None
    def __init__(self, base_id: int | None = ..., name_prefix: str | None = ..., page: _base.PageReq | None = ..., base: _base.Base | None = ...) -> None: ...

class ListDocumentsResp:
    knowledge_documents: list[KnowledgeDocument]
    page: _base.PageResp | None
    base_resp: _base.BaseResp | None
    def __init__(self, knowledge_documents: list[KnowledgeDocument] | None = ..., page: _base.PageResp | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class DeleteDocumentReq:
    id: int
    expected_version: int | None
    idempotency_key: str | None
    base: _base.Base | None
    def __init__(self, id: int | None = ..., expected_version: int | None = ..., idempotency_key: str | None = ..., base: _base.Base | None = ...) -> None: ...

class DeleteDocumentResp:
    knowledge_document: KnowledgeDocument
    base_resp: _base.BaseResp | None
    def __init__(self, knowledge_document: KnowledgeDocument | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class SearchBaseReq:
    base_id: int
    question: str
    want: int | None
    base: _base.Base | None
    def __init__(self, base_id: int | None = ..., question: str | None = ..., want: int | None = ..., base: _base.Base | None = ...) -> None: ...

class SearchBaseResp:
    passages: list[Passage]
    base_resp: _base.BaseResp | None
    def __init__(self, passages: list[Passage] | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class Citation:
    number: int
    document_id: int
    document_version_id: int
    document: str
    document_number: int
    start: int
    stop: int
    hash: str
    headings: list[str]
    text: str
    def __init__(self, number: int | None = ..., document_id: int | None = ..., document_version_id: int | None = ..., document: str | None = ..., document_number: int | None = ..., start: int | None = ..., stop: int | None = ..., hash: str | None = ..., headings: list[str] | None = ..., text: str | None = ...) -> None: ...

class AnswerSentence:
    text: str
    citations: list[int]
    supported: bool
    def __init__(self, text: str | None = ..., citations: list[int] | None = ..., supported: bool | None = ...) -> None: ...

class KnowledgeAnswer:
    outcome: int
    cause: int
    text: str
    sentences: list[AnswerSentence]
    citations: list[Citation]
    passages: list[Passage]
    share: float
    threshold: float
    model: str
    def __init__(self, outcome: int | None = ..., cause: int | None = ..., text: str | None = ..., sentences: list[AnswerSentence] | None = ..., citations: list[Citation] | None = ..., passages: list[Passage] | None = ..., share: float | None = ..., threshold: float | None = ..., model: str | None = ...) -> None: ...

class AskBaseReq:
    base_id: int
    question: str
    base: _base.Base | None
    def __init__(self, base_id: int | None = ..., question: str | None = ..., base: _base.Base | None = ...) -> None: ...

class AskBaseResp:
    knowledge_answer: KnowledgeAnswer
    base_resp: _base.BaseResp | None
    def __init__(self, knowledge_answer: KnowledgeAnswer | None = ..., base_resp: _base.BaseResp | None = ...) -> None: ...

class AppService(Protocol):
    def CreateBase(self, req: CreateBaseReq) -> CreateBaseResp: ...
    def GetBase(self, req: GetBaseReq) -> GetBaseResp: ...
    def ListBases(self, req: ListBasesReq) -> ListBasesResp: ...
    def UpdateBase(self, req: UpdateBaseReq) -> UpdateBaseResp: ...
    def DeleteBase(self, req: DeleteBaseReq) -> DeleteBaseResp: ...
    def AddDocument(self, req: AddDocumentReq) -> AddDocumentResp: ...
    def AddDataset(self, req: AddDatasetReq) -> AddDatasetResp: ...
    def GetDocument(self, req: GetDocumentReq) -> GetDocumentResp: ...
    def ListDocuments(self, req: ListDocumentsReq) -> ListDocumentsResp: ...
    def DeleteDocument(self, req: DeleteDocumentReq) -> DeleteDocumentResp: ...
    def SearchBase(self, req: SearchBaseReq) -> SearchBaseResp: ...
    def AskBase(self, req: AskBaseReq) -> AskBaseResp: ...
    def Ping(self, req: _base.PingReq) -> _base.PingResp: ...
    def CheckHealth(self, req: _base.CheckHealthReq) -> _base.CheckHealthResp: ...
    def ListStateEvents(self, req: _base.ListStateEventsReq) -> _base.ListStateEventsResp: ...
    def FollowChanges(self, req: _base.FollowChangesReq) -> _base.FollowChangesResp: ...
