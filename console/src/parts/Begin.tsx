/** A page that begins some work: what it needs, its options, and the button that is ready once all is there. */
import { Button, Input } from "antd";
import { useRef, useState, type ReactNode } from "react";
import { useNavigate } from "react-router";
import type { Facts } from "@/api/types";
import { useWords } from "@/words";
import { useAddress } from "./address";
import type { Call } from "./AsCode";
import { Failure } from "./Failure";
import { Head } from "./Head";

interface Props {
  title: string;
  lead: string;
  crumbs: { to: string; name: string }[];
  code: Call;
  label: string;
  ready: boolean;
  /** Begins it and says where it is shown. */
  start: () => Promise<string>;
  children: ReactNode;
}

export function Begin({ title, lead, crumbs, code, label, ready, start, children }: Props) {
  const navigate = useNavigate();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const begin = async () => {
    setBusy(true);
    setError(null);
    try {
      void navigate(await start());
    } catch (caught) {
      setError(caught);
      setBusy(false);
    }
  };
  return (
    <>
      <Head
        title={title}
        lead={lead}
        crumbs={crumbs}
        code={code}
        actions={
          <Button type="primary" onClick={() => void begin()} loading={busy} disabled={!ready}>
            {label}
          </Button>
        }
      />
      {error !== null && <Failure error={error} />}
      <section className="card form">{children}</section>
    </>
  );
}

/** The name of what begins; it is in the address, like all that these pages ask. */
export function NameField({ how }: { how: string }) {
  const { t } = useWords();
  const [params, put] = useAddress();
  return (
    <div className="field">
      <label htmlFor="begin-name">{t("parts.name")}</label>
      <Input id="begin-name" value={params.get("name") ?? ""} maxLength={100} onChange={(event) => put({ name: event.target.value })} />
      <p className="why">{how}</p>
    </div>
  );
}

/** Options as the address has them. */
export function useFacts(name = "options"): [Facts, (next: Facts) => void] {
  const [params, put] = useAddress();
  return [readFacts(params.get(name)), (next) => put({ [name]: Object.keys(next).length ? JSON.stringify(next) : "" })];
}

export function readFacts(text: string | null): Facts {
  try {
    return text ? (JSON.parse(text) as Facts) : {};
  } catch {
    return {}; // somebody shortened the address
  }
}

/** Makes something once for the same facts: a config that was made before the start of its run failed is used again. */
export function useOnce(): (facts: unknown, make: () => Promise<string>) => Promise<string> {
  const made = useRef({ of: "", id: "" });
  return async (facts, make) => {
    const of = JSON.stringify(facts);
    if (made.current.of !== of) made.current = { of, id: await make() };
    return made.current.id;
  };
}
