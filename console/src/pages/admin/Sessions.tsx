/** Where one is signed in, and a way to end it from here. */
import { api, told } from "@/api/client";
import { useListed } from "@/api/pages";
import { useSession } from "@/api/session";
import type { Session } from "@/api/types";
import { Ago } from "@/parts/Ago";
import { Confirm } from "@/parts/Confirm";
import { Empty } from "@/parts/Empty";
import { Head } from "@/parts/Head";
import { Id } from "@/parts/Id";
import { Pill } from "@/parts/State";
import { Table, type Column } from "@/parts/Table";
import { useWords } from "@/words";
import { Valid } from "./Keys";

export function Sessions() {
  const { t } = useWords();
  const { me } = useSession();
  const listed = useListed<Session>(["sessions"], async (page) => {
    const answer = await told(api.GET("/api/v1/sessions", { params: { query: page } }));
    return { rows: answer.sessions ?? [], next: answer.next_cursor ?? null };
  });
  const end = async (row: Session) => {
    await told(api.DELETE("/api/v1/sessions/{id}", { params: { path: { id: row.id } } }));
    listed.again();
  };
  const columns: Column<Session>[] = [
    { key: "address", title: "admin.address", cell: (row) => <span className="mono">{row.address || t("admin.first_start")}</span>, value: (row) => row.address },
    {
      key: "state",
      title: "admin.state",
      cell: (row) => (me?.credential === `session:${row.id}` ? <Pill tone="run" shape="dot">{t("admin.this_one")}</Pill> : <Valid until={row.refresh_until} revoked={row.revoke_time} />),
      value: (row) => (row.revoke_time === "0" ? "valid" : "ended"),
    },
    { key: "since", title: "admin.since", cell: (row) => <Ago time={row.create_time} />, value: (row) => new Date(Number(row.create_time)).toISOString() },
    { key: "until", title: "admin.until", cell: (row) => <Ago time={row.refresh_until} />, value: (row) => new Date(Number(row.refresh_until)).toISOString() },
    { key: "id", title: "admin.id", cell: (row) => <Id id={row.id} />, value: (row) => row.id },
    {
      key: "change",
      title: "admin.change",
      cell: (row) => (row.revoke_time === "0" && me?.credential !== `session:${row.id}` ? <Confirm label={t("admin.end")} what={t("admin.end_what")} look={{ size: "small", danger: true }} run={() => end(row)} /> : null),
      value: () => "",
    },
  ];
  return (
    <>
      <Head title={t("admin.sessions")} lead={t("admin.sessions_lead")} code={{ path: "/sessions" }} />
      <Table name="sessions" title={t("admin.sessions")} columns={columns} listed={listed} rowKey={(row) => row.id} empty={<Empty title={t("admin.no_sessions")} text={t("admin.sessions_lead")} />} />
    </>
  );
}
