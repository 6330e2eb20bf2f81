/** What a plan did to a sample: the account of each step, then records before the first and after the last one. */
import { useEffect, useState } from "react";
import { SampleRecords } from "@/pages/datasets/SampleRecords";
import { useWords } from "@/words";
import type { Facts } from "@/api/types";
import type { PlanSample } from "./api";
import { useKindName } from "./Steps";

export function PlanSampleView({ sample, stale }: { sample: PlanSample; stale: boolean }) {
  const { t, num } = useWords();
  const named = useKindName();
  return (
    <div className={stale ? "stale" : undefined} aria-busy={stale}>
      <p className="why">{t(sample.whole ? "recipes.sample_whole" : "recipes.sample_part", { count: num(Number(sample.records)) })}</p>
      <ol className="account">
        {sample.steps.map((each, index) => {
          const gone = Object.values(each.ledger.dropped ?? {}).reduce((sum, count) => sum + count, 0);
          return (
            <li key={index}>
              <b>{named(each.kind)}</b>{" "}
              {each.problem ? (
                <span className="why">
                  {t("recipes.ends_here")} <bdi>{each.problem}</bdi>
                </span>
              ) : (
                <span>
                  {num(each.ledger.in ?? 0)} → {num(each.ledger.out ?? 0)} · {each.ledger.added ? `${t("recipes.makes", { count: num(each.ledger.added) })} · ` : ""}
                  {t("recipes.drops", { count: num(gone) })} · {t("recipes.changes", { count: num(Number(each.changed)) })}
                </span>
              )}
            </li>
          );
        })}
      </ol>
      {sample.made.length > 0 && <h3 className="between below">{t("recipes.made", { count: num(sample.made.length) })}</h3>}
      {sample.made.map((each, index) => (
        <article className="change" key={index}>
          {typeof each._picture === "string" && <Drawn png={each._picture} name={t("recipes.made_picture", { number: index + 1 })} />}
          {saidOf(each).map(([field, value]) => (
            <div key={field}>
              <small>{field}</small> <bdi>{(typeof value === "string" ? value : JSON.stringify(value)).slice(0, 300)}</bdi>
            </div>
          ))}
        </article>
      ))}
      <SampleRecords changed={sample.changed} dropped={sample.dropped} />
    </div>
  );
}

/** What a record says, its small picture aside. */
const saidOf = (record: Facts) => Object.entries(record).filter(([field]) => field !== "_picture");

/** A picture that came with the answer. The page's policy takes no data in an address, so it gets one of its own while it is shown. */
function Drawn({ png, name }: { png: string; name: string }) {
  const [address, setAddress] = useState("");
  useEffect(() => {
    const made = URL.createObjectURL(new Blob([Uint8Array.from(atob(png), (sign) => sign.charCodeAt(0))], { type: "image/png" }));
    setAddress(made);
    return () => URL.revokeObjectURL(made);
  }, [png]);
  return address ? <img className="medium small" src={address} alt={name} /> : null;
}
