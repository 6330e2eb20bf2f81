/** A text with some of it marked. Spans count characters as the service does, not halves of them. */
import { Fragment } from "react";

export interface Span {
  start: string;
  stop: string;
}

export function Marked({ text, spans, first }: { text: string; spans: Span[]; first?: (mark: HTMLElement | null) => void }) {
  const characters = Array.from(text);
  const said = (from: number, to: number) => characters.slice(from, to).join("");
  return (
    <>
      {spans.map((span, at) => (
        <Fragment key={span.start}>
          {said(at ? Number(spans[at - 1]!.stop) : 0, Number(span.start))}
          <mark ref={at ? undefined : first}>{said(Number(span.start), Number(span.stop))}</mark>
        </Fragment>
      ))}
      {said(spans.length ? Number(spans[spans.length - 1]!.stop) : 0, characters.length)}
    </>
  );
}
