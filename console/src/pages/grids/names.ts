/** What the columns of a grid are called. */
import { useQuery } from "@tanstack/react-query";
import { api, told } from "@/api/client";

/** MODEL v3 of a version's id; the end of the id until that is known. */
export function useColumnName(id: string): string {
  const found = useQuery({
    queryKey: ["column-name", id],
    staleTime: Infinity,
    queryFn: async () => {
      const version = (await told(api.GET("/api/v1/models/versions/{id}", { params: { path: { id } } }))).model_version;
      const project = (await told(api.GET("/api/v1/models/{id}", { params: { path: { id: version.project_id } } }))).project;
      return `${project.name} v${version.number}`;
    },
  });
  return found.data ?? `…${id.slice(-6)}`;
}
