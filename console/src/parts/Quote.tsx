/** What an hour of this work would cost by the prices of now; nothing where nothing has a price. */
import { useQuery } from "@tanstack/react-query";
import { api, told } from "@/api/client";
import { useWords } from "@/words";

const MEMORY_MB = "512"; // what a kind of work asks for when it says nothing, as its cores and accelerators below (libs/data/registry.py)

export function Quote({ options }: { options: Record<string, unknown> }) {
  const { t, num } = useWords();
  const cores = Math.max(1, Number(options.threads ?? 1), Number(options.processes ?? 1));
  const query = { cpu_milli: String(cores * 1000), memory_mb: MEMORY_MB, ...(options.device === "cuda" && { accelerator_milli: "1000" }) };
  const { data } = useQuery({ queryKey: ["quote", query], queryFn: () => told(api.GET("/api/v1/resource/quote", { params: { query } })) });
  if (!data || !Number(data.micros)) return null;
  return (
    <p className="why" role="status">
      {t("parts.quote", { cost: num(Number(data.micros) / 1_000_000, 6) })}
      {!data.priced && ` ${t("parts.quote_part")}`}
    </p>
  );
}
