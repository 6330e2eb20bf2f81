/** Whole numbers of more than 53 bits in JSON become text: JavaScript would round them. The platform sends its own as text; these are people's. */

const PERHAPS = /[:[,]\s*-?\d{16}/;
const TEXT_OR_WHOLE = /"(?:[^"\\]|\\.)*"|(?<![\d.eE+-])-?\d{16,}(?![\d.eE])/g;

export const exactly = (json: string) =>
  PERHAPS.test(json) ? json.replace(TEXT_OR_WHOLE, (found) => (found.startsWith('"') || Number.isSafeInteger(Number(found)) ? found : `"${found}"`)) : json;

/** The same answer, with such numbers as text. */
export async function exact(answer: Response): Promise<Response> {
  if (!answer.headers.get("content-type")?.startsWith("application/json")) return answer;
  const { status, statusText, headers } = answer;
  return new Response(exactly(await answer.text()), { status, statusText, headers });
}
