/** The rows of a large tenant: prefixes of forty countries, which stand for those of the world. */

export const RULES = 400_000;
export const RATES = 200_000;
const LINES_PER_PIECE = 1_000;
/** In the order of their digits, as the system orders prefixes. */
const COUNTRIES =
  "1 20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 54 55 56 57 60 61 62 63 64 65 66 81 82 84 86 90 91 92 94".split(
    " ",
  );
const DIGITS = 5;

const prefixOf = (row: number, rows: number): string => {
  const perCountry = rows / COUNTRIES.length;
  return `${COUNTRIES[Math.floor(row / perCountry)]!}${String(row % perCountry).padStart(DIGITS, "0")}`;
};

/** @param changed the row that leads elsewhere; none by default. */
export function* ruleLines(changed = -1): Generator<string> {
  yield "prefix,destinations,id,trunk,precedence,strategy,rerouteCauses,maxDurationMs,enabled,rule\r\n";
  for (let row = 0; row < RULES; row++) {
    const destinations = row === changed ? "front-desk" : row % 3 === 0 ? "gateway-b|gateway-a" : "gateway-a|gateway-b:3";
    yield `+${prefixOf(row, RULES)},${destinations},,,,,,,,\r\n`;
  }
}

export function* rateLines(): Generator<string> {
  yield "prefix,perMinuteMicros,connectMicros,incrementS\r\n";
  for (let row = 0; row < RATES; row++) yield `${prefixOf(row, RATES)},${5_000 + (row % 977)},0,${row % 2 === 0 ? 60 : 1}\r\n`;
}

/** As a file is sent. */
export function streamOf(lines: Iterator<string>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    pull(controller) {
      let piece = "";
      for (let line = 0; line < LINES_PER_PIECE; line++) {
        const next = lines.next();
        if (next.done === true) {
          if (piece !== "") controller.enqueue(encoder.encode(piece));
          return controller.close();
        }
        piece += next.value;
      }
      controller.enqueue(encoder.encode(piece));
    },
  });
}
