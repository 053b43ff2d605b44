/** What the demo puts on the screen. Colours only where a person looks: `styleText` leaves them out without a terminal or with NO_COLOR. */
import { styleText } from "node:util";

const INDENT = "   ";
const JSON_WIDTH = 96;

type Format = Parameters<typeof styleText>[0];

const paint = (format: Format, text: string): string => styleText(format, text);

export const dim = (text: string): string => paint("dim", text);
export const bold = (text: string): string => paint("bold", text);
export const good = (text: string): string => paint("green", text);
export const warn = (text: string): string => paint("yellow", text);
export const bad = (text: string): string => paint("red", text);
export const loud = (text: string): string => paint(["bold", "red"], text);
export const accent = (text: string): string => paint("cyan", text);

export function line(text = ""): void {
  process.stdout.write(text === "" ? "\n" : `${INDENT}${text}\n`);
}

export function title(text: string, detail: string): void {
  process.stdout.write(`\n${bold(text)}  ${dim(detail)}\n`);
}

/** A chapter: its number, its name, and the request that it is about. */
export function chapter(number: number, name: string, request = ""): void {
  process.stdout.write(`\n${bold(accent(String(number)))}  ${bold(name)}${request === "" ? "" : `  ${dim(request)}`}\n`);
}

export function proven(text: string): void {
  line(`${good("✔ Shown:")} ${text}`);
}

/** Column widths in characters; longer texts push the rest to the right. Padding comes before colour, whose codes have no width. */
export function columns(...cells: readonly (readonly [text: string, width: number, style?: (text: string) => string])[]): void {
  line(
    cells
      .map(([text, width, style = (plain: string) => plain]) => style(text.padEnd(width)))
      .join(" ")
      .trimEnd(),
  );
}

/** JSON that breaks only what does not fit on a line. */
function foldedJson(value: unknown, indent: string): string {
  const flat = JSON.stringify(value);
  if (typeof value !== "object" || value === null || indent.length + flat.length <= JSON_WIDTH) return flat;
  const deeper = `${indent}  `;
  const parts = Array.isArray(value)
    ? value.map((each) => foldedJson(each, deeper))
    : Object.entries(value).map(([name, each]) => `${JSON.stringify(name)}: ${foldedJson(each, deeper)}`);
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  return `${open}\n${parts.map((part) => `${deeper}${part}`).join(",\n")}\n${indent}${close}`;
}

export function document(value: unknown): void {
  for (const text of foldedJson(value, "").split("\n")) line(dim(text));
}
