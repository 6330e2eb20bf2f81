/** The bell: what of mine ended or failed, and what waits for me; and whether what this window shows is live. */
import { Dropdown } from "antd";
import { useNavigate } from "react-router";
import { useLive } from "@/api/live";
import { useNotices, type Notice } from "@/api/notices";
import { Ago } from "@/parts/Ago";
import { State } from "@/parts/State";
import { useWords } from "@/words";

const PAGES = { train_task: "/training/", eval_task: "/evaluation/", dataset_task: "/datasets/tasks/", work_order: "/orders/" } as const;

export function Bell() {
  const { t } = useWords();
  const { notices, look } = useNotices();
  const navigate = useNavigate();
  const fresh = notices.filter((each) => !each.seen).length;
  const items = notices.length
    ? notices.map((notice) => ({ key: notice.key, label: <Line notice={notice} /> }))
    : [{ key: "", label: t("frame.no_notices"), disabled: true }];
  const go = (key: string) => {
    const notice = notices.find((each) => each.key === key);
    if (notice) void navigate(`${PAGES[notice.entity]}${notice.id}`);
  };
  return (
    <Dropdown
      menu={{ items, onClick: ({ key }) => go(key), className: "notices" }}
      trigger={["click"]}
      onOpenChange={(open) => !open && look()}
    >
      <button type="button" className="plain bell" aria-label={fresh ? t("frame.notices_new", { count: fresh }) : t("frame.notices")}>
        <svg viewBox="0 0 16 16" aria-hidden="true">
          <path d="M8 2a4 4 0 0 0-4 4v3l-1.5 2.5h11L12 9V6a4 4 0 0 0-4-4zM6.5 13a1.5 1.5 0 0 0 3 0" fill="none" stroke="currentColor" strokeWidth="1.4" />
        </svg>
        {fresh > 0 && <b>{fresh}</b>}
      </button>
    </Dropdown>
  );
}

function Line({ notice }: { notice: Notice }) {
  const { word } = useWords();
  return (
    <span className="item">
      <bdi>{notice.name}</bdi>
      <small>{word("entity", notice.entity)}</small>
      <State kind={notice.entity === "work_order" ? "order" : "task"} value={notice.state} />
      <span className="aside">
        <Ago time={notice.time} />
      </span>
    </span>
  );
}

export function Liveness() {
  const { t } = useWords();
  const live = useLive();
  return (
    <span className={`liveness ${live ? "on" : ""}`} role="status" title={t(live ? "frame.live_how" : "frame.not_live_how")}>
      {t(live ? "frame.live" : "frame.not_live")}
    </span>
  );
}
