/** What a run was started with and what came out, as pages compare it. */
import type { Facts, TrainTask } from "@/api/types";

/** Runs that stand side by side. */
export const MOST = 4;

export const optionsOf = (task: TrainTask): Facts => (task.snapshot as { options?: Facts }).options ?? {};
export const methodOf = (task: TrainTask): string => (task.snapshot as { engine?: { name?: string } }).engine?.name ?? "scratch";

/** Figures and short facts; what is nested has pages of its own. */
export const resultOf = (task: TrainTask): Facts => Object.fromEntries(Object.entries(task.result).filter(([, value]) => ["number", "string"].includes(typeof value)));

export const alike = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
