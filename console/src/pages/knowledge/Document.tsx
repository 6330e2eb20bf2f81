/** What a document says, or said when somebody cited it; the passage a link names is marked and in view. */
import { useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "react-router";
import { api, told } from "@/api/client";
import type { KnowledgeDocument, KnowledgeText } from "@/api/types";
import { useAddress } from "@/parts/address";
import { Ago } from "@/parts/Ago";
import { Confirm } from "@/parts/Confirm";
import { Failure } from "@/parts/Failure";
import { Head } from "@/parts/Head";
import { Id } from "@/parts/Id";
import { Secrecy } from "@/pages/datasets/Secrecy";
import { useWords } from "@/words";
import { useDocument } from "./api";
import { Kind } from "./Base";
import { useBuilds } from "./Bases";
import { Marked, type Span } from "./Marked";

const inView = (mark: HTMLElement | null) => mark?.scrollIntoView({ block: "center" });

export function Document() {
  const { id = "" } = useParams();
  const { t } = useWords();
  const [params] = useAddress();
  const found = useDocument(id, params.get("version") ?? "");
  const span = { start: params.get("from") ?? "", stop: params.get("to") ?? "" };
  if (found.data) return <Page document={found.data.knowledge_document} said={found.data.document_text} spans={span.stop ? [span] : []} />;
  return (
    <>
      <Head title={t("knowledge.document")} crumbs={[{ to: "/knowledge", name: t("knowledge.title") }]} />
      {found.error ? <Failure error={found.error} again={() => void found.refetch()} /> : <div className="bones" aria-busy="true" />}
    </>
  );
}

function Page({ document, said, spans }: { document: KnowledgeDocument; said: KnowledgeText; spans: Span[] }) {
  const { t } = useWords();
  const builds = useBuilds();
  const old = said.document_version_id !== document.document_version_id;
  return (
    <>
      <Head
        title={document.name}
        crumbs={[
          { to: "/knowledge", name: t("knowledge.title") },
          { to: `/knowledge/${document.base_id}`, name: t("knowledge.base") },
        ]}
        state={<Secrecy value={document.secrecy} />}
        code={{ path: `/knowledge/documents/${document.id}` }}
        actions={builds && <Remove document={document} />}
        lead={
          <>
            <span>
              {t("knowledge.kind")} <b><Kind value={document.kind} /></b>
            </span>
            <span>
              {t("knowledge.number")} <b>v{said.number}</b> <Ago time={said.create_time} />
            </span>
            <span>
              {t("knowledge.id")} <Id id={document.id} />
            </span>
          </>
        }
      />
      {old && (
        <p className="lead" role="note">
          {t("knowledge.earlier", { number: said.number })} <Link to={`/knowledge/documents/${document.id}`}>{t("knowledge.newest")}</Link>
        </p>
      )}
      <section className="card said" dir="auto" aria-label={t("knowledge.text")}>
        <Marked text={said.text} spans={spans} first={inView} />
      </section>
    </>
  );
}

function Remove({ document }: { document: KnowledgeDocument }) {
  const { t } = useWords();
  const navigate = useNavigate();
  const questions = useQueryClient();
  const remove = async () => {
    await told(api.DELETE("/api/v1/knowledge/documents/{id}", { params: { path: { id: document.id }, query: { expected_version: document.version } } }));
    await questions.invalidateQueries({ queryKey: ["knowledge-base", document.base_id] });
    void navigate(`/knowledge/${document.base_id}`);
  };
  return <Confirm label={t("knowledge.delete")} what={t("knowledge.delete_document_what", { name: document.name })} look={{ danger: true }} run={remove} />;
}
