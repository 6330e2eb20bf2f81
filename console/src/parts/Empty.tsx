/** Nothing here yet: what this is for, and the first step. */
import type { ReactNode } from "react";

export function Empty({ title, text, command, action }: { title: string; text: string; command?: string; action?: ReactNode }) {
  return (
    <div className="empty">
      <h2>{title}</h2>
      <p>{text}</p>
      {command && <pre>{command}</pre>}
      {action && <div>{action}</div>}
    </div>
  );
}
