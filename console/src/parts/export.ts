/** Files made in the browser out of rows. */

/** A cell that a spreadsheet would run as a formula is written as text. */
function cell(value: string | number | boolean): string {
  let text = String(value);
  if (typeof value === "string" && /^[=+\-@\t\r]/.test(text)) text = `'${text}`;
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export function toCsv(head: string[], rows: (string | number | boolean)[][]): string {
  return [head, ...rows].map((row) => row.map(cell).join(",")).join("\r\n");
}

export function saveAs(name: string, text: string, kind: string): void {
  const address = URL.createObjectURL(new Blob(["\ufeff".repeat(kind === "text/csv" ? 1 : 0), text], { type: `${kind};charset=utf-8` }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
