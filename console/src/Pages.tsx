/** Which address is which page. Pages come when they are opened. */
import { Button } from "antd";
import { createBrowserRouter, Link, RouterProvider, useRouteError } from "react-router";
import { Frame } from "./frame/Frame";
import { Failure } from "./parts/Failure";
import { Head } from "./parts/Head";
import type { Service } from "./pages/work/api";
import { useWords } from "./words";

/** Pages that are the same for each service that has work for people. */
const workbench = (of: Service) => async () => {
  const { Workbench } = await import("./pages/work/Workbench");
  return { element: <Workbench of={of} /> };
};
const desk = (of: Service) => async () => {
  const { Desk } = await import("./pages/work/Desk");
  return { element: <Desk of={of} /> };
};
const templates = (of: Service) => async () => {
  const { Templates } = await import("./pages/templates/Templates");
  return { element: <Templates of={of} /> };
};
const template = (of: Service) => async () => {
  const { Template } = await import("./pages/templates/Template");
  return { element: <Template of={of} /> };
};

function NotFound() {
  const { t } = useWords();
  return (
    <>
      <Head title={t("frame.not_found")} />
      <p className="lead">{t("frame.not_found_how")}</p>
      <Link to="/">{t("frame.to_home")}</Link>
    </>
  );
}

function Broken() {
  const { t } = useWords();
  const error = useRouteError();
  return (
    <main className="door">
      <div className="card">
        <h1>{t("frame.broken")}</h1>
        <Failure error={error} />
        <Button onClick={() => window.location.reload()}>{t("parts.again")}</Button>
      </div>
    </main>
  );
}

