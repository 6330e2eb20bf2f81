/** A classifier, tried: a text, and the labels it may have with their probabilities. */
import { useMutation } from "@tanstack/react-query";
import { Button, Input } from "antd";
import { useState } from "react";
import { Failure } from "@/parts/Failure";
import { Id } from "@/parts/Id";
import { isPicture, Picture } from "@/parts/Picture";
import { useWords } from "@/words";
import { classify } from "./api";

const SHOWN = 12;

export function Classify({ model, text, change }: { model: string; text: string; change: (text: string) => void }) {
  const { t, num, score } = useWords();
  const [took, setTook] = useState(0);
  const asked = useMutation({
    mutationFn: async () => {
      const started = performance.now();
      const found = await classify(model, text.trim());
      setTook(performance.now() - started);
      return found;
    },
  });
  const taken = (file: File | undefined) => {
    if (!file) return;
    const reader = new FileReader();
    reader.onload = () => change(String(reader.result));
    reader.readAsDataURL(file);
  };
  const ready = Boolean(text.trim() && model) && !asked.isPending;
  return (
    <section className="card">
      <Input.TextArea value={text} onChange={(event) => change(event.target.value)} rows={5} placeholder={t("playground.text")} aria-label={t("playground.text")} />
      {isPicture(text) && <Picture text={text} name={t("playground.picture")} />}
      <p className="below">
        <label className="file">
          {t("playground.picture")} <input type="file" accept="image/*" onChange={(event) => taken(event.target.files?.[0])} />
        </label>
      </p>
      <p className="below">
        <Button type="primary" onClick={() => asked.mutate()} disabled={!ready} loading={asked.isPending}>
          {t("playground.classify")}
        </Button>
      </p>
      {asked.error && <Failure error={asked.error} />}
      {asked.data && (
        <>
          <ul className="bars thin" aria-label={t("playground.labels")}>
            {asked.data.labels.slice(0, SHOWN).map(([label, probability]) => (
              <li key={label}>
                <span className="left">
                  <bdi>{label}</bdi>
                </span>
                <progress className="bar" value={probability} max={1} aria-label={label} />
                <span>{score(probability)}</span>
              </li>
            ))}
          </ul>
          <p className="why">
            {t("playground.by", { version: asked.data.by.version, ms: num(took) })} <Id id={asked.data.by.digest} /> · {t("parts.request")} <Id id={asked.data.by.request} />
          </p>
        </>
      )}
    </section>
  );
}
