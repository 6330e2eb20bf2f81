/** The top of every page: where one is, what this is, what can be done, and the same request as curl and Python. */
import { useEffect, type ReactNode } from "react";
import { Link } from "react-router";
import { AsCode, type Call } from "./AsCode";

interface Props {
  title: string;
  crumbs?: { to: string; name: string }[];
  state?: ReactNode;
  actions?: ReactNode;
  lead?: ReactNode;
  code?: Call;
}

export function Head({ title, crumbs = [], state, actions, lead, code }: Props) {
  useEffect(() => {
    document.title = `${title} · Modelyard`;
  }, [title]);
  return (
    <header>
      <div className="crumb">
        {crumbs.map((crumb) => (
          <span key={crumb.to}>
            <Link to={crumb.to}>{crumb.name}</Link> /{" "}
          </span>
        ))}
        {crumbs.length > 0 && <bdi>{title}</bdi>}
      </div>
      <div className="head">
        <h1>
          <bdi>{title}</bdi>
        </h1>
        {state}
        <div className="right">
          {code && <AsCode call={code} />}
          {actions}
        </div>
      </div>
      {lead && <div className={typeof lead === "string" ? "lead" : "sub"}>{lead}</div>}
    </header>
  );
}
