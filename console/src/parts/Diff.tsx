/** Two texts as one: what went is struck out, what came is marked; word by word. */
import { useMemo } from "react";

type Piece = { kind: "same" | "gone" | "new"; text: string };

const MOST = 700; // words on either side that are compared; what is behind them is shown as it is

const wordsOf = (text: string) => text.match(/[\p{Script=Han}]|[^\s\p{Script=Han}]+|\s+/gu) ?? [];

/** The longest common run of words, by the usual table. */
export function pieces(before: string, after: string): Piece[] {
  const [a, b] = [wordsOf(before).slice(0, MOST), wordsOf(after).slice(0, MOST)];
  const table = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i--) for (let j = b.length - 1; j >= 0; j--) table[i]![j] = a[i] === b[j] ? table[i + 1]![j + 1]! + 1 : Math.max(table[i + 1]![j]!, table[i]![j + 1]!);
  const found: Piece[] = [];
  const put = (kind: Piece["kind"], text: string) => {
    const last = found.at(-1);
    if (last?.kind === kind) last.text += text;
    else found.push({ kind, text });
  };
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) put("same", a[i++]!) ?? j++;
    else if (j >= b.length || (i < a.length && table[i + 1]![j]! >= table[i]![j + 1]!)) put("gone", a[i++]!);
    else put("new", b[j++]!);
  }
  return found;
}

export function Diff({ before, after }: { before: string; after: string }) {
  const found = useMemo(() => pieces(before, after), [before, after]);
  return (
    <pre className="diff" tabIndex={0}>
      {found.map(({ kind, text }, index) => (kind === "gone" ? <del key={index}>{text}</del> : kind === "new" ? <ins key={index}>{text}</ins> : <span key={index}>{text}</span>))}
    </pre>
  );
}
