/** Overrides of the gate: one person asks with a reason and an end, another confirms; what is open is shown until it is over. */
import { Button, Form, Input, InputNumber } from "antd";
import { useState } from "react";
import { api, told } from "@/api/client";
import { usePeople } from "@/api/people";
import { useRoles, useSession } from "@/api/session";
import type { GateOverride, ModelVersion } from "@/api/types";
import { Confirm } from "@/parts/Confirm";
import { Failure } from "@/parts/Failure";
import { useWords } from "@/words";

const HOUR = 3_600_000;
const LONGEST = 168;

interface Props {
  version: ModelVersion;
  digest: string;
  overrides: GateOverride[];
  /** Whether one may be asked for: the gate refuses a package. */
  asks: boolean;
  again: () => void;
}

export function Overrides({ version, digest, overrides, asks, again }: Props) {
  const { me } = useSession();
  const roles = useRoles();
  const may = (...wanted: string[]) => wanted.some((role) => roles.includes(role));
  return (
    <>
      {overrides.map((each) => (
        <Open key={each.id} override={each} mine={each.user_id === me?.user.id} decides={may("owner", "operator")} ends={may("owner", "developer", "operator")} again={again} />
      ))}
      {asks && overrides.length === 0 && may("owner", "developer") && <Ask version={version} digest={digest} again={again} />}
    </>
  );
}

function Open({ override, mine, decides, ends, again }: { override: GateOverride; mine: boolean; decides: boolean; ends: boolean; again: () => void }) {
  const { t, at } = useWords();
  const people = usePeople();
  const live = override.status === "LIVE";
  const facts = { until: at(Number(override.end_time)), asker: people(override.user_id), second: people(override.confirmer_id) };
  const params = { path: { id: override.id } };
  const done = async (sent: Promise<unknown>) => {
    await sent;
    again();
  };
  return (
    <div className="note wait" role="status">
      <span>
        {live ? t("models.override_live", facts) : t("models.override_asked", facts)} <bdi>{override.cause}</bdi>
      </span>
      {!live && decides && !mine && (
        <Confirm
          label={t("models.override_confirm")}
          what={t("models.override_confirm_what", facts)}
          reason="optional"
          look={{ type: "primary" }}
          run={(comment) => done(told(api.POST("/api/v1/models/overrides/{id}/confirm", { params, body: { expected_version: override.version, ...(comment && { comment }) } })))}
        />
      )}
      {!live && mine && <span>{t("models.override_waits")}</span>}
      {ends && (
        <Confirm
          label={t("models.override_withdraw")}
          what={t("models.override_withdraw_what")}
          reason="optional"
          run={(comment) => done(told(api.POST("/api/v1/models/overrides/{id}/withdraw", { params, body: { expected_version: override.version, ...(comment && { comment }) } })))}
        />
      )}
    </div>
  );
}

interface Typed {
  cause: string;
  hours: number;
}

function Ask({ version, digest, again }: { version: ModelVersion; digest: string; again: () => void }) {
  const { t } = useWords();
  const [open, setOpen] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const send = async ({ cause, hours }: Typed) => {
    setBusy(true);
    setError(null);
    try {
      const body = { digest, cause, end_time: String(Date.now() + hours * HOUR) };
      await told(api.POST("/api/v1/models/versions/{model_version_id}/overrides", { params: { path: { model_version_id: version.id } }, body }));
      setOpen(false);
      again();
    } catch (caught) {
      setError(caught);
    } finally {
      setBusy(false);
    }
  };
  if (!open)
    return (
      <div className="row more">
        <Button onClick={() => setOpen(true)}>{t("models.override_ask")}</Button>
      </div>
    );
  return (
    <Form layout="vertical" requiredMark={false} className="more" initialValues={{ hours: 24 }} onFinish={(typed: Typed) => void send(typed)}>
      <p className="why">{t("models.override_ask_how")}</p>
      <Form.Item name="cause" label={t("models.override_cause")} rules={[{ required: true, whitespace: true, message: t("models.override_cause_needed") }]}>
        <Input.TextArea rows={2} maxLength={1000} />
      </Form.Item>
      <Form.Item name="hours" label={t("models.override_hours")} rules={[{ required: true, message: t("models.override_hours_needed") }]}>
        <InputNumber min={1} max={LONGEST} precision={0} />
      </Form.Item>
      {error !== null && <Failure error={error} />}
      <Button type="primary" htmlType="submit" loading={busy}>
        {t("models.override_send")}
      </Button>{" "}
      <Button onClick={() => setOpen(false)}>{t("parts.back")}</Button>
    </Form>
  );
}
