/** Who changed what, and what was refused: the trail of this space, or of the whole platform for administrators. */
import { Segmented } from "antd";
import { api, told } from "@/api/client";
import { useListed } from "@/api/pages";
import { usePeople } from "@/api/people";
import { useSession } from "@/api/session";
import type { AuditEvent } from "@/api/types";
import { STEP, useAddress } from "@/parts/address";
import { Ago } from "@/parts/Ago";
import { Empty } from "@/parts/Empty";
import { Head } from "@/parts/Head";
import { Id } from "@/parts/Id";
import { Pill } from "@/parts/State";
import { Table, type Column } from "@/parts/Table";
import { useWords } from "@/words";

export function Audit() {
  const { t } = useWords();
  const { me } = useSession();
  const people = usePeople();
  const [params, change] = useAddress();
  const everywhere = !!me?.user.administrator && params.get("of") === "platform";
  const listed = useListed<AuditEvent>(["audit", everywhere], async (page) => {
    const answer = await told(everywhere ? api.GET("/api/v1/platform/audit", { params: { query: page } }) : api.GET("/api/v1/audit", { params: { query: page } }));
    return { rows: answer.events ?? [], next: answer.next_cursor ?? null };
  });
  const who = (row: AuditEvent) => (row.user_id && row.user_id !== "0" ? people(row.user_id) : "—");
  const columns: Column<AuditEvent>[] = [
    { key: "time", title: "admin.time", cell: (row) => <Ago time={row.event_time} />, value: (row) => new Date(Number(row.event_time)).toISOString() },
    { key: "who", title: "admin.who", cell: (row) => <bdi>{who(row)}</bdi>, value: who },
    { key: "method", title: "admin.method", cell: (row) => <span className="mono">{row.method}</span>, value: (row) => row.method },
    { key: "object", title: "admin.object", cell: (row) => <bdi className="mono">{row.object || "—"}</bdi>, value: (row) => row.object },
    { key: "outcome", title: "admin.outcome", cell: (row) => <Outcome code={row.outcome} />, value: (row) => row.outcome },
    { key: "address", title: "admin.address", cell: (row) => <span className="mono">{row.address}</span>, value: (row) => row.address },
    { key: "credential", title: "admin.credential", cell: (row) => <span className="mono">{row.credential}</span>, value: (row) => row.credential, extra: true },
    { key: "request", title: "admin.request", cell: (row) => <Id id={row.request_id} />, value: (row) => row.request_id },
  ];
  return (
    <>
      <Head title={t("admin.audit")} lead={t("admin.audit_lead")} code={{ path: everywhere ? "/platform/audit" : "/audit" }} />
      <Table
        name="audit"
        title={t("admin.audit")}
        columns={columns}
        listed={listed}
        rowKey={(row) => row.id}
        tools={
          me?.user.administrator ? (
            <Segmented
              value={everywhere ? "platform" : "space"}
              onChange={(value) => change({ of: value === "platform" ? value : "" }, STEP)}
              options={[
                { value: "space", label: t("admin.this_space") },
                { value: "platform", label: t("admin.whole_platform") },
              ]}
            />
          ) : null
        }
        empty={<Empty title={t("admin.no_audit")} text={t("admin.audit_lead")} />}
      />
    </>
  );
}

function Outcome({ code }: { code: number }) {
  const tone = code < 400 ? "ok" : code < 500 ? "wait" : "bad";
  return (
    <Pill tone={tone} shape={tone === "ok" ? "check" : tone === "wait" ? "warn" : "cross"}>
      {code}
    </Pill>
  );
}
