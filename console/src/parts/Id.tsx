/** An id or digest: monospace, shortened for the eye, copied whole. */
import { Tooltip } from "antd";
import { useState } from "react";
import { copied } from "./copied";
import { useWords } from "@/words";

const SHORT = 16;

export function shortened(id: string): string {
  const [kind, hash] = id.startsWith("sha256:") ? ["sha256:", id.slice(7)] : ["", id];
  return hash.length <= SHORT && !kind ? id : `${kind}${hash.slice(0, 4)}…${hash.slice(-4)}`;
}

export function Id({ id, whole = false }: { id: string; whole?: boolean }) {
  const { t } = useWords();
  const [done, setDone] = useState(false);
  if (!id || id === "0") return <span>—</span>;
  return (
    <Tooltip title={done ? t("parts.copied") : id} onOpenChange={(open) => !open && setDone(false)}>
      <button
        type="button"
        className="copy"
        aria-label={t("parts.copy_id", { id })}
        onClick={(event) => {
          event.stopPropagation();
          event.preventDefault();
          void copied(id).then(setDone);
        }}
      >
        {whole ? id : shortened(id)}
      </button>
    </Tooltip>
  );
}
