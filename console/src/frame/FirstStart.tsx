/** The first page of a new platform: whoever read the password that the first start printed chooses the one that stays. */
import { Button, Form, Input } from "antd";
import { useState } from "react";
import { ApiError, setFirstPassword } from "@/api/client";
import { Failure } from "@/parts/Failure";
import { useWords } from "@/words";

interface Typed {
  password: string;
  chosen: string;
  again: string;
}

const LOW = 12; // the contract's; a shorter one is refused by the server too

/** over: where somebody else was faster, or has an account. */
export function FirstStart({ account, over }: { account: string; over: () => void }) {
  const { t } = useWords();
  const [form] = Form.useForm<Typed>();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const enter = async (typed: Typed) => {
    setBusy(true);
    setError(null);
    try {
      await setFirstPassword(typed.password.trim(), typed.chosen);
    } catch (caught) {
      if (caught instanceof ApiError && caught.problem.reason === "WRONG_PASSWORD") {
        form.setFields([{ name: "password", errors: [t("frame.first_wrong")] }]);
        form.focusField("password");
      } else setError(caught);
    } finally {
      setBusy(false);
    }
  };
  const needed = { required: true, message: t("frame.password_needed") };
  return (
    <Form form={form} layout="vertical" requiredMark={false} onFinish={(typed: Typed) => void enter(typed)}>
      <Form.Item name="password" label={t("frame.first_printed")} extra={t("frame.first_where")} rules={[needed]}>
        <Input autoComplete="off" spellCheck={false} maxLength={256} autoFocus />
      </Form.Item>
      <input hidden readOnly autoComplete="username" value={account} />
      <Form.Item name="chosen" label={t("frame.first_chosen", { account })} rules={[needed, { min: LOW, message: t("frame.first_short", { low: LOW }) }, other(t("frame.first_same"))]}>
        <Input.Password autoComplete="new-password" maxLength={256} placeholder={t("frame.first_low", { low: LOW })} />
      </Form.Item>
      <Form.Item name="again" label={t("frame.first_again")} dependencies={["chosen"]} rules={[needed, same(t("frame.first_differs"))]}>
        <Input.Password autoComplete="new-password" maxLength={256} visibilityToggle={false} />
      </Form.Item>
      {error !== null && <Failure error={error} />}
      <Button type="primary" htmlType="submit" block loading={busy} className="enter">
        {t("frame.first_enter")}
      </Button>
      <Button type="text" block className="enter" onClick={over}>
        {t("frame.first_over")}
      </Button>
    </Form>
  );
}

type Rule = (form: { getFieldValue: (name: string) => unknown }) => { validator: (rule: unknown, value: string) => Promise<void> };

const same =
  (message: string): Rule =>
  ({ getFieldValue }) => ({ validator: (_, value) => (!value || value === getFieldValue("chosen") ? Promise.resolve() : Promise.reject(new Error(message))) });

const other =
  (message: string): Rule =>
  ({ getFieldValue }) => ({ validator: (_, value) => (!value || value !== getFieldValue("password") ? Promise.resolve() : Promise.reject(new Error(message))) });
