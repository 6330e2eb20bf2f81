/** An option or a figure: numbers in the reader's form, hashes to copy, everything else as text. */
import { Id } from "@/parts/Id";
import { useWords } from "@/words";

export function Value({ value }: { value: unknown }) {
  const { num } = useWords();
  if (value === undefined) return <>—</>;
  if (typeof value === "number") return <>{num(value, Math.abs(value) < 1e-4 ? 12 : 6)}</>;
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > 40 ? <Id id={text} /> : <bdi>{text}</bdi>;
}
