/** Which address is which page. Pages come when they are opened. */
import { Button } from "antd";
import { createBrowserRouter, Link, RouterProvider, useRouteError } from "react-router";
import { Frame } from "./frame/Frame";
import { Empty } from "./parts/Empty";
import { Failure } from "./parts/Failure";
import { useWords } from "./words";

function NotFound() {
  const { t } = useWords();
  return <Empty title={t("frame.not_found")} text={t("frame.not_found_how")} action={<Link to="/">{t("frame.to_home")}</Link>} />;
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
      { path: "/models", lazy: async () => ({ Component: (await import("./pages/models/Models")).Models }) },
      { path: "/models/:id", lazy: async () => ({ Component: (await import("./pages/models/Model")).Model }) },
      { path: "/account", lazy: async () => ({ Component: (await import("./pages/account/Account")).Account }) },
      { path: "*", element: <NotFound /> },
    ],
  },
]);

export function Pages() {
  return <RouterProvider router={router} />;
}
