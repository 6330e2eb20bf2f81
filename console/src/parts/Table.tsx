/** Every list: rows come by cursor, only the visible ones of a long list are in the page, columns are chosen and remembered, all is exported. */
import { Button, Checkbox, Popover } from "antd";
import { useCallback, useEffect, useRef, useState, type ReactNode } from "react";
import type { Listed } from "@/api/pages";
import { saveAs, toCsv } from "./export";
import { Failure } from "./Failure";
import { useWords, type Key } from "@/words";

export interface Column<Row> {
  key: string;
  title: Key;
  cell: (row: Row) => ReactNode;
  /** What an export writes. */
  value: (row: Row) => string | number | boolean;
  number?: boolean;
  /** A name from outside, such as a record's field, in place of the title. */
  name?: string;
  /** Not shown until it is asked for. */
  extra?: boolean;
}

interface Props<Row> {
  /** Of the file an export makes, and under which the columns are remembered. */
  name: string;
  title: string;
  columns: Column<Row>[];
  listed: Listed<Row>;
  rowKey: (row: Row) => string;
  empty: ReactNode;
  tools?: ReactNode;
  /** The row as JSONL writes it, when it is not the row itself. */
  raw?: (row: Row) => unknown;
}

const LONG = 30; // rows from which on only the visible ones are in the page
const HEIGHT = 39; // of a row of a long list, pixels
const AROUND = 12; // rows kept above and below what is seen

export function Table<Row>({ name, title, columns, listed, rowKey, empty, tools, raw = (row) => row }: Props<Row>) {
  const { t } = useWords();
  const [shown, choose] = useColumns(name, columns);
  const box = useRef<HTMLDivElement>(null);
  const long = listed.rows.length > LONG;
  const [from, to] = useVisible(box, listed.rows.length, long);
  const { more, loading, loadMore } = listed;
  useEffect(() => {
    if (long && more && !loading && to > listed.rows.length - AROUND) loadMore();
  }, [long, more, loading, loadMore, to, listed.rows.length]);

  if (listed.error && !listed.rows.length) return <Failure error={listed.error} again={listed.again} />;
  if (listed.pending) return <div className="bones" aria-busy="true" aria-label={t("parts.loading")} />;
  return (
    <>
      <div className="tools">
        {tools}
        <span className="right">
          {listed.rows.length > 0 && (
            <>
              <Choice columns={columns} shown={shown} choose={choose} />
              <Export name={name} columns={columns} listed={listed} raw={raw} />
            </>
          )}
        </span>
      </div>
      {listed.error && <Failure error={listed.error} again={listed.again} />}
      {listed.rows.length === 0 ? (
        <div className="card">{empty}</div>
      ) : (
        <div className={`grid${long ? " long" : ""}`} ref={box} tabIndex={0} role="region" aria-label={title}>
          <table aria-rowcount={more ? -1 : listed.rows.length + 1}>
            <thead>
              <tr>
                {shown.map((column) => (
                  <th key={column.key} className={column.number ? "n" : undefined} scope="col">
                    {column.name ?? t(column.title)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {from > 0 && <Spacer rows={from} width={shown.length} />}
              {listed.rows.slice(from, to).map((row, index) => (
                <tr key={rowKey(row)} aria-rowindex={from + index + 2}>
                  {shown.map((column) => (
                    <td key={column.key} className={column.number ? "n" : undefined}>
                      {column.cell(row)}
                    </td>
                  ))}
                </tr>
              ))}
              {to < listed.rows.length && <Spacer rows={listed.rows.length - to} width={shown.length} />}
            </tbody>
          </table>
          {more && (
            <div className="foot">
              <Button onClick={loadMore} loading={loading}>
                {t("parts.more")}
              </Button>
            </div>
          )}
        </div>
      )}
    </>
  );
}

function Spacer({ rows, width }: { rows: number; width: number }) {
  const line = useRef<HTMLTableRowElement>(null);
  useEffect(() => {
    if (line.current) line.current.style.height = `${rows * HEIGHT}px`;
  }, [rows]);
  return (
    <tr className="spacer" aria-hidden="true" ref={line}>
      <td colSpan={width} />
    </tr>
  );
}

/** The rows in view and a few around them. */
function useVisible(box: React.RefObject<HTMLDivElement | null>, count: number, long: boolean): [number, number] {
  const [top, setTop] = useState(0);
  useEffect(() => {
    const element = box.current;
    if (!element || !long) return;
    let asked = 0;
    const scrolled = () => {
      cancelAnimationFrame(asked);
      asked = requestAnimationFrame(() => setTop(Math.floor(element.scrollTop / HEIGHT)));
    };
    element.addEventListener("scroll", scrolled, { passive: true });
    return () => element.removeEventListener("scroll", scrolled);
  }, [box, long]);
  if (!long) return [0, count];
  const seen = Math.ceil(window.innerHeight / HEIGHT);
  const from = Math.max(0, Math.min(top, count - seen) - AROUND);
  return [from, Math.min(count, from + seen + 2 * AROUND)];
}

function useColumns<Row>(name: string, columns: Column<Row>[]): [Column<Row>[], (keys: string[]) => void] {
  const stored = `modelyard.columns.${name}`;
  const [keys, setKeys] = useState<string[]>(() => {
    const known = localStorage.getItem(stored);
    return known ? known.split(",") : columns.filter((column) => !column.extra).map((column) => column.key);
  });
  const choose = useCallback(
    (next: string[]) => {
      if (!next.length) return;
      localStorage.setItem(stored, next.join(","));
      setKeys(next);
    },
    [stored],
  );
  const shown = columns.filter((column) => keys.includes(column.key));
  return [shown.length ? shown : columns, choose];
}

function Choice<Row>({ columns, shown, choose }: { columns: Column<Row>[]; shown: Column<Row>[]; choose: (keys: string[]) => void }) {
  const { t } = useWords();
  const list = (
    <Checkbox.Group
      className="choice"
      value={shown.map((column) => column.key)}
      options={columns.map((column) => ({ value: column.key, label: column.name ?? t(column.title) }))}
      onChange={choose}
    />
  );
  return (
    <Popover content={list} trigger="click" placement="bottomRight">
      <Button>{t("parts.columns")}</Button>
    </Popover>
  );
}

interface ExportProps<Row> {
  name: string;
  columns: Column<Row>[];
  listed: Listed<Row>;
  raw: (row: Row) => unknown;
}

function Export<Row>({ name, columns, listed, raw }: ExportProps<Row>) {
  const { t } = useWords();
  const [busy, setBusy] = useState("");
  const [error, setError] = useState<unknown>(null);
  const write = async (kind: "csv" | "jsonl") => {
    setBusy(kind);
    setError(null);
    try {
      const rows: Row[] = [];
      for await (const row of listed.all()) rows.push(row);
      const head = columns.map((column) => column.name ?? t(column.title));
      const text = kind === "csv" ? toCsv(head, rows.map((row) => columns.map((column) => column.value(row)))) : rows.map((row) => JSON.stringify(raw(row))).join("\n");
      saveAs(`${name}.${kind}`, `${text}\n`, kind === "csv" ? "text/csv" : "application/x-ndjson");
    } catch (caught) {
      setError(caught);
    } finally {
      setBusy("");
    }
  };
  return (
    <>
      {(["csv", "jsonl"] as const).map((kind) => (
        <Button key={kind} loading={busy === kind} disabled={!!busy && busy !== kind} onClick={() => void write(kind)}>
          {kind.toUpperCase()}
        </Button>
      ))}
      {error !== null && <Failure error={error} />}
    </>
  );
}
