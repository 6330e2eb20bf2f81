/** The door: the first owner's password where it has still to be chosen; else account and password, or the outside provider where one is configured. */
import { Button, Form, Input } from "antd";
import { useEffect, useState } from "react";
import icon from "@/icon.svg";
import { firstSteps, signIn } from "@/api/client";
import type { FirstSteps } from "@/api/types";
import { Failure } from "@/parts/Failure";
import { useWords } from "@/words";
import { FirstStart } from "./FirstStart";
import { LanguageSwitch, ThemeSwitch } from "./Frame";

export function SignIn() {
  const { t } = useWords();
  const [first, setFirst] = useState<FirstSteps | null>(null);
  useEffect(() => {
    firstSteps().then(setFirst, () => setFirst({ open: false, account: "" })); // who cannot be told so signs in
  }, []);
  const title = t(first?.open ? "frame.first" : "frame.sign_in");
  useEffect(() => {
    document.title = `${title} · Modelyard`;
  }, [title]);
  if (!first) return null;
  return (
    <main className="door">
      <div className="card">
        <div className="brand">
          <img src={icon} alt="" />
          {t("frame.brand")}
        </div>
        <h1>{title}</h1>
        <p className="lead">{t(first.open ? "frame.first_how" : "frame.sign_in_how")}</p>
        {first.open ? <FirstStart account={first.account} over={() => setFirst({ open: false, account: "" })} /> : <SignInForm />}
        <div className="langs">
          <LanguageSwitch />
          <ThemeSwitch />
        </div>
      </div>
    </main>
  );
}

const OPENID = document.querySelector<HTMLMetaElement>('meta[name="modelyard-openid"]')?.content === "yes";

/** account: of who was here before, when it is only to be opened again. */
export function SignInForm({ account = "" }: { account?: string }) {
  const { t } = useWords();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const enter = async (typed: { account: string; password: string }) => {
    setBusy(true);
    setError(null);
    try {
      await signIn(typed.account.trim(), typed.password);
    } catch (caught) {
      setError(caught);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Form layout="vertical" requiredMark={false} onFinish={(typed: { account: string; password: string }) => void enter(typed)} initialValues={{ account }}>
      <Form.Item name="account" label={t("frame.account")} rules={[{ required: true, message: t("frame.account_needed") }]}>
        <Input autoComplete="username" maxLength={64} autoFocus={!account} />
      </Form.Item>
      <Form.Item name="password" label={t("frame.password_word")} rules={[{ required: true, message: t("frame.password_needed") }]}>
        <Input.Password autoComplete="current-password" maxLength={256} autoFocus={!!account} visibilityToggle={false} />
      </Form.Item>
      {error !== null && <Failure error={error} />}
      <Button type="primary" htmlType="submit" block loading={busy} className="enter">
        {t("frame.sign_in")}
      </Button>
      {OPENID && (
        <Button block href="/api/v1/auth/oidc/start" className="enter">
          {t("frame.openid")}
        </Button>
      )}
    </Form>
  );
}
