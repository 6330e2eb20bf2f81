/** Every version of the project, newest first; two of them can be compared. */
import { useQuery } from "@tanstack/react-query";
import { Checkbox } from "antd";
import { useState } from "react";
import { Link } from "react-router";
import { api, told } from "@/api/client";
import type { ModelStatus, ModelVersion } from "@/api/types";
import { Ago } from "@/parts/Ago";
import { Empty } from "@/parts/Empty";
import { Id, shortened } from "@/parts/Id";
import { State } from "@/parts/State";
import { Table, type Column } from "@/parts/Table";
import { useWords } from "@/words";
import { useAliases, useVersions } from "./api";
import { Marks, marksOf, type VersionMarks } from "./Marks";

interface Words {
  label: (number: number) => string;
  past: (number: number) => string;
  marks: (number: number) => VersionMarks;
}

function columns(chosen: string[], choose: (id: string) => void, { label, past, marks }: Words): Column<ModelVersion>[] {
  return [
    {
      key: "compare",
      title: "models.compare",
      cell: (row) => <Checkbox checked={chosen.includes(row.id)} onChange={() => choose(row.id)} aria-label={label(row.number)} />,
      value: (row) => chosen.includes(row.id),
    },
    { key: "number", title: "models.version", cell: (row) => <b>v{row.number}</b>, value: (row) => row.number },
    {
      key: "status",
      title: "models.state",
      cell: (row) => (
        <>
          <State kind="version" value={row.status} /> {past(row.number) && <div className="why">{past(row.number)}</div>}
        </>
      ),
      value: (row) => row.status,
    },
    {
      key: "marks",
      title: "models.marks",
      cell: (row) => <Marks marks={marks(row.number)} />,
      value: (row) => [...marks(row.number).live.map((each) => `${each.share} %`), ...marks(row.number).names].join(", "),
    },
    { key: "desc", title: "models.about", cell: (row) => <bdi>{row.desc || "—"}</bdi>, value: (row) => row.desc },
    {
      key: "task",
      title: "models.trained_by",
      cell: (row) =>
        row.train_task_id === "0" ? (
          <bdi>{row.source || "—"}</bdi>
        ) : (
          <Link to={`/training/${row.train_task_id}`} className="mono" title={row.train_task_id}>
            {shortened(row.train_task_id)}
          </Link>
        ),
      value: (row) => (row.train_task_id === "0" ? row.source : row.train_task_id),
    },
    { key: "layout", title: "models.layout", cell: (row) => row.layout || "—", value: (row) => row.layout },
    { key: "digest", title: "models.weights", cell: (row) => <Id id={row.artifact_digest} />, value: (row) => row.artifact_digest },
    { key: "created", title: "models.created", cell: (row) => <Ago time={row.create_time} />, value: (row) => new Date(Number(row.create_time)).toISOString() },
    { key: "id", title: "models.id", cell: (row) => <Id id={row.id} />, value: (row) => row.id, extra: true },
  ];
}

export function Versions({ status }: { status: ModelStatus }) {
  const { t, at } = useWords();
  const listed = useVersions(status.id);
  const aliases = useAliases(status.id);
  const overridden = status.deploy.state === "ok" ? status.deploy.overridden : [];
  /** That a version serves although the gate refused it. */
  const past = (number: number) => {
    const release = overridden.find((each) => each.model_version_number === number);
    return release ? t(release.ended ? "models.past_gate_ended" : "models.past_gate", { until: at(Number(release.end_time)) }) : "";
  };
  const [chosen, setChosen] = useState<string[]>([]);
  const choose = (version: string) => setChosen((now) => (now.includes(version) ? now.filter((each) => each !== version) : [...now.slice(-1), version]));
  const two = listed.rows.filter((row) => chosen.includes(row.id));
  return (
    <div className="stack">
      <Table
        name="versions"
        title={t("models.versions")}
        columns={columns(chosen, choose, { label: (number) => t("models.compare_version", { number }), past, marks: (number) => marksOf(number, status, aliases.rows) })}
        listed={listed}
        rowKey={(row) => row.id}
        empty={<Empty title={t("models.no_versions")} text={t("models.no_versions_how")} />}
      />
      {two.length === 2 && <Compare left={two[1]!} right={two[0]!} />}
    </div>
  );
}

function useMeasured(id: string) {
  return useQuery({
    queryKey: ["evidence", id, "newest"],
    queryFn: async () =>
      (await told(api.GET("/api/v1/models/versions/{model_version_id}/evidence", { params: { path: { model_version_id: id }, query: { limit: 1 } } }))).evidence?.[0]?.metrics ?? {},
  }).data ?? {};
}

function Compare({ left, right }: { left: ModelVersion; right: ModelVersion }) {
  const { t, num, word } = useWords();
  const [a, b] = [useMeasured(left.id), useMeasured(right.id)];
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
  return (
    <section className="card">
      <h2>{t("models.compared", { left: left.number, right: right.number })}</h2>
      <div className="scrolled">
        <table>
          <thead>
            <tr>
              <th>{t("models.measure")}</th>
              <th className="n">v{left.number}</th>
              <th className="n">v{right.number}</th>
              <th className="n">{t("models.difference")}</th>
            </tr>
          </thead>
          <tbody>
            <tr>
              <td>{t("models.state")}</td>
              <td className="n">{word("version", left.status)}</td>
              <td className="n">{word("version", right.status)}</td>
              <td className="n">—</td>
            </tr>
            {names.map((name) => (
              <tr key={name}>
                <td>{name}</td>
                <td className="n">{a[name] === undefined ? "—" : num(a[name], 4)}</td>
                <td className="n">{b[name] === undefined ? "—" : num(b[name], 4)}</td>
                <td className="n">{a[name] === undefined || b[name] === undefined ? "—" : `${b[name] > a[name] ? "+" : ""}${num(b[name] - a[name], 4)}`}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
