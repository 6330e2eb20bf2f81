/** Ctrl/⌘-K: any page, any action, any object by the beginning of its name or by its id. */
import { Modal } from "antd";
import { useEffect, useState } from "react";
import { useNavigate } from "react-router";
import { useQuery } from "@tanstack/react-query";
import { api } from "@/api/client";
import { useSession } from "@/api/session";
import { speak, useWords } from "@/words";
import { GROUPS } from "./pages";
import { setDark, useTheme } from "./theme";

interface Hit {
  name: string;
  kind: string;
  go: () => void;
}

export function Palette({ open, close }: { open: boolean; close: () => void }) {
  const { t } = useWords();
  return (
    <Modal open={open} onCancel={close} footer={null} closable={false} width={620} destroyOnHidden className="palette" title={<span className="visually-hidden">{t("frame.search")}</span>}>
      <Finder close={close} />
    </Modal>
  );
}

function Finder({ close }: { close: () => void }) {
  const { t } = useWords();
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const hits = useHits(text.trim());
  useEffect(() => setAt(0), [text]);
  const take = (hit: Hit | undefined) => {
    if (!hit) return;
    close();
    hit.go();
  };
  const pressed = (event: React.KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      setAt((now) => (now + step + hits.length) % Math.max(1, hits.length));
    }
    if (event.key === "Enter") take(hits[at]);
  };
  return (
    <>
      <input
        autoFocus
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={pressed}
        placeholder={t("frame.search_for")}
        aria-label={t("frame.search_for")}
        role="combobox"
        aria-expanded="true"
        aria-controls="hits"
        aria-activedescendant={hits[at] ? `hit-${at}` : undefined}
      />
      {hits.length ? (
        <ul id="hits" role="listbox" aria-label={t("frame.hits")}>
          {hits.map((hit, index) => (
            <li key={`${hit.kind}${hit.name}${index}`} id={`hit-${index}`} role="option" aria-selected={index === at} onMouseMove={() => setAt(index)} onClick={() => take(hit)}>
              <bdi>{hit.name}</bdi>
              <small>{hit.kind}</small>
            </li>
          ))}
        </ul>
      ) : (
        <p id="hits">{t("frame.nothing_found")}</p>
      )}
    </>
  );
}

function useHits(text: string): Hit[] {
  const { t, language } = useWords();
  const { dark } = useTheme();
  const { me } = useSession();
  const navigate = useNavigate();
  const to = (address: string) => () => void navigate(address);
  const pages = GROUPS.flatMap((group) => group.places)
    .filter((place) => !place.administrator || me?.user.administrator)
    .map((place) => ({ name: t(place.name), kind: t("frame.page"), go: to(place.to) }));
  const actions = [
    { name: t("frame.new_model"), kind: t("frame.action"), go: to("/models?new=1") },
    { name: t(dark ? "frame.light" : "frame.dark"), kind: t("frame.action"), go: () => setDark(!dark) },
    { name: t("frame.language"), kind: t("frame.action"), go: () => speak(language === "zh" ? "en" : "zh") },
    { name: t("frame.password"), kind: t("frame.action"), go: to("/account") },
  ];
  const found = useQuery({ queryKey: ["find", text], queryFn: () => find(text), enabled: text.length > 0, placeholderData: (before) => before });
  const objects = text ? (found.data ?? []).map((hit) => ({ name: hit.name, kind: t(hit.kind), go: to(hit.to) })) : [];
  const fits = (hit: Hit) => hit.name.toLowerCase().includes(text.toLowerCase());
  return [...objects, ...pages.filter(fits), ...actions.filter(fits)];
}

type Found = { name: string; kind: "frame.models" | "frame.datasets" | "frame.training" | "frame.evaluation" | "frame.orders"; to: string };

/** By name in the two domains that have names of their own; a number is tried as an id of everything. */
async function find(text: string): Promise<Found[]> {
  const query = { name_prefix: text, limit: 8 };
  const [models, datasets, byId] = await Promise.all([
    api.GET("/api/v1/models", { params: { query } }),
    api.GET("/api/v1/datasets", { params: { query } }),
    /^[0-9]{1,19}$/.test(text) ? findId(text) : [],
  ]);
  return [
    ...byId,
    ...(models.data?.projects ?? []).map((each) => ({ name: each.name ?? "", kind: "frame.models", to: `/models/${each.id}` }) as const),
    ...(datasets.data?.datasets ?? []).map((each) => ({ name: each.name ?? "", kind: "frame.datasets", to: `/datasets/${each.id}` }) as const),
  ];
}

async function findId(id: string): Promise<Found[]> {
  const params = { path: { id } };
  const [model, dataset, training, evaluation, order] = await Promise.all([
    api.GET("/api/v1/models/{id}", { params }),
    api.GET("/api/v1/datasets/{id}", { params }),
    api.GET("/api/v1/train/tasks/{id}", { params }),
    api.GET("/api/v1/eval/tasks/{id}", { params }),
    api.GET("/api/v1/deploy/work-orders/{id}", { params }),
  ]);
  const found: (Found | undefined)[] = [
    model.data && { name: model.data.project?.name ?? id, kind: "frame.models", to: `/models/${id}` },
    dataset.data && { name: dataset.data.dataset?.name ?? id, kind: "frame.datasets", to: `/datasets/${id}` },
    training.data && { name: training.data.train_task?.name || id, kind: "frame.training", to: `/training/${id}` },
    evaluation.data && { name: evaluation.data.eval_task?.name || id, kind: "frame.evaluation", to: `/evaluation/${id}` },
    order.data && { name: order.data.work_order?.name || id, kind: "frame.orders", to: `/orders/${id}` },
  ];
  return found.filter((each) => each !== undefined);
}
