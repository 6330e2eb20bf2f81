/** Choosing the people who get some work: pools, by name and size. */
import { useQuery } from "@tanstack/react-query";
import { Select } from "antd";
import { told, api } from "@/api/client";
import { route, type Service } from "./api";

const FIRST = 200;

interface Props {
  of: Service;
  id: string;
  label: string;
  why: string;
  value: string[];
  change: (value: string[]) => void;
}

export function Pools({ of, id, label, why, value, change }: Props) {
  const found = useQuery({
    queryKey: ["pools", of],
    queryFn: async () => (await told(api.GET(route(of, "/pools"), { params: { query: { limit: FIRST } } }))).pools,
  });
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <Select
        id={id}
        className="wide"
        mode="multiple"
        optionFilterProp="label"
        loading={found.isFetching}
        value={value}
        onChange={change}
        options={(found.data ?? []).map((each) => ({ value: each.id, label: `${each.name} · ${each.users.length}` }))}
      />
      <p className="why">{why}</p>
    </div>
  );
}
