/** A picture that came as a data URL, shown from memory: pages may show nothing that an address brings along. */
import { useEffect, useState } from "react";

export const isPicture = (text: string) => text.startsWith("data:image/");

export function Picture({ text, name }: { text: string; name: string }) {
  const [at, setAt] = useState("");
  useEffect(() => {
    const made = URL.createObjectURL(new Blob([Uint8Array.from(atob(text.slice(text.indexOf(",") + 1)), (sign) => sign.charCodeAt(0))]));
    setAt(made);
    return () => URL.revokeObjectURL(made);
  }, [text]);
  return at ? <img src={at} alt={name} className="asked" /> : null;
}
