/** What is shown of an item: each field of its record as text, whatever it holds. */
import type { Facts } from "@/api/types";

export function Content({ content }: { content: Facts }) {
  const fields = Object.entries(content);
  return (
    <dl className="content">
      {fields.map(([name, value]) => (
        <div key={name}>
          {fields.length > 1 && <dt>{name}</dt>}
          <dd>
            <pre tabIndex={0}>{typeof value === "string" ? value : JSON.stringify(value, null, 2)}</pre>
          </dd>
        </div>
      ))}
    </dl>
  );
}
