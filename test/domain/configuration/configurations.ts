/** Configurations for tests, written as files and read as items. */
import { parseConfigurationFile } from "../../../contracts/configuration/file.ts";
import type { ConfigurationItem } from "../../../domain/configuration/model.ts";
import { type Findings, createValidator } from "../../../domain/configuration/validate.ts";

export type File = Record<string, unknown>;

/** Nothing is wrong with it, and nothing deserves a second look. */
export const SOUND: File = {
  settings: { defaultTrunk: "main", emergency: { callbackNumber: "+15551230000" } },
  trunks: [{ id: "main", dialProfile: { country: "US" } }],
  destinations: [
    { id: "gateway", target: { type: "sip", uri: "sip:{number}@gateway.example" } },
    { id: "psap", target: { type: "sip", uri: "sip:{number}@psap.example" } },
  ],
  routingRules: [{ id: "world", when: { callee: { prefix: ["+"] } }, action: { type: "route", destinations: ["gateway"] } }],
  emergencyRoutes: [{ id: "all", destinations: ["psap"] }],
};

export function itemsOf(file: File): readonly ConfigurationItem[] {
  const items = parseConfigurationFile(file);
  if (!items.ok) throw new Error(JSON.stringify(items.error, null, 2));
  return items.value;
}

export function validate(items: readonly ConfigurationItem[]): { readonly problems: Findings; readonly warnings: Findings } {
  const validator = createValidator();
  for (const item of items) validator.add(item);
  return validator.finish();
}

/** What is found as "code pointer". */
export const told = ({ list }: Findings): string[] => list.map(({ code, pointer }) => `${code} ${pointer}`);

/** What is found in the sound configuration with changes. */
export function findingsIn(changes: File): { readonly problems: string[]; readonly warnings: string[] } {
  const { problems, warnings } = validate(itemsOf({ ...SOUND, ...changes }));
  return { problems: told(problems), warnings: told(warnings) };
}

const rule = (id: string, when: File, changes: File = {}): File => ({
  id,
  when,
  action: { type: "route", destinations: ["gateway"] },
  ...changes,
});

/** The sound configuration with these rules. */
export const withRules = (...rules: readonly File[]): File => ({ routingRules: rules });
export { rule };
