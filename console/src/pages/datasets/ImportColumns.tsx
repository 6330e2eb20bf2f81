/** The second step of an import: how the file is read and what its columns are, with its first rows as they would come in. */
import { Select, Switch } from "antd";
import { Failure } from "@/parts/Failure";
import { useWords } from "@/words";
import { useImportPreview, type ImportOptions, type ImportSample } from "./looks";

const FORMATS = ["auto", "csv", "tsv", "jsonl", "json", "parquet", "txt", "markdown", "html"] as const;
const SHAPES = ["auto", "openai_messages", "sharegpt", "alpaca", "preference_pair", "document"] as const;
const PAGES = ["markdown", "html"];
const DELIMITERS = ["auto", ",", ";", "\t", "|"] as const;
const OURS = ["text", "title", "instruction", "input", "output", "system", "history", "messages", "conversations", "prompt", "chosen", "rejected", "tools", "lang", "subject", "template"];

export function ImportColumns({ path, options, change }: { path: string; options: ImportOptions; change: (options: ImportOptions) => void }) {
  const { t } = useWords();
  const looked = useImportPreview(path, options);
  const file = looked.data?.files[0];
  const suggested = looked.data?.suggested ?? {};
  return (
    <>
      <div className="tools">
        <Pick name={t("datasets.format")} value={options.format ?? "auto"} all={FORMATS} change={(format) => change({ ...options, format })} />
        {(options.format === "csv" || file?.format === "csv") && (
          <Pick name={t("datasets.delimiter")} value={options.delimiter ?? "auto"} all={DELIMITERS} change={(delimiter) => change({ ...options, delimiter })} />
        )}
        {PAGES.includes(options.format ?? file?.format ?? "") || PAGES.includes(file?.format ?? "") ? (
          <label className="pick">
            <Switch size="small" checked={options.sections ?? false} onChange={(sections) => change({ ...options, sections })} aria-label={t("datasets.sections")} /> {t("datasets.sections")}
          </label>
        ) : (
          <Pick name={t("datasets.shape")} value={options.shape ?? "auto"} all={SHAPES} change={(shape) => change({ ...options, shape })} />
        )}
        {file && (
          <span className="why none">
            {[file.format.toUpperCase(), file.delimiter && t("datasets.set_apart", { sign: shown(file.delimiter) }), file.encoding].filter(Boolean).join(" · ")}
          </span>
        )}
      </div>
      {file && <Taken file={file} named={(options.shape ?? "auto") !== "auto"} />}
      {Object.keys(suggested).length > 0 && !options.columns && (
        <p className="note">
          {t("datasets.suggested", { mapping: Object.entries(suggested).map(([ours, theirs]) => `${theirs} → ${ours}`).join(", ") })}
          <button type="button" className="plain inline" onClick={() => change({ ...options, columns: suggested })}>
            {t("datasets.suggested_take")}
          </button>
        </p>
      )}
      {looked.error && <Failure error={looked.error} again={() => void looked.refetch()} />}
      {looked.data && (
        <div className={looked.isPlaceholderData ? "stale" : undefined} aria-busy={looked.isPlaceholderData}>
          <Columns sample={looked.data} options={options} change={change} />
          <Rows sample={looked.data} keep={options.keep_good_rows ?? false} change={(keep_good_rows) => change({ ...options, keep_good_rows })} />
        </div>
      )}
      {looked.isPending && <div className="bones" aria-busy="true" />}
    </>
  );
}

/** What the rows are taken as, and the fields that say so. */
function Taken({ file, named }: { file: ImportSample["files"][number]; named: boolean }) {
  const { t, word } = useWords();
  if (!file.shape) return null;
  const signs = (file.shape_signs ?? []).join(", ");
  const shape = word("shape", file.shape);
  return (
    <p className="note" role="status">
      {named ? t("datasets.held_to", { shape }) : t("datasets.taken_as", { shape, signs })}
    </p>
  );
}

const shown = (sign: string) => (sign === "\t" ? "Tab" : sign);

