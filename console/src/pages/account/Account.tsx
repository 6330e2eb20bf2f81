/** One's own password. Changing it ends every session, this one too: one signs in again with the new one. */
import { Button, Form, Input } from "antd";
import { useState } from "react";
import { api, told } from "@/api/client";
import { left, useSession } from "@/api/session";
import { Failure } from "@/parts/Failure";
import { Head } from "@/parts/Head";
import { useWords } from "@/words";

interface Typed {
  password: string;
  new_password: string;
  again: string;
}

export function Account() {
  const { t } = useWords();
  const { me } = useSession();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const change = async ({ password, new_password }: Typed) => {
    setBusy(true);
    setError(null);
    try {
      await told(api.POST("/api/v1/auth/password", { body: { password, new_password } }));
      left();
    } catch (caught) {
      setError(caught);
      setBusy(false);
    }
  };
  return (
    <>
      <Head title={t("account.title")} lead={t("account.lead")} code={{ path: "/auth/me" }} />
      <section className="card narrow">
        <Form layout="vertical" requiredMark={false} onFinish={(typed: Typed) => void change(typed)}>
          <input type="text" name="username" autoComplete="username" value={me?.user.account ?? ""} readOnly hidden />
          <Form.Item name="password" label={t("account.now")} rules={[{ required: true, message: t("account.now_needed") }]}>
            <Input.Password autoComplete="current-password" maxLength={256} visibilityToggle={false} />
          </Form.Item>
          <Form.Item name="new_password" label={t("account.new")} extra={t("account.new_help")} rules={[{ required: true, min: 12, message: t("account.new_help") }]}>
            <Input.Password autoComplete="new-password" maxLength={256} visibilityToggle={false} />
          </Form.Item>
          <Form.Item
            name="again"
            label={t("account.again")}
            dependencies={["new_password"]}
            rules={[
              ({ getFieldValue }) => ({
                validator: (_, value) => (value === getFieldValue("new_password") ? Promise.resolve() : Promise.reject(new Error(t("account.differs")))),
              }),
            ]}
          >
            <Input.Password autoComplete="new-password" maxLength={256} visibilityToggle={false} />
          </Form.Item>
          {error !== null && <Failure error={error} />}
          <Button type="primary" htmlType="submit" loading={busy}>
            {t("account.change")}
          </Button>
        </Form>
      </section>
    </>
  );
}
