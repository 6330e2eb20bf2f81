/** Tabs that are addresses: a shared link opens the same one. */
import { Link } from "react-router";
import { useAddress } from "@/parts/address";
import { useWords } from "@/words";

export interface Tab {
  key: string;
  name: string;
  count?: number;
}

export function useTab(tabs: Tab[]): string {
  const [params] = useAddress();
  const asked = params.get("tab");
  return tabs.find((tab) => tab.key === asked)?.key ?? tabs[0]!.key;
}

export function Tabs({ tabs, on }: { tabs: Tab[]; on: string }) {
  const { num } = useWords();
  return (
    <nav className="tabs" aria-label={tabs.map((tab) => tab.name).join(", ")}>
      {tabs.map((tab, index) => (
        <Link key={tab.key} to={index ? `?tab=${tab.key}` : "?"} aria-current={tab.key === on ? "page" : undefined}>
          {tab.name} {tab.count !== undefined && <small>{num(tab.count)}</small>}
        </Link>
      ))}
    </nav>
  );
}
