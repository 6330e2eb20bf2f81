/** A session that ended while somebody worked: signing in again happens above the page, and what was typed below stays. */
import { Modal } from "antd";
import { left, useSession } from "@/api/session";
import { useWords } from "@/words";
import { SignInForm } from "./SignIn";

export function Again() {
  const { t } = useWords();
  const { phase, me } = useSession();
  return (
    <Modal title={t("frame.again")} open={phase === "expired"} footer={null} onCancel={left} mask={{ closable: false }} destroyOnHidden>
      <p className="lead">{t("frame.again_how")}</p>
      <SignInForm account={me?.user.account ?? ""} />
    </Modal>
  );
}
