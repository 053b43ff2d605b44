/** Puts stand-ins in the place of what only the platform has, and of ports at whose other side the simulated world stands. */
import { registerHooks } from "node:module";

const standIn = (file: string): string => new URL(`./stand-ins/${file}`, import.meta.url).href;
const inRepository = (path: string): string => new URL(`../../../${path}`, import.meta.url).href;

const IN_PLACE_OF: ReadonlyMap<string, string> = new Map([
  [inRepository("adapters/r2/gzip.ts"), standIn("gzip.ts")],
  [inRepository("adapters/telemetry/log.ts"), standIn("log.ts")],
  [inRepository("adapters/carriers/accounts.ts"), standIn("accounts.ts")],
  [inRepository("durable-objects/live-feed/feed-writer.ts"), standIn("feed-writer.ts")],
]);

/** @param isReal whether a stand-in is not wanted, by the file that it stands in for, as `adapters/r2/gzip.ts`. */
export function standInForThePlatform(isReal: (path: string) => boolean = () => false): void {
  const inPlaceOf = new Map([...IN_PLACE_OF].filter(([url]) => !isReal(url.slice(inRepository("").length))));
  registerHooks({
    resolve(specifier, context, next) {
      if (specifier === "cloudflare:workers") return next(standIn("cloudflare-workers.ts"), context);
      const { parentURL } = context;
      const isFile = specifier.startsWith(".") && parentURL !== undefined;
      const instead = isFile ? inPlaceOf.get(new URL(specifier, parentURL).href) : undefined;
      return next(instead ?? specifier, context);
    },
  });
}
