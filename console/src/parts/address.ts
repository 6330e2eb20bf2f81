/** The part of a page's state that is in its address, so that a link shows the same. */
import { useCallback } from "react";
import { useSearchParams, type NavigateOptions } from "react-router";

export type Change = (values: Record<string, string>, how?: NavigateOptions) => void;

/** What the address says, and how to change it: the names given get the values given, an empty one goes, all others stay. */
export function useAddress(): [URLSearchParams, Change] {
  const [params, setParams] = useSearchParams();
  const change: Change = useCallback(
    (values, how = { replace: true }) => {
      // From the address itself: another change may have come since this page was drawn, and would be lost.
      const next = new URLSearchParams(window.location.search);
      for (const [name, value] of Object.entries(values)) {
        if (value) next.set(name, value);
        else next.delete(name);
      }
      setParams(next, how);
    },
    [setParams],
  );
  return [params, change];
}

/** A change that Back takes back. */
export const STEP: NavigateOptions = { replace: false };
