/** A model by its name, as a link; asked once for all rows that name it. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { api, told } from "@/api/client";
import { shortened } from "@/parts/Id";

export function ModelName({ id }: { id: string }) {
  const found = useQuery({
    queryKey: ["model-name", id],
    staleTime: 60_000,
    retry: false,
    queryFn: async () => (await told(api.GET("/api/v1/models/{id}", { params: { path: { id } } }))).project.name,
  });
  return (
    <Link to={`/models/${id}`}>
      <bdi>{found.data ?? shortened(id)}</bdi>
    </Link>
  );
}
