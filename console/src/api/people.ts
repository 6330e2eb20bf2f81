/** Names of the people of this space: ids are what the contract keeps. */
import { useQuery } from "@tanstack/react-query";
import { api, told } from "./client";
import { everyRow } from "./pages";
import type { Membership } from "./types";

export const readMembers = async (page: { cursor?: string; limit?: number }) => {
  const answer = await told(api.GET("/api/v1/memberships", { params: { query: page } }));
  return { rows: answer.memberships ?? [], next: answer.next_cursor ?? null };
};

/** user id → account; an id that is not a member's is shown as it is. */
export function usePeople(): (id: string) => string {
  const found = useQuery({
    queryKey: ["people"],
    staleTime: 60_000,
    queryFn: async () => {
      const names: Record<string, string> = {};
      for await (const member of everyRow<Membership>(readMembers)) names[member.user_id] = member.account;
      return names;
    },
  });
  return (id) => (id === "0" ? "—" : (found.data?.[id] ?? id));
}
