/**
 * Structured logs: one JSON object per line, one static message, fields beside it. Personal data never gets here in full:
 * numbers are masked by the caller of `log` with `maskAddress`.
 */
export type LogLevel = "info" | "warn" | "error";
type LogValue = string | number | boolean | null | undefined;
export type LogFields = Readonly<Record<string, LogValue | readonly LogFields[]>>;
export type Log = (level: LogLevel, message: string, fields?: LogFields) => void;

/** Digits that stay readable at the end of a masked number: enough to tell two calls apart, too few to call back. */
const VISIBLE_DIGITS = 2;

/** `+15551230001` becomes `+15*******01`; anything that is not a number keeps only its kind. */
export function maskAddress(address: string): string {
  if (/^\+?\d+$/.test(address)) {
    if (address.length <= 6) return address;
    // The start of a short number is not a country: it would be most of the number.
    if (address.length < 10) return "*".repeat(address.length - VISIBLE_DIGITS) + address.slice(-VISIBLE_DIGITS);
    return address.slice(0, 3) + "*".repeat(address.length - 3 - VISIBLE_DIGITS) + address.slice(-VISIBLE_DIGITS);
  }
  return address.replace(/^((?:sips?|tel|urn):).*$/s, "$1***").replace(/^(?!sips?:|tel:|urn:|anonymous$).*$/s, "***");
}

export function createLog(base: LogFields, write: (line: string) => void = (line) => console.log(line)): Log {
  return (level, message, fields) =>
    write(JSON.stringify({ at: new Date().toISOString(), level, message, ...base, ...fields }));
}
