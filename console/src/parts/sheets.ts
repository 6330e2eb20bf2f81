/**
 * Stands in for the component library's writer of style elements, which the page's policy forbids (style-src 'self'): each of its pieces
 * becomes a constructed style sheet, which is an object of ours, not text in the page. Order is kept by priority, then by arrival.
 */
export const ATTR_MARK = "data-css-hash";

interface Options {
  attachTo?: Node;
  prepend?: boolean | "queue";
  priority?: number;
  mark?: string;
}

interface Piece {
  sheet: CSSStyleSheet;
  element: HTMLStyleElement;
  text: string;
  place: number;
}

const pieces = new Map<string, Piece>();

function show(): void {
  const ours = [...pieces.values()].sort((a, b) => a.place - b.place).map((piece) => piece.sheet);
  document.adoptedStyleSheets = ours;
}

/** The returned element is never in the page: callers only hang their marks on it. */
export function updateCSS(text: string, key: string, options: Options = {}): HTMLStyleElement {
  const known = pieces.get(key);
  if (known?.text === text) return known.element;
  const piece = known ?? {
    sheet: new CSSStyleSheet(),
    element: document.createElement("style"),
    text: "",
    place: options.prepend ? (options.priority ?? 0) - 10_000 : 0,
  };
  piece.text = text;
  piece.sheet.replaceSync(text);
  pieces.set(key, piece);
  if (!known) show();
  return piece.element;
}

export const injectCSS = (text: string, options: Options = {}) => updateCSS(text, text, options);

export function removeCSS(key: string): void {
  if (pieces.delete(key)) show();
}

export const clearContainerCache = () => undefined;