const router = createBrowserRouter([
  {
    element: <Frame />,
    errorElement: <Broken />,
    hydrateFallbackElement: <></>,
    children: [
      { path: "/", lazy: async () => ({ Component: (await import("./pages/home/Home")).Home }) },
      { path: "/work", lazy: async () => ({ Component: (await import("./pages/work/MyWork")).MyWork }) },
      { path: "/work/:id", lazy: workbench("datasets") },
      { path: "/work/:id/inspect", lazy: desk("datasets") },
      { path: "/work/eval/:id", lazy: workbench("eval") },
      { path: "/work/eval/:id/inspect", lazy: desk("eval") },
      { path: "/models", lazy: async () => ({ Component: (await import("./pages/models/Models")).Models }) },
      { path: "/models/deleted", lazy: async () => ({ Component: (await import("./pages/models/Deleted")).Deleted }) },
      { path: "/models/:id", lazy: async () => ({ Component: (await import("./pages/models/Model")).Model }) },
      { path: "/datasets", lazy: async () => ({ Component: (await import("./pages/datasets/Datasets")).Datasets }) },
      { path: "/datasets/import", lazy: async () => ({ Component: (await import("./pages/datasets/Import")).Import }) },
      { path: "/datasets/deleted", lazy: async () => ({ Component: (await import("./pages/datasets/Deleted")).Deleted }) },
      { path: "/datasets/versions/:id/annotate", lazy: async () => ({ Component: (await import("./pages/datasets/Annotate")).Annotate }) },
      { path: "/templates", lazy: templates("datasets") },
      { path: "/templates/:id", lazy: template("datasets") },
      { path: "/templates/eval", lazy: templates("eval") },
      { path: "/templates/eval/:id", lazy: template("eval") },
      { path: "/datasets/versions/:id/clean", lazy: async () => ({ Component: (await import("./pages/datasets/Clean")).Clean }) },
      { path: "/datasets/versions/:id/prepare", lazy: async () => ({ Component: (await import("./pages/datasets/Prepare")).Prepare }) },
      { path: "/datasets/:id/diff/:old?/:new?", lazy: async () => ({ Component: (await import("./pages/datasets/Compare")).Compare }) },
      { path: "/datasets/:id", lazy: async () => ({ Component: (await import("./pages/datasets/Dataset")).Dataset }) },
      { path: "/datasets/versions/:id", lazy: async () => ({ Component: (await import("./pages/datasets/Version")).Version }) },
      { path: "/datasets/tasks/:id", lazy: async () => ({ Component: (await import("./pages/datasets/Task")).Task }) },
      { path: "/recipes", lazy: async () => ({ Component: (await import("./pages/recipes/Recipes")).Recipes }) },
      { path: "/recipes/new", lazy: async () => ({ Component: (await import("./pages/recipes/Recipe")).Recipe }) },
      { path: "/recipes/:id", lazy: async () => ({ Component: (await import("./pages/recipes/Recipe")).Recipe }) },
      { path: "/training", lazy: async () => ({ Component: (await import("./pages/training/Runs")).Runs }) },
      { path: "/training/new", lazy: async () => ({ Component: (await import("./pages/training/New")).New }) },
      { path: "/training/compare", lazy: async () => ({ Component: (await import("./pages/training/Compare")).Compare }) },
      { path: "/training/:id/clone", lazy: async () => ({ Component: (await import("./pages/training/Clone")).Clone }) },
      { path: "/training/:id", lazy: async () => ({ Component: (await import("./pages/training/Run")).Run }) },
      { path: "/prompts", lazy: async () => ({ Component: (await import("./pages/prompts/Prompts")).Prompts }) },
      { path: "/prompts/:id", lazy: async () => ({ Component: (await import("./pages/prompts/Prompt")).Prompt }) },
      { path: "/grids", lazy: async () => ({ Component: (await import("./pages/grids/Grids")).Grids }) },
      { path: "/grids/new", lazy: async () => ({ Component: (await import("./pages/grids/New")).New }) },
      { path: "/grids/:id", lazy: async () => ({ Component: (await import("./pages/grids/Grid")).Grid }) },
      { path: "/evaluation", lazy: async () => ({ Component: (await import("./pages/evaluation/Runs")).Runs }) },
      { path: "/evaluation/new", lazy: async () => ({ Component: (await import("./pages/evaluation/New")).New }) },
      { path: "/evaluation/compare", lazy: async () => ({ Component: (await import("./pages/evaluation/Compare")).Compare }) },
      { path: "/evaluation/:id/rate", lazy: async () => ({ Component: (await import("./pages/evaluation/Rate")).Rate }) },
      { path: "/evaluation/:id", lazy: async () => ({ Component: (await import("./pages/evaluation/Run")).Run }) },
      { path: "/orders", lazy: async () => ({ Component: (await import("./pages/release/Orders")).Orders }) },
      { path: "/orders/new", lazy: async () => ({ Component: (await import("./pages/release/New")).New }) },
      { path: "/orders/:id", lazy: async () => ({ Component: (await import("./pages/release/Order")).Order }) },
      { path: "/slots", lazy: async () => ({ Component: (await import("./pages/release/Slots")).Slots }) },
      { path: "/playground", lazy: async () => ({ Component: (await import("./pages/playground/Playground")).Playground }) },
      { path: "/knowledge", lazy: async () => ({ Component: (await import("./pages/knowledge/Bases")).Bases }) },
      { path: "/knowledge/:id", lazy: async () => ({ Component: (await import("./pages/knowledge/Base")).Base }) },
      { path: "/knowledge/documents/:id", lazy: async () => ({ Component: (await import("./pages/knowledge/Document")).Document }) },
      { path: "/resources", lazy: async () => ({ Component: (await import("./pages/resources/Resources")).Resources }) },
      { path: "/people", lazy: async () => ({ Component: (await import("./pages/admin/People")).People }) },
      { path: "/spaces", lazy: async () => ({ Component: (await import("./pages/admin/Spaces")).Spaces }) },
      { path: "/keys", lazy: async () => ({ Component: (await import("./pages/admin/Keys")).Keys }) },
      { path: "/sessions", lazy: async () => ({ Component: (await import("./pages/admin/Sessions")).Sessions }) },
      { path: "/audit", lazy: async () => ({ Component: (await import("./pages/admin/Audit")).Audit }) },
      { path: "/health", lazy: async () => ({ Component: (await import("./pages/admin/Health")).Health }) },
      { path: "/account", lazy: async () => ({ Component: (await import("./pages/account/Account")).Account }) },
      { path: "*", element: <NotFound /> },
    ],
  },
]);

export function Pages() {
  // Without transitions a field whose text is in the address shows each letter at once; with them fast typing loses some.
  return <RouterProvider router={router} useTransitions={false} />;
}
