/** A line chart with units, in the colours of the theme, with the same numbers as a table behind it. Its library comes when it is needed. */
import { useEffect, useMemo, useRef, useState } from "react";
import { useTheme } from "@/frame/theme";
import { useWords } from "@/words";

export interface Line {
  name: string;
  points: [number, number][];
}

interface Props {
  title: string;
  lines: Line[];
  across: string;
  /** A logarithmic axis shows small losses. */
  log?: boolean;
}

type Drawn = import("./draw").Drawn;

export function Chart({ title, lines, across, log = false }: Props) {
  const { t, num } = useWords();
  const { dark } = useTheme();
  const place = useRef<HTMLDivElement>(null);
  const drawn = useRef<Drawn | null>(null);
  const [table, setTable] = useState(false);
  useEffect(() => {
    let gone = false;
    if (place.current)
      void import("./draw").then(({ draw }) => {
        if (gone || !place.current) return;
        drawn.current ??= draw(place.current);
        drawn.current.show(lines, across, log);
      });
    return () => {
      gone = true;
    };
  }, [lines, across, log, dark, table]);
  useEffect(
    () => () => {
      drawn.current?.end();
      drawn.current = null;
    },
    [table],
  );
  const byStep = useMemo(() => (table ? rowsOf(lines) : []), [table, lines]);
  const last = lines.flatMap((line) => line.points.slice(-8).map(([x, y]) => ({ name: line.name, x, y })));
  return (
    <figure>
      {table ? (
        <div key="table" className="chart scrolled" tabIndex={0} role="region" aria-label={title}>
          <table>
            <thead>
              <tr>
                <th className="n">{across}</th>
                {lines.map((line) => (
                  <th className="n" key={line.name}>
                    {line.name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {byStep.map(([x, values]) => (
                <tr key={x}>
                  <td className="n">{num(x)}</td>
                  {values.map((value, index) => (
                    <td className="n" key={lines[index]!.name}>
                      {value === undefined ? "—" : num(value, 6)}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : (
        <div key="chart" className="chart" ref={place} role="img" aria-label={`${title}: ${last.map((each) => `${each.name} ${each.x}: ${num(each.y, 4)}`).join(", ")}`} />
      )}
      <button type="button" className="plain" onClick={() => setTable(!table)}>
        {t(table ? "parts.as_chart" : "parts.as_table")}
      </button>
    </figure>
  );
}

/** Every step that a line has a point at, and what each line says there: lines need not have the same steps. */
function rowsOf(lines: Line[]): [number, (number | undefined)[]][] {
  const rows = new Map<number, (number | undefined)[]>();
  lines.forEach((line, at) => {
    for (const [x, y] of line.points) {
      const row = rows.get(x) ?? lines.map(() => undefined);
      row[at] = y;
      rows.set(x, row);
    }
  });
  return [...rows].sort(([a], [b]) => a - b);
}
