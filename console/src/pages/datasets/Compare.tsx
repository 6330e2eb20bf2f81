/** Two versions of a dataset against each other: what went, what came, and what changed, word by word. Which two is in the address. */
import { useQuery } from "@tanstack/react-query";
import { Button, Select } from "antd";
import { Navigate, useNavigate, useParams } from "react-router";
import { api, ApiError, told } from "@/api/client";
import { useListed } from "@/api/pages";
import type { DatasetVersion, Facts } from "@/api/types";
import { Diff } from "@/parts/Diff";
import { Empty } from "@/parts/Empty";
import { Failure } from "@/parts/Failure";
import { Head } from "@/parts/Head";
import { Tabs, useTab } from "@/parts/Tabs";
import { useWords } from "@/words";
import { useDataset, useVersions } from "./api";

const PATH = "/api/v1/datasets/versions/{old_version_id}/diff/{new_version_id}" as const;
const KINDS = ["changed", "removed", "added"] as const;
const PAGE = 20;

interface Change {
  change: (typeof KINDS)[number];
  before?: Facts | null;
  after?: Facts | null;
  changes: { field: string; before: string; after: string }[];
}

export function Compare() {
  const { id = "", old = "", new: later = "" } = useParams();
  const { t } = useWords();
  const dataset = useDataset(id);
  const versions = useVersions(id);
  const crumbs = [
    { to: "/datasets", name: t("datasets.title") },
    { to: `/datasets/${id}`, name: dataset.data?.name ?? t("datasets.dataset") },
  ];
  const [newest, second] = versions.rows;
  const before = versions.rows.find((row) => row.id === newest?.parent_version_id) ?? second;
  if (!later && newest && before) return <Navigate to={`/datasets/${id}/diff/${before.id}/${newest.id}`} replace />;
  return (
    <>
      <Head title={t("datasets.compare")} lead={t("datasets.compare_lead")} crumbs={crumbs} {...(later && { code: { path: `/datasets/versions/${old}/diff/${later}` } })} />
      {versions.error && <Failure error={versions.error} again={versions.again} />}
      {versions.pending && <div className="bones" aria-busy="true" />}
      {!versions.pending && !later && <Empty title={t("datasets.compare_one")} text={t("datasets.compare_one_how")} />}
      {later && <Chosen dataset={id} versions={versions.rows} old={old} later={later} />}
      {later && <Found key={`${old}-${later}`} old={old} later={later} names={[nameOf(versions.rows, old), nameOf(versions.rows, later)]} />}
    </>
  );
}

const nameOf = (versions: DatasetVersion[], id: string) => {
  const found = versions.find((row) => row.id === id);
  return found ? `v${found.number}` : id;
};

/** Which two, and the other way round. */
function Chosen({ dataset, versions, old, later }: { dataset: string; versions: DatasetVersion[]; old: string; later: string }) {
  const { t, num, word } = useWords();
  const navigate = useNavigate();
  const go = (first: string, last: string) => void navigate(`/datasets/${dataset}/diff/${first}/${last}`);
  const options = versions.map((row) => ({ value: row.id, label: `v${row.number} · ${word("part", row.part)} · ${num(Number(row.records))}` }));
  return (
    <div className="tools">
      <label className="pick">
        {t("datasets.compare_old")} <Select value={old} options={options} onChange={(value) => go(value, later)} popupMatchSelectWidth={false} aria-label={t("datasets.compare_old")} />
      </label>
      <label className="pick">
        {t("datasets.compare_new")} <Select value={later} options={options} onChange={(value) => go(old, value)} popupMatchSelectWidth={false} aria-label={t("datasets.compare_new")} />
      </label>
      <Button onClick={() => go(later, old)}>{t("datasets.compare_turn")}</Button>
    </div>
  );
}

/** A comparison of large versions goes on behind BUSY: it is asked for until it is there. */
const goesOn = (count: number, error: Error) => count < 900 && error instanceof ApiError && error.problem.reason === "BUSY";

