/** One immutable version: its ledger, where nothing is lost without a reason, and its records. */
import { Button, Input, Select } from "antd";
import { useEffect, useState } from "react";
import { useParams, Link } from "react-router";
import type { DatasetVersion } from "@/api/types";
import { useAddress } from "@/parts/address";
import { Ago } from "@/parts/Ago";
import { Empty } from "@/parts/Empty";
import { Failure } from "@/parts/Failure";
import { Head } from "@/parts/Head";
import { Id } from "@/parts/Id";
import { Table, type Column } from "@/parts/Table";
import { Tabs, useTab } from "@/parts/Tabs";
import { Open, Whole } from "@/parts/Whole";
import { useWords } from "@/words";
import { useDataset, useRecords, useVersion, type Kept } from "./api";
import { Kind } from "./Dataset";
import { Export } from "./Export";
import { Fields } from "./Fields";
import { Gallery, Medium, mediumOf } from "./Media";
import { LedgerView } from "./LedgerView";
import { Secrecy } from "./Secrecy";

export function Version() {
  const { id = "" } = useParams();
  const { t } = useWords();
  const found = useVersion(id);
  if (!found.data)
    return (
      <>
        <Head title={t("datasets.version")} crumbs={[{ to: "/datasets", name: t("datasets.title") }]} />
        {found.error ? <Failure error={found.error} again={() => void found.refetch()} /> : <div className="bones" aria-busy="true" />}
      </>
    );
  return <Page version={found.data} />;
}

function Page({ version }: { version: DatasetVersion }) {
  const { t, num, bytes } = useWords();
  const dataset = useDataset(version.dataset_id);
  const tabs = [
    { key: "ledger", name: t("datasets.ledger") },
    { key: "records", name: t("datasets.records"), count: Number(version.records) },
    { key: "fields", name: t("datasets.fields") },
  ];
  const on = useTab(tabs);
  return (
    <>
      <Head
        title={`${dataset.data?.name ?? t("datasets.dataset")} v${version.number}`}
        crumbs={[
          { to: "/datasets", name: t("datasets.title") },
          { to: `/datasets/${version.dataset_id}`, name: dataset.data?.name ?? t("datasets.dataset") },
        ]}
        state={<Secrecy value={version.secrecy} />}
        actions={
          <>
            <Link to={`/datasets/versions/${version.id}/clean`}>
              <Button type="primary">{t("datasets.clean")}</Button>
            </Link>
            <Link to={`/datasets/versions/${version.id}/prepare`}>
              <Button>{t("datasets.prepare")}</Button>
            </Link>
            <Link to={`/training/new?data=${version.id}`}>
              <Button>{t("datasets.train_on")}</Button>
            </Link>
            <Link to={`/recipes?on=${version.id}`}>
              <Button>{t("datasets.recipe_run")}</Button>
            </Link>
            <Export version={version} />
          </>
        }
        code={on === "records" ? { path: `/datasets/versions/${version.id}/records`, query: { limit: "10" } } : { path: `/datasets/versions/${version.id}` }}
        lead={
          <>
            <span>
              {t("datasets.records")} <b>{num(Number(version.records))}</b>
            </span>
            <span>
              {t("datasets.size")} <b>{bytes(Number(version.bytes))}</b>
            </span>
            <span>
              <Kind version={version} />
            </span>
            <span>
              {t("datasets.hash")} <Id id={version.content_hash} />
            </span>
            <span>
              {t("datasets.created")}{" "}
              <b>
                <Ago time={version.create_time} />
              </b>
            </span>
            {version.parent_version_id !== "0" && (
              <span>
                <Link to={`/datasets/versions/${version.parent_version_id}`}>{t("datasets.made_of")}</Link>
                {" · "}
                <Link to={`/datasets/${version.dataset_id}/diff/${version.parent_version_id}/${version.id}`}>{t("datasets.compare_parent")}</Link>
              </span>
            )}
          </>
        }
      />
      <Tabs tabs={tabs} on={on} />
      {on === "ledger" ? <LedgerView version={version} /> : on === "fields" ? <Fields id={version.id} /> : <Records id={version.id} kind={version.kind} />}
    </>
  );
}

