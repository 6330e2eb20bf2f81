/** What the records of a version look like: each field with how often it is there, its lengths, and its values where they are few. */
import type { FieldSummary } from "@/api/types";
import { Failure } from "@/parts/Failure";
import { useWords } from "@/words";
import { useSummary } from "./looks";

export function Fields({ id }: { id: string }) {
  const { t, num } = useWords();
  const found = useSummary(id);
  if (found.error) return <Failure error={found.error} again={() => void found.refetch()} />;
  if (!found.data) return <div className="bones" aria-busy="true" />;
  return (
    <>
      <p className="lead">{t(found.data.whole ? "datasets.fields_whole" : "datasets.fields_sample", { count: num(found.data.records) })}</p>
      <div className="tiles wide-tiles">
        {found.data.fields.map((field) => (
          <Field key={field.field} field={field} of={found.data.records} />
        ))}
      </div>
    </>
  );
}

function Field({ field, of }: { field: FieldSummary; of: number }) {
  const { t, num, percent } = useWords();
  const few = field.values.length > 0;
  const bars = few ? field.values : field.lengths;
  const most = Math.max(1, ...bars.map((bar) => Number(bar.records)));
  return (
    <section className="card" aria-label={field.field}>
      <h2>
        <bdi>{field.field}</bdi>
        <span className="aside">{percent(of ? Number(field.present) / of : 0)}</span>
      </h2>
      <p className="why">
        {t("datasets.field_facts", { distinct: num(Number(field.distinct)), mean: num(field.mean_length, 1), longest: num(Number(field.longest)) })}
      </p>
      <ul className="bars thin" aria-label={t(few ? "datasets.by_value" : "datasets.by_length")}>
        {bars.map((bar) => (
          <li key={bar.label}>
            <span className="left">
              <bdi>{bar.label}</bdi>
            </span>
            <progress className="bar" value={Number(bar.records)} max={most} aria-label={bar.label} />
            <span>{num(Number(bar.records))}</span>
          </li>
        ))}
      </ul>
      <p className="why">{t(few ? "datasets.by_value" : "datasets.by_length")}</p>
    </section>
  );
}
