/** Pictures and recordings of a version: one in a table, or all of them as a grid. */
import { Button } from "antd";
import { addressOf } from "@/api/client";
import type { Listed } from "@/api/pages";
import type { Facts } from "@/api/types";
import { Empty } from "@/parts/Empty";
import { Failure } from "@/parts/Failure";
import { useWords } from "@/words";
import type { Kept } from "./api";

const FIELDS = ["image", "audio"] as const;
type Field = (typeof FIELDS)[number];

interface Named {
  field: Field;
  digest: string;
}

/** The picture or recording that a record names, if it names one. */
export function mediumOf(record: Facts): Named | null {
  for (const field of FIELDS) {
    const blob = (record[field] as { blob?: unknown } | null | undefined)?.blob;
    if (typeof blob === "string" && blob.startsWith("sha256:")) return { field, digest: blob };
  }
  return null;
}

export function Medium({ version, record, small = false }: { version: string; record: Facts; small?: boolean }) {
  const { t } = useWords();
  const found = mediumOf(record);
  if (!found) return null;
  const address = addressOf(`/datasets/versions/${version}/blobs/${found.digest}`, {});
  const name = typeof record.label === "string" ? record.label : String(record.source ?? t("datasets.medium"));
  return found.field === "image" ? <img className={small ? "medium small" : "medium"} src={address} alt={name} loading="lazy" /> : <audio className="medium" src={address} controls preload="none" aria-label={name} />;
}

export function Gallery({ version, listed }: { version: string; listed: Listed<Kept> }) {
  const { t } = useWords();
  if (listed.error) return <Failure error={listed.error} again={listed.again} />;
  if (!listed.rows.length) return listed.pending ? <div className="bones" aria-busy="true" /> : <Empty title={t("datasets.no_records")} text={t("datasets.no_records_how")} />;
  return (
    <>
      <ul className="gallery">
        {listed.rows.map((row) => (
          <li key={row.place}>
            <figure>
              <Medium version={version} record={row.record} />
              <figcaption>
                <b>{typeof row.record.label === "string" ? row.record.label : "—"}</b> <small>{row.place}</small>
              </figcaption>
            </figure>
          </li>
        ))}
      </ul>
      {listed.more && (
        <Button onClick={listed.loadMore} loading={listed.loading}>
          {t("parts.more")}
        </Button>
      )}
    </>
  );
}
