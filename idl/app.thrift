// What people use: knowledge bases of documents, searched and answered from.

namespace cpp modelyard.app
namespace go modelyard.app
namespace java modelyard.app
namespace js modelyard.app
namespace php modelyard.app
namespace py modelyard.app
namespace netstd Modelyard.App
namespace rb Modelyard.App

include "base.thrift"
include "task.thrift"

// The same levels as dataset.SecrecyLevel.
enum KnowledgeSecrecy {
    PUBLIC = 0,
    INTERNAL = 10,
    CONFIDENTIAL = 20,
    SECRET = 30,
}

enum DocumentKind {
    PLAIN = 0,
    MARKDOWN = 1,
    HTML = 2,
    PAIRS = 3,                  // questions with their answers
}

enum AnswerOutcome {
    PAIR = 0,                   // somebody wrote the answer to this question
    MODEL = 10,                 // a model wrote it from passages
    QUOTED = 20,                // sentences of the nearest passage
    REFUSED = 90,
}

enum RefusalCause {
    NONE = 0,
    NOTHING_FOUND = 1,
    BELOW_THRESHOLD = 2,
    UNSUPPORTED = 3,            // no sentence that the model wrote stands in a passage
}

struct KnowledgeBase {
    1: i64 id,
    2: i64 project_space_id,
    3: string name,
    4: string desc,
    5: KnowledgeSecrecy secrecy,            // whoever sees less does not see the base
    6: i32 revision,                        // moves with each change of what it holds
    7: i64 documents,                       // of those the caller may see
    8: i64 chunks,
    9: i64 user_id,
    10: i64 create_time,
    11: i64 update_time,
    12: i32 version,
    13: double threshold,                   // so much of a question must be in a passage, or it is not answered; 0 to 1
    14: string model,                       // that writes answers, by its name in /v1; empty = passages are quoted
}

struct KnowledgeDocument {
    1: i64 id,
    2: i64 base_id,
    3: i64 project_space_id,
    4: string name,
    5: DocumentKind kind,
    6: KnowledgeSecrecy secrecy,
    7: i32 number,                          // of its newest version
    8: i64 document_version_id,
    9: string hash,                         // of that version's text
    10: i64 characters,
    11: i64 chunks,
    12: i64 dataset_id,                     // that it came from; 0 = none
    13: i64 dataset_version_id,
    14: i64 user_id,
    15: i64 create_time,
    16: i64 update_time,
    17: i32 version,
}

// From start up to stop, in characters.
struct TextSpan {
    1: i64 start,
    2: i64 stop,
}

// A piece of a document under the headings it stands below.
struct KnowledgeChunk {
    1: i64 start,                           // in the text of the document version, in characters
    2: i64 stop,
    3: list<string> headings,
    4: string hash,                         // of the piece
}

// What a document said at one time.
struct DocumentText {
    1: i64 document_version_id,
    2: i32 number,
    3: string text,
    4: string hash,
    5: list<KnowledgeChunk> chunks,         // none of a version that is not the newest
    6: i64 create_time,
}

// A piece that was found.
struct Passage {
    1: i64 document_id,
    2: i64 document_version_id,
    3: string document,
    4: i32 number,
    5: i64 start,
    6: i64 stop,
    7: string hash,
    8: list<string> headings,
    9: string text,
    10: double score,                       // BM25; comparable within one answer
    11: double share,                       // of the question's words found in it, each by how rare it is; 0 to 1
    12: list<TextSpan> hits,                // the words that were found, in text
}

struct QuestionPair {
    1: required string question,
    2: required string answer,
}

