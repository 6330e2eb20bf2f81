/** Every recipe of the space. */
import { Button } from "antd";
import { Link } from "react-router";
import type { Recipe } from "@/api/types";
import { useAddress } from "@/parts/address";
import { Ago } from "@/parts/Ago";
import { Empty } from "@/parts/Empty";
import { Head } from "@/parts/Head";
import { Id } from "@/parts/Id";
import { Search, useFilter } from "@/parts/Search";
import { Table, type Column } from "@/parts/Table";
import { useWords } from "@/words";
import { stepsOf, useRecipes } from "./api";
import { useKindName } from "./Steps";

const COLUMNS: Column<Recipe>[] = [
  { key: "name", title: "recipes.name", cell: (row) => <Name recipe={row} />, value: (row) => row.name },
  { key: "steps", title: "recipes.steps", cell: (row) => <Kinds recipe={row} />, value: (row) => stepsOf(row.plan).map((each) => each.kind).join(" ") },
  { key: "number", title: "recipes.revision", cell: (row) => row.number, value: (row) => row.number, number: true },
  { key: "desc", title: "recipes.about", cell: (row) => <bdi>{row.desc || "—"}</bdi>, value: (row) => row.desc, extra: true },
  { key: "updated", title: "recipes.updated", cell: (row) => <Ago time={row.update_time} />, value: (row) => new Date(Number(row.update_time)).toISOString() },
  { key: "id", title: "recipes.id", cell: (row) => <Id id={row.id} />, value: (row) => row.id },
];

/** The version that somebody came from is kept. */
function Name({ recipe }: { recipe: Recipe }) {
  const [params] = useAddress();
  const on = params.get("on");
  return (
    <Link className="name" to={`/recipes/${recipe.id}${on ? `?on=${on}` : ""}`}>
      <bdi>{recipe.name}</bdi>
    </Link>
  );
}

function Kinds({ recipe }: { recipe: Recipe }) {
  const named = useKindName();
  return <>{stepsOf(recipe.plan).map((each) => named(each.kind)).join(" → ")}</>;
}

export function Recipes() {
  const { t } = useWords();
  const prefix = useFilter();
  const [params] = useAddress();
  const on = params.get("on");
  const create = (
    <Link to={`/recipes/new${on ? `?on=${on}` : ""}`}>
      <Button type="primary">{t("recipes.create")}</Button>
    </Link>
  );
  return (
    <>
      <Head title={t("recipes.title")} lead={t("recipes.lead")} code={{ path: "/datasets/recipes", ...(prefix && { query: { name_prefix: prefix } }) }} actions={create} />
      <Table
        name="recipes"
        title={t("recipes.title")}
        columns={COLUMNS}
        listed={useRecipes(prefix)}
        rowKey={(row) => row.id}
        tools={<Search />}
        empty={<Empty title={t("recipes.none")} text={t("recipes.none_how")} action={<p className="acts middle">{create}</p>} />}
      />
    </>
  );
}
