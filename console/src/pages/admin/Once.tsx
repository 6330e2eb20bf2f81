/** A secret that is shown once and kept nowhere. */
import { Button, Modal } from "antd";
import { useState } from "react";
import { copied } from "@/parts/copied";
import { useWords, type Key } from "@/words";

export function Once({ title, text, close }: { title: Key; text: string; close: () => void }) {
  const { t } = useWords();
  const [done, setDone] = useState(false);
  const leave = () => {
    setDone(false);
    close();
  };
  return (
    <Modal open={!!text} title={t(title)} onCancel={leave} mask={{ closable: false }} footer={<Button onClick={leave}>{t("admin.kept_it")}</Button>}>
      <p className="lead">{t("admin.once")}</p>
      <pre className="code" tabIndex={0}>
        {text}
      </pre>
      <p>
        <Button type="primary" onClick={() => void copied(text).then(setDone)}>
          {t(done ? "parts.copied" : "parts.copy")}
        </Button>
      </p>
    </Modal>
  );
}
