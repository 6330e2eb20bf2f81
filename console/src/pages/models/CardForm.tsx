/** Writing a model card. Only what was changed is sent; a save that comes too late keeps what was typed. */
import { Button, Form, Input } from "antd";
import { useEffect, useState } from "react";
import { ApiError, api, told } from "@/api/client";
import type { ModelCard } from "@/api/types";
import { Failure } from "@/parts/Failure";
import { useWords } from "@/words";

type Texts = Record<string, string>;
const textsOf = (card: ModelCard): Texts => Object.fromEntries(card.sections.map((section) => [section.name, section.text]));

export function CardForm({ card, done, stop }: { card: ModelCard; done: () => void; stop: () => void }) {
  const { t, language } = useWords();
  const [form] = Form.useForm<Texts>();
  const [from, setFrom] = useState(card); // what the person began with
  const [error, setError] = useState<unknown>(null);
  const [late, setLate] = useState(false);
  const [busy, setBusy] = useState(false);
  const stored = `modelyard.draft.card.${card.model_version_id}`;
  useEffect(() => {
    const draft = sessionStorage.getItem(stored);
    if (draft) form.setFieldsValue(JSON.parse(draft) as Texts);
  }, [stored, form]);
  const path = { model_version_id: card.model_version_id };
  const save = async (typed: Texts) => {
    setBusy(true);
    setError(null);
    const before = textsOf(from);
    const sections = Object.entries(typed).flatMap(([name, text]) => (text === before[name] ? [] : [{ name, text }]));
    try {
      const adopts = from.version === 0 && from.written_for_number > 0; // what was taken over, looked at and left as it is
      if (sections.length || adopts)
        await told(
          api.PUT("/api/v1/models/versions/{model_version_id}/card", {
            params: { path },
            body: { sections: sections.length ? sections : Object.entries(before).map(([name, text]) => ({ name, text })), expected_version: from.version },
          }),
        );
      sessionStorage.removeItem(stored);
      done();
    } catch (caught) {
      if (caught instanceof ApiError && caught.status === 412) await merge(before);
      else setError(caught);
    } finally {
      setBusy(false);
    }
  };
  /** What another person changed comes in where this one typed nothing. */
  const merge = async (before: Texts) => {
    const now = (await told(api.GET("/api/v1/models/versions/{model_version_id}/card", { params: { path } }))).card as ModelCard;
    for (const [name, text] of Object.entries(textsOf(now))) if (form.getFieldValue(name) === before[name]) form.setFieldValue(name, text);
    setFrom(now);
    setLate(true);
  };
  return (
    <Form
      form={form}
      layout="vertical"
      requiredMark={false}
      initialValues={textsOf(card)}
      onValuesChange={(_, all) => sessionStorage.setItem(stored, JSON.stringify(all))}
      onFinish={(typed) => void save(typed)}
    >
      {card.sections.map((section) => (
        <Form.Item key={section.name} name={section.name} label={section.title[language]} extra={section.hint[language]}>
          <Input.TextArea rows={2} className="grows" maxLength={10_000} />
        </Form.Item>
      ))}
      {late && (
        <div className="failed" role="alert">
          {t("models.card_late")}
        </div>
      )}
      {error !== null && <Failure error={error} />}
      <div className="row">
        <Button type="primary" htmlType="submit" loading={busy}>
          {t(from.version === 0 && from.written_for_number ? "models.card_adopt" : "models.save")}
        </Button>
        <Button onClick={stop}>{t("models.card_stop")}</Button>
      </div>
    </Form>
  );
}
