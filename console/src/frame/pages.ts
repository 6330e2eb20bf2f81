/** The pages there are, in the order of the chain: what navigation and search show. Domains that have no page yet are left out. */
import type { Key } from "@/words";

export interface Place {
  to: string;
  name: Key;
  /** Only for administrators of the platform. */
  administrator?: boolean;
}

export const GROUPS: { name: Key | null; places: Place[] }[] = [
  { name: null, places: [{ to: "/", name: "frame.home" }, { to: "/work", name: "frame.my_work" }] },
  {
    name: "frame.data",
    places: [
      { to: "/datasets", name: "frame.datasets" },
      { to: "/recipes", name: "frame.recipes" },
      { to: "/templates", name: "frame.templates" },
    ],
  },
  {
    name: "frame.model",
    places: [
      { to: "/models", name: "frame.models" },
      { to: "/training", name: "frame.training" },
      { to: "/evaluation", name: "frame.evaluation" },
      { to: "/prompts", name: "frame.prompts" },
      { to: "/grids", name: "frame.grids" },
    ],
  },
  {
    name: "frame.release",
    places: [
      { to: "/orders", name: "frame.orders" },
      { to: "/slots", name: "frame.slots" },
      { to: "/playground", name: "frame.playground" },
    ],
  },
  { name: "frame.application", places: [{ to: "/knowledge", name: "frame.knowledge" }] },
  {
    name: "frame.administration",
    places: [
      { to: "/resources", name: "frame.resources" },
      { to: "/people", name: "frame.people" },
      { to: "/spaces", name: "frame.spaces", administrator: true },
      { to: "/keys", name: "frame.keys" },
      { to: "/sessions", name: "frame.sessions" },
      { to: "/audit", name: "frame.audit" },
      { to: "/health", name: "frame.health" },
    ],
  },
];