const text = (value: unknown) => (typeof value === "string" ? value : value === undefined ? "" : JSON.stringify(value));
const FIRST = ["instruction", "title", "text", "content", "output"];

/** Columns as the first record has its fields; the long ones are cut, and whole in the export. */
function columnsOf(kept: Kept | undefined, version: string): Column<Kept>[] {
  const fields = Object.keys(kept?.record ?? {});
  const order = [...FIRST.filter((field) => fields.includes(field)), ...fields.filter((field) => !FIRST.includes(field))];
  return [
    { key: "place", title: "datasets.place", cell: (row) => <Open place={row.place} />, value: (row) => row.place, number: true },
    ...order.map((field, index) => ({
      key: field,
      title: "datasets.field" as const,
      name: field,
      cell: (row: Kept) => (mediumOf({ [field]: row.record[field] }) ? <Medium version={version} record={row.record} small /> : <Cut text={text(row.record[field])} />),
      value: (row: Kept) => text(row.record[field]),
      extra: index > 3,
    })),
  ];
}

function Cut({ text: whole }: { text: string }) {
  return <bdi title={whole.length > 120 ? whole.slice(0, 2000) : undefined}>{whole.length > 120 ? `${whole.slice(0, 120)}…` : whole}</bdi>;
}

/** A text that records must hold, anywhere or in one field; both are in the address. */
function Seek({ fields }: { fields: string[] }) {
  const { t } = useWords();
  const [params, change] = useAddress();
  const asked = params.get("has") ?? "";
  const [text, setText] = useState(asked);
  useEffect(() => {
    if (text === asked) return;
    const wait = setTimeout(() => change({ has: text, row: "" }), 400);
    return () => clearTimeout(wait);
  }, [text, asked, change]);
  return (
    <>
      <Input value={text} onChange={(event) => setText(event.target.value)} placeholder={t("datasets.has_text")} aria-label={t("datasets.has_text")} className="filter" maxLength={200} allowClear />
      <Select
        value={params.get("in") ?? ""}
        aria-label={t("datasets.in_field")}
        popupMatchSelectWidth={false}
        options={[{ value: "", label: t("datasets.any_field") }, ...fields.map((field) => ({ value: field, label: field }))]}
        onChange={(field) => change({ in: field, row: "" })}
      />
    </>
  );
}

function Records({ id, kind }: { id: string; kind: string }) {
  const { t } = useWords();
  const [params, change] = useAddress();
  const media = kind === "image" || kind === "audio";
  const grid = media && params.get("view") !== "table";
  const sought = { contains: params.get("has") ?? "", field: params.get("in") ?? "" };
  const listed = useRecords(id, sought);
  const first = useRecords(id, { contains: "", field: "" });
  const { rows, more, loading, loadMore } = listed;
  useEffect(() => {
    if (sought.contains && !rows.length && more && !loading) loadMore(); // a page of a search may be empty and not be the last
  }, [sought.contains, rows.length, more, loading, loadMore]);
  const turn = media && (
    <p className="acts">
      <Button size="small" onClick={() => change({ view: grid ? "table" : "" })}>
        {t(grid ? "datasets.as_table" : "datasets.as_grid")}
      </Button>
    </p>
  );
  if (grid)
    return (
      <>
        {turn}
        <Gallery version={id} listed={listed} />
      </>
    );
  return (
    <>
    {turn}
    <Whole facts={(place) => (listed.rows[place - 1] ? Object.entries(listed.rows[place - 1]!.record).map(([name, value]) => [name, text(value)]) : undefined)} />
    <Table
      key={first.rows[0] ? id : "none"}
      name={`records-${Object.keys(first.rows[0]?.record ?? {}).sort().join("-").slice(0, 60)}`}
      title={t("datasets.records")}
      columns={columnsOf(first.rows[0], id)}
      tools={<Seek fields={Object.keys(first.rows[0]?.record ?? {})} />}
      listed={listed}
      rowKey={(row) => String(row.place)}
      raw={(row) => row.record}
      empty={sought.contains ? <Empty title={t(more ? "datasets.looking" : "datasets.no_match")} text={t("datasets.no_match_how")} /> : <Empty title={t("datasets.no_records")} text={t("datasets.no_records_how")} />}
    />
    </>
  );
}
