/** A version as one file for other tools: in which format, what will be in it, and the file itself. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Button, Modal, Radio, Switch } from "antd";
import { useState } from "react";
import { addressOf, api, ApiError, told } from "@/api/client";
import type { DatasetVersion, Export as Prepared } from "@/api/types";
import { Failure } from "@/parts/Failure";
import { Id } from "@/parts/Id";
import { useWords } from "@/words";

const FORMATS = {
  jsonl: "datasets.export_jsonl",
  csv: "datasets.export_csv",
  parquet: "datasets.export_parquet",
  files: "datasets.export_files",
  coco: "datasets.export_coco",
  yolo: "datasets.export_yolo",
} as const;
type Format = keyof typeof FORMATS;
/** Of what kind a version must be for a format that is not for all. */
const ONLY: Partial<Record<Format, string[]>> = { files: ["image", "audio"], coco: ["image"], yolo: ["image"] };
/** A large one goes on behind BUSY: it is asked for until it is there. */
const goesOn = (count: number, error: Error) => count < 900 && error instanceof ApiError && error.problem.reason === "BUSY";

export function Export({ version }: { version: DatasetVersion }) {
  const { t } = useWords();
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button onClick={() => setOpen(true)}>{t("datasets.export")}</Button>
      <Modal title={t("datasets.export_of", { number: version.number })} open={open} onCancel={() => setOpen(false)} footer={null} destroyOnHidden>
        <Chosen id={version.id} kind={version.kind} />
      </Modal>
    </>
  );
}

function Chosen({ id, kind }: { id: string; kind: string }) {
  const { t } = useWords();
  const [format, setFormat] = useState<Format>("jsonl");
  const [spreadsheet, setSpreadsheet] = useState(true);
  const query = { format, ...(format === "csv" && !spreadsheet && { spreadsheet: false }) };
  const made = useQuery({
    queryKey: ["export", id, format, spreadsheet],
    queryFn: async () => (await told(api.GET("/api/v1/datasets/versions/{dataset_version_id}/export", { params: { path: { dataset_version_id: id }, query } }))).prepared,
    retry: goesOn,
    retryDelay: 1000,
    placeholderData: keepPreviousData,
  });
  return (
    <div className="stack">
      <Radio.Group value={format} onChange={(event) => setFormat(event.target.value as Format)} aria-label={t("datasets.format")}>
        {(Object.keys(FORMATS) as Format[]).filter((each) => ONLY[each]?.includes(kind) ?? true).map((each) => (
          <Radio key={each} value={each}>
            {t(FORMATS[each])}
          </Radio>
        ))}
      </Radio.Group>
      {format === "csv" && (
        <label className="pick">
          <Switch checked={spreadsheet} onChange={setSpreadsheet} aria-label={t("datasets.export_spreadsheet")} /> {t("datasets.export_spreadsheet")}
        </label>
      )}
      {made.error && <Failure error={made.error} again={() => void made.refetch()} />}
      {(made.isLoading || made.isPlaceholderData) && (
        <p className="why" aria-busy="true">
          {t("datasets.exporting")}
        </p>
      )}
      {made.data && !made.isPlaceholderData && <Ready prepared={made.data} address={addressOf(`/datasets/versions/${id}/export/file`, query)} />}
    </div>
  );
}

function Ready({ prepared, address }: { prepared: Prepared; address: string }) {
  const { t, num, bytes } = useWords();
  const records = Number(prepared.records);
  const other = records - Number(prepared.same_records);
  return (
    <>
      <p>
        <bdi>{prepared.file.name}</bdi> · {bytes(Number(prepared.file.bytes))} · {t("datasets.export_records", { count: num(records) })}
      </p>
      <p className="why">
        {other ? t("datasets.export_others", { count: num(other) }) : t("datasets.export_same")}
        {Number(prepared.escaped_cells) > 0 && <> {t("datasets.export_escaped", { count: num(Number(prepared.escaped_cells)) })}</>}
      </p>
      <p className="why">
        SHA-256 <Id id={prepared.file.sha256} />
      </p>
      <Button type="primary" href={address} download={prepared.file.name}>
        {t("datasets.export_take")}
      </Button>
    </>
  );
}