function Pick<Value extends string>({ name, value, all, change }: { name: string; value: Value; all: readonly Value[]; change: (value: Value) => void }) {
  const { t, word } = useWords();
  const label = (each: Value) => (each === "auto" ? t("datasets.auto") : (SHAPES as readonly string[]).includes(each) ? word("shape", each) : shown(each));
  return (
    <label className="pick">
      {name} <Select value={value} options={all.map((each) => ({ value: each, label: label(each) }))} onChange={change} aria-label={name} />
    </label>
  );
}

/** Every column of the file: what it is for us, and its first values. */
function Columns({ sample, options, change }: { sample: ImportSample; options: ImportOptions; change: (options: ImportOptions) => void }) {
  const { t } = useWords();
  const columns = sample.files[0]?.columns ?? [];
  const mapping = options.columns ?? {};
  const oursOf = (column: string) => Object.keys(mapping).find((ours) => mapping[ours] === column) ?? "";
  const map = (column: string, ours: string) => {
    const next = Object.fromEntries(Object.entries(mapping).filter(([key, theirs]) => theirs !== column && key !== ours));
    if (ours) next[ours] = column;
    change({ ...options, columns: Object.keys(next).length ? next : undefined });
  };
  if (!columns.length) return null;
  return (
    <div className="grid" tabIndex={0} role="region" aria-label={t("datasets.columns")}>
      <table>
        <thead>
          <tr>
            <th scope="col">{t("datasets.column")}</th>
            <th scope="col">{t("datasets.stands_for")}</th>
            <th scope="col">{t("datasets.first_values")}</th>
          </tr>
        </thead>
        <tbody>
          {columns.map((column) => (
            <tr key={column}>
              <td className="tight">
                <bdi>{column}</bdi>
              </td>
              <td>
                <Select
                  className="filter"
                  value={oursOf(column)}
                  aria-label={t("datasets.column_is", { column })}
                  options={[{ value: "", label: t("datasets.own_name") }, ...OURS.map((ours) => ({ value: ours, label: ours }))]}
                  onChange={(ours) => map(column, ours)}
                />
              </td>
              <td>
                <bdi>{sample.files[0]?.first_values[column] || "—"}</bdi>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const text = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));

/** The first rows as records, and those that would be left out with their reason. */
function Rows({ sample, keep, change }: { sample: ImportSample; keep: boolean; change: (keep: boolean) => void }) {
  const { t, num } = useWords();
  const bad = sample.rows.filter((row) => row.reason).length;
  const fields = [...new Set(sample.rows.flatMap((row) => Object.keys(row.record ?? {})))].slice(0, 6);
  return (
    <>
      <div className="tools below">
        <b>{t("datasets.rows_read", { count: num(sample.rows.length), bad: num(bad) })}</b>
        <span className="right">
          <label className="pick">
            <Switch checked={keep} onChange={change} aria-label={t("datasets.keep_good")} size="small" /> {t("datasets.keep_good")}
          </label>
        </span>
      </div>
      {bad > 0 && !keep && <p className="why">{t("datasets.fails_on_bad")}</p>}
      <div className="grid sample" tabIndex={0} role="region" aria-label={t("datasets.first_rows")}>
        <table>
          <thead>
            <tr>
              <th scope="col" className="n">
                {t("datasets.line")}
              </th>
              {fields.map((field) => (
                <th key={field} scope="col">
                  <bdi>{field}</bdi>
                </th>
              ))}
              {!fields.length && <th scope="col">{t("datasets.why")}</th>}
            </tr>
          </thead>
          <tbody>
            {sample.rows.map((row, index) => (
              <tr key={index}>
                <td className="n">{row.row}</td>
                {row.reason ? (
                  <td colSpan={Math.max(1, fields.length)} className="tone-bad">
                    {t("datasets.left_out")}: <bdi>{row.reason === sample.rows[index - 1]?.reason ? row.excerpt : row.reason}</bdi>
                  </td>
                ) : (
                  fields.map((field) => (
                    <td key={field}>
                      <bdi>{short(row.record?.[field])}</bdi>
                    </td>
                  ))
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {!sample.whole && <p className="why">{t("datasets.first_only")}</p>}
    </>
  );
}

function short(value: unknown): string {
  const whole = value === undefined ? "" : text(value);
  return whole.length > 120 ? `${whole.slice(0, 120)}…` : whole;
}
