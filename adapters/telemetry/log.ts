/**
 * Structured logs: one JSON object per line, one static message, fields beside it. Personal data never gets here in full:
 * numbers are masked by the caller of `log` with `maskNumber`, and of an error goes in what `errorFields` leaves of it.
 */
export type LogLevel = "info" | "warn" | "error";
type LogValue = string | number | boolean | null | undefined;
export type LogFields = Readonly<Record<string, LogValue | readonly LogFields[]>>;
export type Log = (level: LogLevel, message: string, fields?: LogFields) => void;

/** Of a stack that is logged. */
const MAX_STACK = 2_000;

/**
 * Of an error its name and where it was thrown. Not its message: the runtime and the database repeat in theirs what they were given.
 */
export function errorFields(error: unknown): { readonly error: string; readonly stack?: string } {
  if (!(error instanceof Error)) return { error: "unknown" };
  const frames = (error.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
  return { error: error.name, stack: frames.join("\n").slice(0, MAX_STACK) };
}

export function createLog(base: LogFields, write: (line: string) => void = (line) => console.log(line)): Log {
  return (level, message, fields) =>
    write(JSON.stringify({ at: new Date().toISOString(), level, message, ...base, ...fields }));
}
