/** One recipe: its steps, what they would do to a version, and running them. What is edited and what it is tried on are in the address. */
import { useQueryClient } from "@tanstack/react-query";
import { Button, Input } from "antd";
import { useEffect, useState } from "react";
import { useNavigate, useParams } from "react-router";
import { api, told } from "@/api/client";
import type { Recipe as Kept } from "@/api/types";
import { useAddress } from "@/parts/address";
import { ChooseData } from "@/parts/Choose";
import { Confirm } from "@/parts/Confirm";
import { Failure } from "@/parts/Failure";
import { Head } from "@/parts/Head";
import { offerUndo } from "@/parts/Undo";
import { useWords } from "@/words";
import { stepsOf, usePlanSample, useRecipe, type Step } from "./api";
import { PlanSampleView } from "./PlanSampleView";
import { Steps } from "./Steps";

const SAMPLE = 200;

export function Recipe() {
  const { id = "" } = useParams();
  const { t } = useWords();
  const found = useRecipe(id);
  if (!id) return <Page kept={null} />;
  if (found.data) return <Page key={id} kept={found.data} />;
  return (
    <>
      <Head title={t("recipes.recipe")} crumbs={[{ to: "/recipes", name: t("recipes.title") }]} />
      {found.error ? <Failure error={found.error} again={() => void found.refetch()} /> : <div className="bones" aria-busy="true" />}
    </>
  );
}

function read(text: string | null): Step[] | null {
  try {
    return text ? (JSON.parse(text) as Step[]) : null;
  } catch {
    return null; // somebody shortened the address
  }
}

/** A value once it has not changed for a moment. */
function useCalm<Value>(value: Value): Value {
  const [calm, setCalm] = useState(value);
  useEffect(() => {
    const wait = setTimeout(() => setCalm(value), 500);
    return () => clearTimeout(wait);
  }, [value]);
  return calm;
}

function Page({ kept }: { kept: Kept | null }) {
  const { t } = useWords();
  const navigate = useNavigate();
  const questions = useQueryClient();
  const [params, put] = useAddress();
  const written = params.get("plan");
  const own = stepsOf(kept?.plan);
  const steps = read(written) ?? own;
  const calm = useCalm(written);
  const on = params.get("on") ?? "";
  const name = params.get("name") ?? kept?.name ?? "";
  const looked = usePlanSample(on, read(calm) ?? own, SAMPLE);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const changed = JSON.stringify(steps) !== JSON.stringify(own) || name !== (kept?.name ?? "");
  const ready = !!kept && !changed && !!looked.data && !looked.isPlaceholderData && calm === written;
  const act = async (work: () => Promise<void>) => {
    setBusy(true);
    setError(null);
    try {
      await work();
    } catch (caught) {
      setError(caught);
    } finally {
      setBusy(false);
    }
  };
  const save = () =>
    act(async () => {
      const said = { name: name.trim(), plan: { steps } as never };
      const answer = kept
        ? await told(api.PATCH("/api/v1/datasets/recipes/{id}", { params: { path: { id: kept.id } }, body: { ...said, expected_version: kept.version } }))
        : await told(api.POST("/api/v1/datasets/recipes", { body: said }));
      await questions.invalidateQueries({ queryKey: ["recipe", answer.recipe.id] });
      if (kept) put({ plan: "", name: "" });
      else void navigate(`/recipes/${answer.recipe.id}${on ? `?on=${on}` : ""}`);
    });
  const run = () =>
    act(async () => {
      const body = { dataset_version_id: on, preview: looked.data!.preview, number: kept!.number };
      const made = await told(api.POST("/api/v1/datasets/recipes/{recipe_id}/tasks", { params: { path: { recipe_id: kept!.id } }, body }));
      void navigate(`/datasets/tasks/${made.dataset_task.id}`);
    });
  const remove = async () => {
    await told(api.DELETE("/api/v1/datasets/recipes/{id}", { params: { path: { id: kept!.id }, query: { expected_version: kept!.version } } }));
    await questions.invalidateQueries({ queryKey: ["recipes"] });
    const back = () => told(api.POST("/api/v1/datasets/recipes/{id}/restore", { params: { path: { id: kept!.id } }, body: {} }));
    offerUndo({ name: kept!.name, undo: back, to: `/recipes/${kept!.id}` });
    void navigate("/recipes");
  };
  return (
    <>
      <Head
        title={kept?.name ?? t("recipes.create")}
        lead={kept ? t("recipes.of_revision", { number: kept.number }) : t("recipes.lead")}
        crumbs={[{ to: "/recipes", name: t("recipes.title") }]}
        code={kept ? { path: `/datasets/recipes/${kept.id}` } : { verb: "POST", path: "/datasets/recipes", body: { name, plan: { steps } } }}
        actions={
          <>
            <Button type={changed ? "primary" : "default"} onClick={() => void save()} loading={busy} disabled={!changed || !steps.length || !name.trim()}>
              {t(kept ? "recipes.save" : "recipes.make")}
            </Button>
            {kept && (
              <Button type={changed ? "default" : "primary"} onClick={() => void run()} loading={busy} disabled={!ready}>
                {t("recipes.run")}
              </Button>
            )}
            {kept && <Confirm label={t("recipes.delete")} what={t("recipes.delete_what", { name: kept.name })} look={{ danger: true }} run={remove} />}
          </>
        }
      />
      {error !== null && <Failure error={error} />}
      <div className="cols half">
        <section className="card">
          <div className="field">
            <label htmlFor="recipe-name">{t("recipes.name")}</label>
            <Input id="recipe-name" value={name} maxLength={100} onChange={(event) => put({ name: event.target.value })} />
          </div>
          <h2>{t("recipes.steps")}</h2>
          <Steps steps={steps} change={(next) => put({ plan: JSON.stringify(next) })} />
        </section>
        <section className="card" aria-live="polite">
          <h2>{t("recipes.tried")}</h2>
          <ChooseData id="recipe-on" label={t("recipes.on")} value={on} change={(next) => put({ on: next })} />
          {!on && <p className="why">{t("recipes.on_how")}</p>}
          {kept && changed && <p className="why">{t("recipes.save_first")}</p>}
          {looked.error && <Failure error={looked.error} again={() => void looked.refetch()} />}
          {looked.isLoading && <div className="bones" aria-busy="true" />}
          {looked.data && steps.length > 0 && <PlanSampleView sample={looked.data} stale={looked.isPlaceholderData || calm !== written} />}
        </section>
      </div>
    </>
  );
}
