/** How secret: the higher the level, the warmer its colour, and always its word. */
import { Pill, type Tone } from "@/parts/State";
import { useWords } from "@/words";

const TONES: Record<string, Tone> = { PUBLIC: "off", INTERNAL: "run", CONFIDENTIAL: "wait", SECRET: "bad" };

export function Secrecy({ value }: { value: string }) {
  const { word } = useWords();
  return (
    <Pill tone={TONES[value] ?? "off"} shape={value === "PUBLIC" ? "ring" : "dot"}>
      {word("secrecy", value)}
    </Pill>
  );
}
