/** Whether each domain answers, asked through the gateway as pages ask: what a person here can really rely on. */
import { useQueries } from "@tanstack/react-query";
import { ApiError, api, told } from "@/api/client";
import { FRESH, isLive } from "@/api/live";
import { Failure } from "@/parts/Failure";
import { Head } from "@/parts/Head";
import { Pill } from "@/parts/State";
import { useWords, type Key } from "@/words";

const query = { limit: 1 };
const PARTS: { name: Key; what: Key; ask: () => Promise<unknown> }[] = [
  { name: "admin.part_identity", what: "admin.part_identity_what", ask: () => told(api.GET("/api/v1/sessions", { params: { query } })) },
  { name: "admin.part_model", what: "admin.part_model_what", ask: () => told(api.GET("/api/v1/models", { params: { query } })) },
  { name: "admin.part_dataset", what: "admin.part_dataset_what", ask: () => told(api.GET("/api/v1/datasets", { params: { query } })) },
  { name: "admin.part_train", what: "admin.part_train_what", ask: () => told(api.GET("/api/v1/train/tasks", { params: { query } })) },
  { name: "admin.part_eval", what: "admin.part_eval_what", ask: () => told(api.GET("/api/v1/eval/tasks", { params: { query } })) },
  { name: "admin.part_deploy", what: "admin.part_deploy_what", ask: () => told(api.GET("/api/v1/deploy/work-orders", { params: { query } })) },
];

/** How long it took, or what it failed with; a part that fails is an answer here, not an error. */
async function probe(ask: () => Promise<unknown>): Promise<{ ms: number; error: unknown }> {
  const started = performance.now();
  try {
    await ask();
    return { ms: performance.now() - started, error: null };
  } catch (error) {
    return { ms: performance.now() - started, error };
  }
}

export function Health() {
  const { t, num } = useWords();
  const found = useQueries({ queries: PARTS.map((part) => ({ queryKey: ["health", part.name], queryFn: () => probe(part.ask), refetchInterval: (query: { state: { data?: { error: unknown } } }) => (isLive() && !query.state.data?.error ? false : FRESH) })) });
  const forbidden = (error: unknown) => error instanceof ApiError && error.status === 403;
  const broken = found.filter((each) => each.data?.error && !forbidden(each.data.error)).length;
  return (
    <>
      <Head
        title={t("admin.health")}
        lead={t("admin.health_lead")}
        state={found.every((each) => each.data) ? <Pill tone={broken ? "bad" : "ok"} shape={broken ? "cross" : "check"}>{t(broken ? "admin.some_broken" : "admin.all_answer")}</Pill> : null}
        code={{ path: "/models", query: { limit: "1" } }}
      />
      <div className="tiles wide-tiles">
        {PARTS.map((part, index) => {
          const answer = found[index]?.data;
          const dead = answer?.error && !forbidden(answer.error);
          return (
            <section className={`card${dead ? " gone" : ""}`} key={part.name}>
              <h2>
                {t(part.name)}
                <span className="aside">
                  {!answer ? <Pill tone="off" shape="ring">{t("parts.loading")}</Pill> : dead ? <Pill tone="bad" shape="cross">{t("admin.silent")}</Pill> : <Pill tone="ok" shape="check">{t("admin.answers")}</Pill>}
                </span>
              </h2>
              <div className="fig">
                {answer && !dead ? num(answer.ms) : "—"}
                <small className="inline">ms</small>
              </div>
              <p className="why">{t(part.what)}</p>
              {dead ? <Failure error={answer.error} /> : null}
            </section>
          );
        })}
      </div>
    </>
  );
}
