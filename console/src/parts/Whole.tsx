/** One row with everything in it, at full length; which one is open is in the address. */
import { Modal } from "antd";
import { STEP, useAddress } from "@/parts/address";
import { useWords } from "@/words";

/** The cell that opens its row. */
export function Open({ place }: { place: number }) {
  const { t } = useWords();
  const [, change] = useAddress();
  const open = () => change({ row: String(place) }, STEP);
  return (
    <button type="button" className="copy" onClick={open} aria-label={t("parts.open_row", { place })}>
      {place}
    </button>
  );
}

export function Whole({ facts }: { facts: (place: number) => [string, string][] | undefined }) {
  const { t } = useWords();
  const [params, change] = useAddress();
  const place = Number(params.get("row") ?? 0);
  const found = place ? facts(place) : undefined;
  const close = () => change({ row: "" });
  return (
    <Modal open={!!found} onCancel={close} footer={null} width={760} title={t("parts.row", { place })}>
      <dl className="whole">
        {found?.map(([name, text]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <pre tabIndex={0}>{text || "—"}</pre>
            </dd>
          </div>
        ))}
      </dl>
    </Modal>
  );
}