struct CreateBaseReq {
    1: required string name,
    2: optional string desc,
    3: optional KnowledgeSecrecy secrecy,
    4: optional double threshold,
    5: optional string model,
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct CreateBaseResp {
    1: KnowledgeBase knowledge_base,
    255: optional base.BaseResp base_resp,
}

struct GetBaseReq {
    1: required i64 id,
    255: optional base.Base base,
}

struct GetBaseResp {
    1: KnowledgeBase knowledge_base,
    255: optional base.BaseResp base_resp,
}

struct ListBasesReq {
    250: optional base.PageReq page,
    255: optional base.Base base,
}

struct ListBasesResp {
    1: list<KnowledgeBase> knowledge_bases,
    250: optional base.PageResp page,
    255: optional base.BaseResp base_resp,
}

struct UpdateBaseReq {
    1: required i64 id,
    2: optional string name,
    3: optional string desc,
    4: optional double threshold,
    5: optional string model,
    251: optional i32 expected_version,
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct UpdateBaseResp {
    1: KnowledgeBase knowledge_base,
    255: optional base.BaseResp base_resp,
}

struct DeleteBaseReq {
    1: required i64 id,
    251: optional i32 expected_version,
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct DeleteBaseResp {
    1: KnowledgeBase knowledge_base,
    255: optional base.BaseResp base_resp,
}

struct AddDocumentReq {
    1: required i64 base_id,
    2: required string name,
    3: required DocumentKind kind,
    4: optional string content,             // of every kind but PAIRS
    5: optional list<QuestionPair> pairs,   // of PAIRS
    6: optional KnowledgeSecrecy secrecy,   // no lower than that of the base
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct AddDocumentResp {
    1: KnowledgeDocument knowledge_document,
    2: bool changed,                        // false where it said the same already
    255: optional base.BaseResp base_resp,
}

struct AddDatasetReq {
    1: required i64 base_id,
    2: required i64 dataset_version_id,
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct AddDatasetResp {
    1: i64 added,
    2: i64 same,
    3: i64 removed,                         // of an earlier version of the dataset, and not in this one
    255: optional base.BaseResp base_resp,
}

struct GetDocumentReq {
    1: required i64 id,
    2: optional i64 document_version_id,    // absent: the newest
    255: optional base.Base base,
}

struct GetDocumentResp {
    1: KnowledgeDocument knowledge_document,
    2: DocumentText document_text,
    255: optional base.BaseResp base_resp,
}

struct ListDocumentsReq {
    1: required i64 base_id,
    2: optional string name_prefix,
    250: optional base.PageReq page,
    255: optional base.Base base,
}

struct ListDocumentsResp {
    1: list<KnowledgeDocument> knowledge_documents,
    250: optional base.PageResp page,
    255: optional base.BaseResp base_resp,
}

struct DeleteDocumentReq {
    1: required i64 id,
    251: optional i32 expected_version,
    252: optional string idempotency_key,
    255: optional base.Base base,
}

struct DeleteDocumentResp {
    1: KnowledgeDocument knowledge_document,
    255: optional base.BaseResp base_resp,
}

struct SearchBaseReq {
    1: required i64 base_id,
    2: required string question,
    3: optional i32 want,
    255: optional base.Base base,
}

struct SearchBaseResp {
    1: list<Passage> passages,
    255: optional base.BaseResp base_resp,
}

// Where a sentence of an answer stands: it opens there whatever the document says by now.
struct Citation {
    1: i32 number,                          // as the sentences name it, from 1
    2: i64 document_id,
    3: i64 document_version_id,
    4: string document,
    5: i32 document_number,
    6: i64 start,
    7: i64 stop,
    8: string hash,                         // of that piece of the text
    9: list<string> headings,
    10: string text,
}

struct AnswerSentence {
    1: string text,
    2: list<i32> citations,
    3: bool supported,                      // false: no passage says so
}

struct KnowledgeAnswer {
    1: AnswerOutcome outcome,
    2: RefusalCause cause,
    3: string text,
    4: list<AnswerSentence> sentences,
    5: list<Citation> citations,
    6: list<Passage> passages,              // the nearest ones
    7: double share,                        // of the question's words in the best of them
    8: double threshold,
    9: string model,                        // that was asked; empty = none
}

struct AskBaseReq {
    1: required i64 base_id,
    2: required string question,
    255: optional base.Base base,
}

struct AskBaseResp {
    1: KnowledgeAnswer knowledge_answer,
    255: optional base.BaseResp base_resp,
}

service AppService extends base.PlatformService {
    // Makes a knowledge base. 新建知识库。
    // Caller: developer. Mutation. HTTP: POST /knowledge/bases 201. Raises: ALREADY_EXISTS, FORBIDDEN.
    CreateBaseResp CreateBase(1: CreateBaseReq req) throws (1: base.PlatformError error),
    // Shows a knowledge base and how much of it the caller may see. 查看知识库及当前用户可见的规模。
    // Caller: viewer. Read. HTTP: GET /knowledge/bases/{id}. Raises: NOT_FOUND.
    GetBaseResp GetBase(1: GetBaseReq req) throws (1: base.PlatformError error),
    // Lists the knowledge bases of the caller's space, newest first. 列出当前空间的知识库，最新的在前。
    // Caller: viewer. Read. HTTP: GET /knowledge/bases. Raises: INVALID_ARGUMENT.
    ListBasesResp ListBases(1: ListBasesReq req) throws (1: base.PlatformError error),
    // Changes what is sent: name, description, the threshold below which it refuses, the model that writes answers. 修改请求里给出的字段：名称、说明、拒答阈值、作答模型。
    // Caller: developer. Mutation. HTTP: PATCH /knowledge/bases/{id}. Raises: NOT_FOUND, ALREADY_EXISTS, STALE_VERSION, MISSING_VERSION.
    UpdateBaseResp UpdateBase(1: UpdateBaseReq req) throws (1: base.PlatformError error),
    // Removes a knowledge base with all its texts, for good. 彻底删除知识库及其全部文本，不可恢复。
    // Caller: developer. Mutation. HTTP: DELETE /knowledge/bases/{id}. Raises: NOT_FOUND, STALE_VERSION, MISSING_VERSION.
    DeleteBaseResp DeleteBase(1: DeleteBaseReq req) throws (1: base.PlatformError error),
    // Adds a document, or a new version of the one with this name; the same text again changes nothing. 添加文档，或更新同名文档；内容相同则不作改动。
    // Caller: developer. Mutation. HTTP: POST /knowledge/bases/{base_id}/documents 201. Raises: NOT_FOUND, ALREADY_EXISTS, FORBIDDEN, INVALID_ARGUMENT, TOO_LARGE.
    AddDocumentResp AddDocument(1: AddDocumentReq req) throws (1: base.PlatformError error),
    // Adds the records of a dataset version as documents; what an earlier version of it had and this one has not goes. 将数据集版本的记录添加为文档；旧版本有而新版本没有的会移除。
    // Caller: developer. Mutation. HTTP: POST /knowledge/bases/{base_id}/datasets 201. Raises: NOT_FOUND, FORBIDDEN, INVALID_ARGUMENT, TOO_LARGE, FILE_MISSING, CHECKSUM_MISMATCH, UNAVAILABLE.
    AddDatasetResp AddDataset(1: AddDatasetReq req) throws (1: base.PlatformError error),
    // Shows a document and what it said in one of its versions. 查看文档及其某一版本的全文。
    // Caller: viewer. Read. HTTP: GET /knowledge/documents/{id}. Raises: NOT_FOUND.
    GetDocumentResp GetDocument(1: GetDocumentReq req) throws (1: base.PlatformError error),
    // Lists the documents of a knowledge base that the caller may see, newest first. 列出知识库中当前用户可见的文档，最新的在前。
    // Caller: viewer. Read. HTTP: GET /knowledge/bases/{base_id}/documents. Raises: NOT_FOUND, INVALID_ARGUMENT.
    ListDocumentsResp ListDocuments(1: ListDocumentsReq req) throws (1: base.PlatformError error),
    // Removes a document with all its texts, for good. 彻底删除文档及其全部文本，不可恢复。
    // Caller: developer. Mutation. HTTP: DELETE /knowledge/documents/{id}. Raises: NOT_FOUND, STALE_VERSION, MISSING_VERSION.
    DeleteDocumentResp DeleteDocument(1: DeleteDocumentReq req) throws (1: base.PlatformError error),
    // Finds the passages of a knowledge base that are nearest to a question, among those the caller may see. 在当前用户可见的内容中检索与问题最相关的段落。
    // Caller: viewer. Read. HTTP: GET /knowledge/bases/{base_id}/search. Raises: NOT_FOUND.
    SearchBaseResp SearchBase(1: SearchBaseReq req) throws (1: base.PlatformError error),
    // Answers a question from a knowledge base: by a pair that somebody wrote, by its model, or by quoting; each sentence with where it stands. It refuses rather than be wrong. 用知识库回答问题：人工问答、模型作答或引用原文，每句附出处；没有把握则拒答。
    // Caller: viewer. Read. HTTP: GET /knowledge/bases/{base_id}/answer. Raises: NOT_FOUND, NOT_DEPLOYED, NOT_READY, UNAVAILABLE.
    AskBaseResp AskBase(1: AskBaseReq req) throws (1: base.PlatformError error),
}
