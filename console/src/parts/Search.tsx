/** The filter of a list by the beginning of its names; it is in the address. */
import { Input } from "antd";
import { useEffect, useState } from "react";
import { useSearchParams } from "react-router";
import { useWords } from "@/words";

export function useFilter(): string {
  return useSearchParams()[0].get("q") ?? "";
}

export function Search() {
  const { t } = useWords();
  const [params, setParams] = useSearchParams();
  const asked = params.get("q") ?? "";
  const [text, setText] = useState(asked);
  useEffect(() => setText(asked), [asked]);
  useEffect(() => {
    if (text === asked) return;
    const go = () =>
      setParams(
        (before) => {
          const next = new URLSearchParams(before);
          if (text) next.set("q", text);
          else next.delete("q");
          return next;
        },
        { replace: true },
      );
    const wait = setTimeout(go, 250);
    return () => clearTimeout(wait);
  }, [text, asked, setParams]);
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
