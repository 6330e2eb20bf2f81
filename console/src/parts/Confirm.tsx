/** An action that needs a second thought: it says what will happen, may ask for a reason, and shows at once when it was refused. */
import { Button, Input, Modal, type ButtonProps } from "antd";
import { useState } from "react";
import { Failure } from "./Failure";
import { useWords } from "@/words";

interface Props {
  label: string;
  what: string;
  /** Asks for a reason; required when it says so. */
  reason?: "optional" | "required";
  look?: ButtonProps;
  run: (reason: string) => Promise<unknown>;
}

export function Confirm({ label, what, reason, look, run }: Props) {
  const { t } = useWords();
  const [open, setOpen] = useState(false);
  const [busy, setBusy] = useState(false);
  const [text, setText] = useState("");
  const [error, setError] = useState<unknown>(null);
  const go = async () => {
    setBusy(true);
    setError(null);
    try {
      await run(text.trim());
      setOpen(false);
      setText("");
    } catch (caught) {
      setError(caught);
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <Button {...look} onClick={() => setOpen(true)}>
        {label}
      </Button>
      <Modal
        title={label}
        open={open}
        onCancel={() => setOpen(false)}
        onOk={() => void go()}
        confirmLoading={busy}
        okText={label}
        cancelText={t("parts.back")}
        okButtonProps={{ danger: look?.danger ?? false, disabled: reason === "required" && !text.trim() }}
      >
        <p className="lead">{what}</p>
        {reason && (
          <Input.TextArea
            rows={3}
            maxLength={500}
            value={text}
            onChange={(event) => setText(event.target.value)}
            placeholder={t(reason === "required" ? "parts.reason_required" : "parts.reason_optional")}
            aria-label={t(reason === "required" ? "parts.reason_required" : "parts.reason_optional")}
          />
        )}
        {error !== null && <Failure error={error} />}
      </Modal>
    </>
  );
}
