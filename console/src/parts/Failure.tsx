/** What went wrong, what to do about it, and the request id under which the logs know it. */
import { Button } from "antd";
import { ApiError } from "@/api/client";
import { Id } from "./Id";
import { useWords } from "@/words";

export function useReason(): (error: unknown) => string {
  const { t } = useWords();
  return (error) => {
    if (!(error instanceof ApiError)) return t("parts.broken");
    if (error.problem.message) return error.problem.message;
    return t(error.status === 0 ? "parts.no_connection" : "parts.no_answer");
  };
}

export function Failure({ error, again }: { error: unknown; again?: () => void }) {
  const { t } = useWords();
  const reason = useReason();
  const id = error instanceof ApiError ? error.problem.request_id : "";
  return (
    <div className="failed" role="alert">
      <b>{t("parts.failed")}</b> {reason(error)}
      <div className="row">
        {again && (
          <Button size="small" onClick={again}>
            {t("parts.again")}
          </Button>
        )}
        {id && (
          <span>
            {t("parts.request")} <Id id={id} whole />
          </span>
        )}
      </div>
    </div>
  );
}
