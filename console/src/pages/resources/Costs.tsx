/** What was used this month and what it cost, by one thing at a time; and the prices it was counted by. */
import { Segmented } from "antd";
import { api, told } from "@/api/client";
import { useListed } from "@/api/pages";
import { useSession } from "@/api/session";
import type { CostRow, Price } from "@/api/types";
import { Ago } from "@/parts/Ago";
import { useAddress } from "@/parts/address";
import { Empty } from "@/parts/Empty";
import { Table, type Column } from "@/parts/Table";
import { useWords, type Key } from "@/words";
import { CORE, moneyOf } from "./amounts";

const MINE = ["PERSON", "MODEL_VERSION", "DAY", "KIND"] as const;
const PLATFORM = ["SPACE", "NODE"] as const;
type Group = (typeof MINE | typeof PLATFORM)[number];
const BY: Record<Group, Key> = {
  PERSON: "resources.by_person",
  MODEL_VERSION: "resources.by_model_version",
  DAY: "resources.by_day",
  KIND: "resources.by_kind",
  SPACE: "resources.by_space",
  NODE: "resources.by_node",
};
const ofPlatform = (group: Group) => (PLATFORM as readonly string[]).includes(group);

export function Costs() {
  const { t, num, word } = useWords();
  const [params, put] = useAddress();
  const groups: Group[] = [...MINE, ...(useSession().me?.user.administrator ? PLATFORM : [])];
  const group = groups.find((each) => each === params.get("by")) ?? "PERSON";
  const listed = useListed<CostRow>(["cost", group], async () => {
    const query = { group };
    const answer = await told(
      ofPlatform(group) ? api.GET("/api/v1/resource/cost/platform", { params: { query } }) : api.GET("/api/v1/resource/cost", { params: { query } }),
    );
    return { rows: answer.cost_rows ?? [], next: null };
  });
  const hours = (text: string) => num(Number(text) / CORE, 2);
  const subject = (row: CostRow) => (group === "KIND" ? word("holder", row.subject) : row.subject === "0" ? "—" : row.subject);
  const columns: Column<CostRow>[] = [
    { key: "subject", title: BY[group], cell: (row) => <bdi className="name">{subject(row)}</bdi>, value: (row) => row.subject },
    { key: "cost", title: "resources.cost", cell: (row) => num(moneyOf(row.micros), 2), value: (row) => moneyOf(row.micros), number: true },
    ...(group === "NODE"
      ? [{ key: "idle", title: "resources.idle" as const, cell: (row: CostRow) => num(moneyOf(row.idle_micros), 2), value: (row: CostRow) => moneyOf(row.idle_micros), number: true }]
      : []),
    { key: "cpu", title: "resources.cpu_hours", cell: (row) => hours(row.cpu_milli_hours), value: (row) => Number(row.cpu_milli_hours) / CORE, number: true },
    { key: "memory", title: "resources.memory_hours", cell: (row) => hours(row.memory_gb_milli_hours), value: (row) => Number(row.memory_gb_milli_hours) / CORE, number: true },
    { key: "cards", title: "resources.card_hours", cell: (row) => hours(row.accelerator_milli_hours), value: (row) => Number(row.accelerator_milli_hours) / CORE, number: true },
  ];
  const total = listed.rows.reduce((sum, row) => sum + moneyOf(row.micros), 0);
  const tools = (
    <Segmented aria-label={t("resources.by")} value={group} onChange={(next) => put({ by: next })} options={groups.map((value) => ({ value, label: t(BY[value]) }))} />
  );
  const empty = <Empty title={t("resources.no_costs")} text={t("resources.no_costs_how")} />;
  return (
    <>
      <section className="card">
        <div className="fig">
          {num(total, 2)}
          <small>{t("resources.in_all")}</small>
        </div>
      </section>
      <Table name={`cost-${group}`} title={t("resources.costs")} columns={columns} listed={listed} rowKey={(row) => row.subject} empty={empty} tools={tools} />
      <h2>{t("resources.prices")}</h2>
      <Prices />
    </>
  );
}

function Prices() {
  const { t, num, word } = useWords();
  const listed = useListed<Price>(["prices"], async (page) => {
    const answer = await told(api.GET("/api/v1/resource/prices", { params: { query: page } }));
    return { rows: answer.prices ?? [], next: answer.next_cursor ?? null };
  });
  const kind = (row: Price) => [row.vendor, row.model].filter(Boolean).join(" ") || t("resources.for_all");
  const columns: Column<Price>[] = [
    { key: "priced", title: "resources.kind", cell: (row) => word("priced", row.priced), value: (row) => row.priced },
    { key: "of", title: "resources.whose", cell: (row) => <bdi>{kind(row)}</bdi>, value: kind },
    { key: "price", title: "resources.price", cell: (row) => num(moneyOf(row.micros), 6), value: (row) => moneyOf(row.micros), number: true },
    { key: "valid_from", title: "resources.valid_from", cell: (row) => <Ago time={row.valid_from} />, value: (row) => new Date(Number(row.valid_from)).toISOString() },
  ];
  const empty = <Empty title={t("resources.no_prices")} text={t("resources.no_prices_how")} command="modelyard cost set-price cpu 0.35" />;
  return <Table name="prices" title={t("resources.prices")} columns={columns} listed={listed} rowKey={(row) => row.id} empty={empty} />;
}
