/** The Prometheus text format, read strictly (https://prometheus.io/docs/instrumenting/exposition_formats/). Throws on any line that is not of it. */
export type Sample = {
  readonly series: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
};
export type Family = { readonly name: string; readonly type: string; readonly owns: (sample: string) => boolean };

const NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*";
const LABEL = `[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\\\\n]|\\\\[\\\\"n])*"`;
const SAMPLE = new RegExp(
  `^(${NAME})(?:\\{(${LABEL}(?:,${LABEL})*)?,?\\})? ([+-]?(?:\\d+(?:\\.\\d+)?(?:e[+-]?\\d+)?|Inf)|NaN)$`,
  "i",
);
const TYPE = new RegExp(`^# TYPE (${NAME}) (counter|gauge|histogram|summary|untyped)$`);
const HELP = new RegExp(`^# HELP ${NAME} .*$`);

function linesOf(text: string): readonly string[] {
  if (!text.endsWith("\n")) throw new Error("the last line has to end with a line feed");
  return text.slice(0, -1).split("\n");
}

export function samplesIn(text: string): Sample[] {
  return linesOf(text)
    .filter((line) => !HELP.test(line) && !TYPE.test(line))
    .map((line) => {
      const match = SAMPLE.exec(line);
      if (match === null) throw new Error(`not a line of the format: ${line}`);
      const labels = [...(match[2] ?? "").matchAll(/([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"/g)].map(
        ([, key, value]) => [key!, value!] as const,
      );
      return {
        series: line.slice(0, line.lastIndexOf(" ")),
        name: match[1]!,
        labels: Object.fromEntries(labels),
        value: Number(match[3]),
      };
    });
}

export function familiesIn(text: string): Family[] {
  return linesOf(text).flatMap((line) => {
    const match = TYPE.exec(line);
    if (match === null) return [];
    const [, name = "", type = ""] = match;
    const suffixes = type === "histogram" ? ["_bucket", "_sum", "_count"] : [""];
    return [{ name, type, owns: (sample: string) => suffixes.some((suffix) => sample === `${name}${suffix}`) }];
  });
}
