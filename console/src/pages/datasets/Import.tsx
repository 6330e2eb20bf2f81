/** From a file to a version: the file is sent, its columns are named while its rows are shown, then it is imported. All of it is in the address. */
import { useQuery } from "@tanstack/react-query";
import { Button, Form, Input, Select } from "antd";
import { useRef, useState, type ReactNode } from "react";
import { useNavigate } from "react-router";
import { api, told } from "@/api/client";
import type { Dataset, Upload } from "@/api/types";
import { useAddress } from "@/parts/address";
import { Failure } from "@/parts/Failure";
import { Head } from "@/parts/Head";
import { useWords } from "@/words";
import { useDataset } from "./api";
import { ImportColumns } from "./ImportColumns";
import { ImportFile } from "./ImportFile";
import type { ImportOptions } from "./looks";

export function Import() {
  const { t } = useWords();
  const [params, put] = useAddress();
  const [upload, dataset] = [params.get("upload") ?? "", params.get("dataset") ?? ""];
  const options = read(params.get("as"));
  const found = useQuery({
    queryKey: ["upload", upload],
    enabled: upload !== "",
    queryFn: async () => (await told(api.GET("/api/v1/datasets/uploads/{id}", { params: { path: { id: upload } } }))).upload,
  });
  const file = upload ? found.data : undefined;
  const choose = (chosen: Upload | null) => put({ upload: chosen?.id ?? "", as: "" });
  const change = (next: ImportOptions) => put({ as: JSON.stringify(next) });
  return (
    <>
      <Head title={t("datasets.import")} lead={t("datasets.import_lead")} crumbs={[{ to: "/datasets", name: t("datasets.title") }]} {...(file && { code: { verb: "POST" as const, path: "/datasets/import-preview", body: { config: { paths: [file.path], options } } } })} />
      <Step number={1} title={t("datasets.step_file")}>
        {found.error ? <Failure error={found.error} again={() => choose(null)} /> : <ImportFile chosen={file} choose={choose} />}
      </Step>
      <Step number={2} title={t("datasets.step_columns")} off={!file}>
        {file && <ImportColumns path={file.path} options={options} change={change} />}
      </Step>
      <Step number={3} title={t("datasets.step_name")} off={!file}>
        {file && <Begin file={file} options={options} dataset={dataset} />}
      </Step>
    </>
  );
}

function read(text: string | null): ImportOptions {
  try {
    return (JSON.parse(text ?? "{}") ?? {}) as ImportOptions;
  } catch {
    return {}; // somebody shortened the address
  }
}

function Step({ number, title, off = false, children }: { number: number; title: string; off?: boolean; children?: ReactNode }) {
  return (
    <section className={`card${off ? " gone" : ""}`} aria-label={title}>
      <h2>
        <span className="step">{number}</span> {title}
      </h2>
      {children}
    </section>
  );
}

interface Typed {
  name: string;
  secrecy: Dataset["secrecy"];
}

const LEVELS: Dataset["secrecy"][] = ["PUBLIC", "INTERNAL", "CONFIDENTIAL", "SECRET"];

function Begin({ file, options, dataset }: { file: Upload; options: ImportOptions; dataset: string }) {
  const { t, word } = useWords();
  const navigate = useNavigate();
  const into = useDataset(dataset || "0", dataset !== "");
  const made = useRef(dataset); // kept when the second of both calls fails
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const begin = async (typed: Typed) => {
    setBusy(true);
    setError(null);
    try {
      if (!made.current) {
        const body = { name: typed.name.trim(), type: "Text" as const, secrecy: typed.secrecy, source: file.name };
        made.current = (await told(api.POST("/api/v1/datasets", { body }))).dataset.id;
      }
      const config = { paths: [file.path], options } as never;
      const body = { type: "Importing" as const, sub_type: "File_Import" as const, name: t("datasets.import_of", { name: file.name }).slice(0, 100), config };
      const task = await told(api.POST("/api/v1/datasets/{dataset_id}/tasks", { params: { path: { dataset_id: made.current } }, body }));
      void navigate(`/datasets/tasks/${task.dataset_task.id}`);
    } catch (caught) {
      setError(caught);
      setBusy(false);
    }
  };
  const name = file.name.replace(/\.[^.]*$/, "").slice(0, 100) || file.name.slice(0, 100);
  return (
    <Form layout="vertical" requiredMark={false} initialValues={{ name, secrecy: "INTERNAL" }} onFinish={(typed: Typed) => void begin(typed)} className="narrow">
      {dataset ? (
        <p>{t("datasets.import_into", { name: into.data?.name ?? dataset })}</p>
      ) : (
        <>
          <Form.Item name="name" label={t("datasets.name")} rules={[{ required: true, whitespace: true, message: t("datasets.name_needed") }]}>
            <Input maxLength={100} />
          </Form.Item>
          <Form.Item name="secrecy" label={t("datasets.secrecy")} extra={t("datasets.secrecy_how")}>
            <Select options={LEVELS.map((value) => ({ value, label: word("secrecy", value) }))} />
          </Form.Item>
        </>
      )}
      {error !== null && <Failure error={error} />}
      <Button type="primary" htmlType="submit" loading={busy} className="below">
        {t("datasets.import_now")}
      </Button>
    </Form>
  );
}
