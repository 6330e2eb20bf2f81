/** How people get on with an annotation: where its items are, who does how much, how far they agree. */
import { useQuery } from "@tanstack/react-query";
import { api, told } from "@/api/client";
import { whileOpen } from "@/api/live";
import { useListed } from "@/api/pages";
import { usePeople } from "@/api/people";
import type { Agreement, DatasetTask, Member } from "@/api/types";
import { Empty } from "@/parts/Empty";
import { Failure } from "@/parts/Failure";
import { Table, type Column } from "@/parts/Table";
import { useWords } from "@/words";

const COUNTS = [
  ["items", "datasets.people_items"],
  ["items_done", "datasets.people_items_done"],
  ["held", "datasets.people_held"],
  ["inspecting", "datasets.people_inspecting"],
  ["set_aside", "datasets.people_set_aside"],
] as const;

export function People({ task }: { task: DatasetTask }) {
  const { t, num } = useWords();
  const found = useQuery({
    queryKey: ["annotation", task.id],
    refetchInterval: whileOpen(() => task.finish_time === "0"),
    queryFn: async () => (await told(api.GET("/api/v1/datasets/tasks/{task_id}/annotation", { params: { path: { task_id: task.id } } }))).annotation,
  });
  const members = useMembers(task.id);
  if (found.error) return <Failure error={found.error} again={() => void found.refetch()} />;
  const facts = found.data;
  return (
    <>
      {facts && (
        <dl className="facts pairs">
          {COUNTS.map(([name, title]) => (
            <div key={name}>
              <dt>{t(title)}</dt>
              <dd>{num(Number(facts[name]))}</dd>
            </div>
          ))}
        </dl>
      )}
      <Agreements task={task.id} />
      <Table
        name="members"
        title={t("datasets.members")}
        columns={useColumns()}
        listed={members}
        rowKey={(member) => member.id}
        empty={<Empty title={t("datasets.no_members")} text={t("datasets.no_members_how")} />}
      />
    </>
  );
}

const useMembers = (id: string) =>
  useListed<Member>(["members", id], async (page) => {
    const answer = await told(api.GET("/api/v1/datasets/tasks/{task_id}/members", { params: { path: { task_id: id }, query: page } }));
    return { rows: (answer.members ?? []) as Member[], next: answer.next_cursor ?? null };
  });

function useColumns(): Column<Member>[] {
  const { word, percent } = useWords();
  const people = usePeople();
  const share = (part: string, whole: number) => (whole ? percent(Number(part) / whole) : "—");
  const plain = (key: "answered" | "held" | "skipped" | "lapsed", title: Column<Member>["title"]): Column<Member> => ({
    key,
    title,
    cell: (member) => member[key],
    value: (member) => Number(member[key]),
    number: true,
  });
  return [
    { key: "person", title: "datasets.person", cell: (member) => <bdi>{people(member.person_id)}</bdi>, value: (member) => people(member.person_id) },
    { key: "role", title: "datasets.role", cell: (member) => word("work_role", member.role), value: (member) => member.role },
    plain("answered", "datasets.answered"),
    plain("held", "datasets.people_held"),
    plain("skipped", "datasets.skipped"),
    plain("lapsed", "datasets.lapsed"),
    ...([
      ["agreed", "datasets.agreed", (member: Member) => share(member.agreed, Number(member.compared))],
      ["upheld", "datasets.upheld", (member: Member) => share(member.upheld, Number(member.inspected))],
      ["gold", "datasets.gold", (member: Member) => share(member.gold_met, Number(member.gold_met) + Number(member.gold_missed))],
    ] as const).map(([key, title, cell]): Column<Member> => ({ key, title, cell, value: cell, number: true })),
  ];
}

function Agreements({ task }: { task: string }) {
  const { t, score, percent, num } = useWords();
  const found = useQuery({
    queryKey: ["agreement", task],
    queryFn: async () => (await told(api.GET("/api/v1/datasets/tasks/{task_id}/agreement", { params: { path: { task_id: task } } }))).fields as Agreement[],
  });
  if (!found.data?.length) return null;
  const figure = (value: number | undefined) => (value === undefined || value === null ? "—" : score(value));
  return (
    <section className="card">
      <h2>{t("datasets.agreement")}</h2>
      <div className="scrolled" tabIndex={0}>
    <table aria-label={t("datasets.agreement")}>
      <thead>
        <tr>
          <th scope="col">{t("datasets.field")}</th>
          <th scope="col" className="n">{t("datasets.agreement_items")}</th>
          <th scope="col" className="n">{t("datasets.agreement_share")}</th>
          <th scope="col" className="n">{t("datasets.alpha")}</th>
          <th scope="col" className="n">{t("datasets.kappa")}</th>
        </tr>
      </thead>
      <tbody>
        {found.data.map((each) => (
          <tr key={each.field}>
            <th scope="row">{each.field}</th>
            <td className="n">{num(Number(each.items))}</td>
            <td className="n">{each.percent === undefined || each.percent === null ? "—" : percent(each.percent)}</td>
            <td className="n">{figure(each.alpha)}</td>
            <td className="n">{figure(each.kappa)}</td>
          </tr>
        ))}
      </tbody>
    </table>
      </div>
    </section>
  );
}