function Found({ old, later, names }: { old: string; later: string; names: [string, string] }) {
  const { t, num } = useWords();
  const path = { old_version_id: old, new_version_id: later };
  const found = useQuery({
    queryKey: ["version-diff", old, later],
    staleTime: Infinity, // versions never change
    retry: goesOn,
    retryDelay: 1500,
    queryFn: async () => (await told(api.GET(PATH, { params: { path } }))).diff,
  });
  if (found.error) return <Failure error={found.error} again={() => void found.refetch()} />;
  if (!found.data)
    return (
      <p className="note" role="status" aria-busy="true">
        {t("datasets.comparing")}
      </p>
    );
  const [before, after, same, changed, removed, added] = [found.data.before, found.data.after, found.data.same, found.data.changed, found.data.removed, found.data.added].map(Number) as [number, number, number, number, number, number];
  return (
    <>
      <section className="card" aria-label={t("datasets.compare")}>
        <p className="fig">
          <Side name={names[0]} records={before} /> {num(same)} <small>{t("datasets.stayed")}</small> + {num(changed)} <small>{t("datasets.were_changed")}</small> + {num(removed)} <small>{t("datasets.were_removed")}</small>
        </p>
        <p className="fig">
          <Side name={names[1]} records={after} /> {num(same)} <small>{t("datasets.stayed")}</small> + {num(changed)} <small>{t("datasets.were_changed")}</small> + {num(added)} <small>{t("datasets.were_added_new")}</small>
        </p>
        <p className="why">{t("datasets.compare_how")}</p>
      </section>
      {changed + removed + added === 0 ? <Empty title={t("datasets.compare_equal")} text={t("datasets.compare_equal_how")} /> : <Changes old={old} later={later} counts={{ changed, removed, added }} />}
    </>
  );
}

function Side({ name, records }: { name: string; records: number }) {
  const { t, num } = useWords();
  return (
    <>
      <small>{name}</small> {num(records)} <small>{t("datasets.records_of")}</small> ={" "}
    </>
  );
}

function Changes({ old, later, counts }: { old: string; later: string; counts: Record<(typeof KINDS)[number], number> }) {
  const { t } = useWords();
  const named = { changed: t("datasets.tab_changed"), removed: t("datasets.tab_removed"), added: t("datasets.tab_added") };
  const tabs = [...KINDS].sort((a, b) => Number(counts[b] > 0) - Number(counts[a] > 0)).map((key) => ({ key, name: named[key], count: counts[key] }));
  const on = useTab(tabs);
  const listed = useListed<Change>(["version-changes", old, later, on], async (page) => {
    const query = { ...page, limit: PAGE, change: on };
    const answer = await told(api.GET(`${PATH}/changes`, { params: { path: { old_version_id: old, new_version_id: later }, query } }));
    return { rows: (answer.changes ?? []) as unknown as Change[], next: answer.next_cursor ?? null };
  }, false);
  return (
    <>
      <Tabs tabs={tabs} on={on} />
      {listed.error && <Failure error={listed.error} again={listed.again} />}
      {listed.pending && <div className="bones" aria-busy="true" />}
      {!listed.pending && !listed.error && !listed.rows.length && <Empty title={t("datasets.compare_none")} text={t("datasets.compare_none_how")} />}
      {listed.rows.map((each, index) => (
        <article className="change" key={index}>
          {each.change === "changed" && <p className="why">{topic(each) && <bdi>{topic(each)}</bdi>}</p>}
          {sides(each).map((one) => (
            <div key={one.field} className="pairwise">
              <small>
                <bdi>{one.field}</bdi>
              </small>
              <Diff before={one.before} after={one.after} />
            </div>
          ))}
        </article>
      ))}
      {listed.more && (
        <Button className="below" onClick={listed.loadMore} loading={listed.loading}>
          {t("datasets.compare_more")}
        </Button>
      )}
    </>
  );
}

const text = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));

const TOPICS = ["instruction", "title", "prompt", "own_id"];

/** What a changed record is about: the first thing it says that did not change. */
function topic({ before, changes }: Change): string {
  const name = TOPICS.find((field) => before?.[field] !== undefined && !changes.some((one) => one.field === field));
  return name ? text(before![name]).slice(0, 160) : "";
}

/** What is shown of a difference: the fields that differ; of a record that went or came all of them. */
function sides(change: Change): Change["changes"] {
  if (change.change === "changed") return change.changes;
  const gone = change.change === "removed";
  return Object.entries((gone ? change.before : change.after) ?? {}).flatMap(([field, value]) => (text(value) ? [{ field, before: gone ? text(value) : "", after: gone ? "" : text(value) }] : []));
}
