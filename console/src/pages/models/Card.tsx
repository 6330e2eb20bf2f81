/** The model card: what people should know before they use a version, beside what the records say. */
import { useQuery } from "@tanstack/react-query";
import { Button, Select } from "antd";
import { useState } from "react";
import { api, told } from "@/api/client";
import { usePeople } from "@/api/people";
import { useRoles } from "@/api/session";
import type { ModelCard } from "@/api/types";
import { useAddress } from "@/parts/address";
import { Ago } from "@/parts/Ago";
import { Empty } from "@/parts/Empty";
import { saveAs } from "@/parts/export";
import { Failure } from "@/parts/Failure";
import { useWords } from "@/words";
import { useVersions } from "./api";
import { CardForm } from "./CardForm";

export function Card({ id, name }: { id: string; name: string }) {
  const { t } = useWords();
  const [params, change] = useAddress();
  const versions = useVersions(id).rows;
  const chosen = versions.find((each) => each.id === params.get("version")) ?? versions[0];
  const found = useQuery({
    queryKey: ["card", chosen?.id],
    enabled: !!chosen,
    queryFn: async () =>
      (await told(api.GET("/api/v1/models/versions/{model_version_id}/card", { params: { path: { model_version_id: chosen?.id ?? "" } } }))).card as ModelCard,
  });
  if (found.error) return <Failure error={found.error} again={() => void found.refetch()} />;
  if (!chosen)
    return (
      <div className="card">
        <Empty title={t("models.no_versions")} text={t("models.no_versions_how")} />
      </div>
    );
  return (
    <div className="stack">
      <div className="row">
        <Select
          aria-label={t("models.version")}
          value={chosen.id}
          onChange={(version) => change({ version })}
          options={versions.map((each) => ({ value: each.id, label: `v${each.number}` }))}
        />
      </div>
      {found.data ? <Shown key={chosen.id} card={found.data} name={name} again={() => void found.refetch()} /> : <div className="bones" aria-busy="true" />}
    </div>
  );
}

function Shown({ card, name, again }: { card: ModelCard; name: string; again: () => void }) {
  const { t, language } = useWords();
  const [editing, setEditing] = useState(false);
  const roles = useRoles();
  const may = roles.includes("owner") || roles.includes("developer");
  const number = card.model_version_number;
  const done = () => {
    setEditing(false);
    again();
  };
  return (
    <div className="cols even">
      <section className="card">
        <h2>
          {t("models.card_of", { number })}
          <span className="aside acts">
            <Button size="small" onClick={() => saveAs(`${name}-v${number}.md`, card.markdown[language], "text/markdown")}>
              {t("models.card_save")}
            </Button>
            {may && !editing && (
              <Button size="small" type="primary" onClick={() => setEditing(true)}>
                {t("models.card_edit")}
              </Button>
            )}
          </span>
        </h2>
        <Whose card={card} />
        {editing ? <CardForm card={card} done={done} stop={() => setEditing(false)} /> : <Sections card={card} />}
      </section>
      <section className="card">
        <h2>{t("models.card_records")}</h2>
        <dl className="facts">
          {card.facts.map((fact) => (
            <div key={fact.name} className="contents">
              <dt>{fact.title[language]}</dt>
              <dd className="whole">
                <bdi>{fact.value[language]}</bdi>
              </dd>
            </div>
          ))}
        </dl>
      </section>
    </div>
  );
}

/** Who wrote it and for which version: text of an earlier one may be wrong for this one. */
function Whose({ card }: { card: ModelCard }) {
  const { t } = useWords();
  const people = usePeople();
  if (card.written_for_number === 0) return <p className="why">{t("models.card_none")}</p>;
  const foreign = card.written_for_number !== card.model_version_number;
  return (
    <p className="why">
      {people(card.user_id)} · <Ago time={card.update_time} />
      {foreign && ` · ${t("models.card_foreign", { from: card.written_for_number, number: card.model_version_number })}`}
    </p>
  );
}

function Sections({ card }: { card: ModelCard }) {
  const { language } = useWords();
  return (
    <>
      {card.sections.map((section) => (
        <div key={section.name} className="section">
          <h3>{section.title[language]}</h3>
          {section.text ? <p className="said">{section.text}</p> : <p className="why">{section.hint[language]}</p>}
        </div>
      ))}
    </>
  );
}
