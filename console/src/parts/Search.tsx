/** The filter of a list by the beginning of its names; it is in the address. */
import { Input } from "antd";
import { useEffect, useState } from "react";
import { useAddress } from "@/parts/address";
import { useWords } from "@/words";

export function useFilter(): string {
  return useAddress()[0].get("q") ?? "";
}

export function Search() {
  const { t } = useWords();
  const [params, change] = useAddress();
  const asked = params.get("q") ?? "";
  const [text, setText] = useState(asked);
  useEffect(() => setText(asked), [asked]);
  useEffect(() => {
    if (text === asked) return;
    const wait = setTimeout(() => change({ q: text }), 250);
    return () => clearTimeout(wait);
  }, [text, asked, change]);
  return (
    <Input
      value={text}
      onChange={(event) => setText(event.target.value)}
      placeholder={t("parts.name_begins")}
      aria-label={t("parts.name_begins")}
      className="filter"
      allowClear
    />
  );
}
