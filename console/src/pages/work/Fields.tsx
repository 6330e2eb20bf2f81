/** The answer to an item: the fields its template asks for now, each with the keys that choose. */
import { Input, InputNumber } from "antd";
import type { Facts } from "@/api/types";
import { useWords } from "@/words";
import { askedNow, chosen, nameOf, stepsOf, titleOf, type Asked, type Body } from "./template";

interface Props {
  body: Body;
  answer: Facts;
  change: (next: Facts) => void;
  /** The field that was found lacking, or refused. */
  wrong?: string;
}

export function Fields({ body, answer, change, wrong = "" }: Props) {
  return (
    <div className="answer">
      {askedNow(body, answer).map((field) => (
        <fieldset key={field.name} className={field.name === wrong ? "wrong" : ""}>
          <legend>
            {titleOf(field)}
            {field.required !== false && <span aria-hidden="true"> *</span>}
          </legend>
          <Field field={field} answer={answer} change={change} />
        </fieldset>
      ))}
    </div>
  );
}

function Field({ field, answer, change }: { field: Asked; answer: Facts; change: (next: Facts) => void }) {
  const { t } = useWords();
  const value = answer[field.name];
  const put = (next: unknown) => change({ ...answer, [field.name]: next });
  if (field.kind === "text")
    return (
      <Input.TextArea
        aria-label={titleOf(field)}
        value={(value as string | undefined) ?? ""}
        rows={2}
        className="grows"
        maxLength={field.at_most ?? 20_000}
        onChange={(event) => put(event.target.value)}
      />
    );
  if (field.kind === "scale") {
    const [low, high] = [field.at_least ?? 1, field.at_most ?? 5];
    const steps = stepsOf(field);
    if (steps.length)
      return (
        <div className="labels" role="group" aria-label={t("work.scale", { title: titleOf(field), low, high })}>
          {steps.map((step) => (
            <button key={step} type="button" aria-pressed={value === step} onClick={() => put(step)}>
              {step}
            </button>
          ))}
        </div>
      );
    return (
      <InputNumber
        aria-label={t("work.scale", { title: titleOf(field), low, high })}
        min={low}
        max={high}
        precision={0}
        value={(value as number | undefined) ?? null}
        onChange={(next) => put(next ?? undefined)}
      />
    );
  }
  const on = (label: string) => (Array.isArray(value) ? value.includes(label) : value === label);
  return (
    <div className="labels">
      {(field.labels ?? []).map((label) => (
        <button key={label.value} type="button" aria-pressed={on(label.value)} onClick={() => change(chosen(answer, field, label.value))}>
          {label.color && <i style={{ background: label.color }} aria-hidden="true" />}
          <bdi>{nameOf(label)}</bdi>
          {label.key && <kbd>{label.key}</kbd>}
        </button>
      ))}
    </div>
  );
}
