/** How people get on with a task: where its items are, who does how much, how far they agree. */
import { useQuery } from "@tanstack/react-query";
import { api, told } from "@/api/client";
import { whileOpen } from "@/api/live";
import { useListed } from "@/api/pages";
import { usePeople } from "@/api/people";
import type { Agreement, Member } from "@/api/types";
import { Empty } from "@/parts/Empty";
import { Failure } from "@/parts/Failure";
import { Table, type Column } from "@/parts/Table";
import { useWords } from "@/words";
import { route, useArranged, type Service } from "./api";

const COUNTS = [
  ["items", "work.people_items"],
  ["items_done", "work.people_items_done"],
  ["held", "work.people_held"],
  ["inspecting", "work.people_inspecting"],
  ["set_aside", "work.people_set_aside"],
] as const;

interface Props {
  of: Service;
  task: { id: string; finish_time: string };
}

export function People({ of, task }: Props) {
  const { t, num } = useWords();
  const found = useArranged(of, task.id, whileOpen(() => task.finish_time === "0"));
  const members = useMembers(of, task.id);
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
      <Agreements of={of} task={task.id} />
      <Table
        name="members"
        title={t("work.members")}
        columns={useColumns()}
        listed={members}
        rowKey={(member) => member.id}
        empty={<Empty title={t("work.no_members")} text={t("work.no_members_how")} />}
      />
    </>
  );
}

const useMembers = (of: Service, id: string) =>
  useListed<Member>(["members", of, id], async (page) => {
    const answer = await told(api.GET(route(of, "/tasks/{task_id}/members"), { params: { path: { task_id: id }, query: page } }));
    return { rows: (answer.members ?? []) as Member[], next: answer.next_cursor ?? null };
  });

function useColumns(): Column<Member>[] {
  const { word, percent } = useWords();
  const account = usePeople();
  const share = (part: string, whole: number) => (whole ? percent(Number(part) / whole) : "—");
  const plain = (key: "answered" | "held" | "skipped" | "lapsed", title: Column<Member>["title"]): Column<Member> => ({
    key,
    title,
    cell: (member) => member[key],
    value: (member) => Number(member[key]),
    number: true,
  });
  return [
    { key: "person", title: "work.people_person", cell: (member) => <bdi>{account(member.person_id)}</bdi>, value: (member) => account(member.person_id) },
    { key: "role", title: "work.people_role", cell: (member) => word("work_role", member.role), value: (member) => member.role },
    plain("answered", "work.people_answered"),
    plain("held", "work.people_held"),
    plain("skipped", "work.skipped"),
    plain("lapsed", "work.lapsed"),
    ...([
      ["agreed", "work.agreed", (member: Member) => share(member.agreed, Number(member.compared))],
      ["upheld", "work.upheld", (member: Member) => share(member.upheld, Number(member.inspected))],
      ["gold", "work.gold", (member: Member) => share(member.gold_met, Number(member.gold_met) + Number(member.gold_missed))],
    ] as const).map(([key, title, cell]): Column<Member> => ({ key, title, cell, value: cell, number: true })),
  ];
}

function Agreements({ of, task }: { of: Service; task: string }) {
  const { t, score, percent, num } = useWords();
  const found = useQuery({
    queryKey: ["agreement", of, task],
    queryFn: async () => (await told(api.GET(route(of, "/tasks/{task_id}/agreement"), { params: { path: { task_id: task } } }))).fields as Agreement[],
  });
  if (!found.data?.length) return null;
  const figure = (value: number | undefined) => (value === undefined || value === null ? "—" : score(value));
  return (
    <section className="card">
      <h2>{t("work.people_agreement")}</h2>
      <div className="scrolled" tabIndex={0}>
    <table aria-label={t("work.people_agreement")}>
      <thead>
        <tr>
          <th scope="col">{t("work.field")}</th>
          <th scope="col" className="n">{t("work.agreement_items")}</th>
          <th scope="col" className="n">{t("work.agreement_share")}</th>
          <th scope="col" className="n">{t("work.alpha")}</th>
          <th scope="col" className="n">{t("work.kappa")}</th>
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
