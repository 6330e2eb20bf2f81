/** One knowledge base: its documents, and the test of what is found. */
import { useQueryClient } from "@tanstack/react-query";
import { Button } from "antd";
import type { ReactNode } from "react";
import { Link, useNavigate, useParams } from "react-router";
import { api, told } from "@/api/client";
import type { KnowledgeBase, KnowledgeDocument } from "@/api/types";
import { STEP, useAddress } from "@/parts/address";
import { Ago } from "@/parts/Ago";
import { Confirm } from "@/parts/Confirm";
import { Empty } from "@/parts/Empty";
import { Failure } from "@/parts/Failure";
import { Head } from "@/parts/Head";
import { Id } from "@/parts/Id";
import { Search, useFilter } from "@/parts/Search";
import { Table, type Column } from "@/parts/Table";
import { Tabs, useTab } from "@/parts/Tabs";
import { Secrecy } from "@/pages/datasets/Secrecy";
import { useWords } from "@/words";
import { Add } from "./Add";
import { useBase, useDocuments } from "./api";
import { Ask } from "./Ask";
import { Count, useBuilds } from "./Bases";
import { Find } from "./Find";

const DOCUMENTS: Column<KnowledgeDocument>[] = [
  {
    key: "name",
    title: "knowledge.name",
    cell: (row) => (
      <Link className="name" to={`/knowledge/documents/${row.id}`}>
        <bdi>{row.name}</bdi>
      </Link>
    ),
    value: (row) => row.name,
  },
  { key: "kind", title: "knowledge.kind", cell: (row) => <Kind value={row.kind} />, value: (row) => row.kind },
  { key: "secrecy", title: "knowledge.secrecy", cell: (row) => <Secrecy value={row.secrecy} />, value: (row) => row.secrecy },
  { key: "number", title: "knowledge.number", cell: (row) => `v${row.number}`, value: (row) => row.number, number: true },
  { key: "characters", title: "knowledge.characters", cell: (row) => <Count value={Number(row.characters)} />, value: (row) => row.characters, number: true },
  { key: "chunks", title: "knowledge.passages", cell: (row) => <Count value={Number(row.chunks)} />, value: (row) => row.chunks, number: true },
  { key: "updated", title: "knowledge.updated", cell: (row) => <Ago time={row.update_time} />, value: (row) => new Date(Number(row.update_time)).toISOString() },
  { key: "id", title: "knowledge.id", cell: (row) => <Id id={row.id} />, value: (row) => row.id, extra: true },
];

export function Kind({ value }: { value: string }) {
  return <>{useWords().word("document_kind", value)}</>;
}

export function Base() {
  const { id = "" } = useParams();
  const { t } = useWords();
  const found = useBase(id);
  if (found.data) return <Page base={found.data} />;
  return (
    <>
      <Head title={t("knowledge.base")} crumbs={[{ to: "/knowledge", name: t("knowledge.title") }]} />
      {found.error ? <Failure error={found.error} again={() => void found.refetch()} /> : <div className="bones" aria-busy="true" />}
    </>
  );
}

function Page({ base }: { base: KnowledgeBase }) {
  const { t } = useWords();
  const builds = useBuilds();
  const [params, change] = useAddress();
  const tabs = [
    { key: "documents", name: t("knowledge.documents"), count: Number(base.documents) },
    { key: "search", name: t("knowledge.search") },
    { key: "ask", name: t("knowledge.ask") },
  ];
  const on = useTab(tabs);
  const add = builds && (
    <Button type="primary" onClick={() => change({ new: "1" }, STEP)}>
      {t("knowledge.add")}
    </Button>
  );
  return (
    <>
      <Head
        title={base.name}
        crumbs={[{ to: "/knowledge", name: t("knowledge.title") }]}
        state={<Secrecy value={base.secrecy} />}
        code={{ path: `/knowledge/bases/${base.id}/documents` }}
        actions={
          <>
            {add}
            {builds && <Remove base={base} />}
          </>
        }
        lead={
          <>
            {base.desc && <bdi>{base.desc}</bdi>}
            <span>
              {t("knowledge.passages")} <b>{base.chunks}</b>
            </span>
            <span>
              {t("knowledge.id")} <Id id={base.id} />
            </span>
          </>
        }
      />
      <Tabs tabs={tabs} on={on} />
      {on === "documents" && <Documents base={base.id} add={add} />}
      {on === "search" && <Find base={base.id} />}
      {on === "ask" && <Ask base={base.id} />}
      {params.get("new") === "1" && <Add base={base.id} close={() => change({ new: "" })} />}
    </>
  );
}

function Documents({ base, add }: { base: string; add: ReactNode }) {
  const { t } = useWords();
  const listed = useDocuments(base, useFilter());
  return (
    <Table
      name="knowledge-documents"
      title={t("knowledge.documents")}
      columns={DOCUMENTS}
      listed={listed}
      rowKey={(row) => row.id}
      tools={<Search />}
      empty={<Empty title={t("knowledge.no_documents")} text={t("knowledge.no_documents_how")} command={`modelyard knowledge add ${base} guide.md`} action={add} />}
    />
  );
}

function Remove({ base }: { base: KnowledgeBase }) {
  const { t } = useWords();
  const navigate = useNavigate();
  const questions = useQueryClient();
  const remove = async () => {
    await told(api.DELETE("/api/v1/knowledge/bases/{id}", { params: { path: { id: base.id }, query: { expected_version: base.version } } }));
    await questions.invalidateQueries({ queryKey: ["knowledge"] });
    void navigate("/knowledge");
  };
  return <Confirm label={t("knowledge.delete")} what={t("knowledge.delete_base_what", { name: base.name })} look={{ danger: true }} run={remove} />;
}
