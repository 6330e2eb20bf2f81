/** A state is always the same colour, the same shape and a word: never colour alone. */
import { useWords, type Kind } from "@/words";

export type Tone = "ok" | "run" | "wait" | "bad" | "off";

const SHAPES = {
  check: <path d="M1 5l3 3 5-6" fill="none" stroke="currentColor" strokeWidth="2" />,
  dot: <circle cx="5" cy="5" r="4" fill="currentColor" />,
  play: <path d="M3 1l6 4-6 4z" fill="currentColor" />,
  sand: <path d="M2 1h6v1L6 5l2 3v1H2V8l2-3-2-3z" fill="currentColor" />,
  cross: <path d="M2 2l6 6M8 2l-6 6" stroke="currentColor" strokeWidth="2" />,
  pause: <path d="M3 1v8M7 1v8" stroke="currentColor" strokeWidth="2.4" />,
  ring: <circle cx="5" cy="5" r="3.2" fill="none" stroke="currentColor" strokeWidth="1.8" />,
  back: <path d="M8 8V5a2 2 0 0 0-2-2H2M4 1L2 3l2 2" fill="none" stroke="currentColor" strokeWidth="1.6" />,
  warn: <path d="M5 1v5M5 7.6v1.6" stroke="currentColor" strokeWidth="2" />,
} as const;

export type Shape = keyof typeof SHAPES;

const LOOKS: Record<string, [Tone, Shape]> = {
  PENDING: ["wait", "sand"],
  WAITING_HUMAN: ["wait", "sand"],
  AWAITING_APPROVAL: ["wait", "sand"],
  STARTING: ["wait", "sand"],
  NO_DATA: ["wait", "warn"],
  RUNNING: ["run", "play"],
  TRAINING: ["run", "play"],
  EVALUATING: ["run", "play"],
  CONVERTING: ["run", "play"],
  VERIFYING: ["run", "play"],
  PACKAGING: ["run", "play"],
  PROVISIONING: ["run", "play"],
  SMOKE_TESTING: ["run", "play"],
  CANARY: ["run", "play"],
  CANCELLING: ["run", "play"],
  ROLLING_BACK: ["run", "back"],
  SUCCEEDED: ["ok", "check"],
  TRAINED: ["ok", "check"],
  QUALIFIED: ["ok", "check"],
  PASS: ["ok", "check"],
  READY: ["ok", "dot"],
  UP: ["ok", "dot"],
  DRAINING: ["wait", "pause"],
  SILENT: ["bad", "cross"],
  CLOCK_OFF: ["bad", "warn"],
  WAITING: ["wait", "sand"],
  HELD: ["run", "play"],
  ONLINE: ["ok", "dot"],
  FAILED: ["bad", "cross"],
  FAIL: ["bad", "cross"],
  REJECTED: ["bad", "cross"],
  QUARANTINED: ["bad", "cross"],
  PAUSED: ["wait", "pause"],
};
const OTHER: [Tone, Shape] = ["off", "ring"];

export const toneOf = (value: string): Tone => (LOOKS[value] ?? OTHER)[0];
export const shapeOf = (value: string): Shape => (LOOKS[value] ?? OTHER)[1];

export function Mark({ shape }: { shape: Shape }) {
  return (
    <svg viewBox="0 0 10 10" aria-hidden="true">
      {SHAPES[shape]}
    </svg>
  );
}

export function Pill({ tone, shape, children }: { tone: Tone; shape: Shape; children: React.ReactNode }) {
  return (
    <span className={`pill ${tone}`}>
      <Mark shape={shape} />
      {children}
    </span>
  );
}

export function State({ kind, value }: { kind: Kind; value: string }) {
  const { word } = useWords();
  return (
    <Pill tone={toneOf(value)} shape={shapeOf(value)}>
      {word(kind, value)}
    </Pill>
  );
}
