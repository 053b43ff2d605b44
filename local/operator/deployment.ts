/** Which deployment an operator's command is about: its two lanes and the key that proves who asks. */
import type { Lane } from "../../domain/shared/ids.ts";
import { DEFAULT_PORT, DEFAULT_STATE_DIR } from "../paths.ts";
import { readSecrets } from "../secrets.ts";

export type Deployment = {
  readonly urls: Readonly<Record<Lane, string>>;
  readonly configKey: string;
  readonly isLocal: boolean;
};

/** The command cannot go on; the message is for the person who started it. */
export class OperatorError extends Error {}

export const DEPLOYMENT_OPTIONS = { url: { type: "string" }, "standard-url": { type: "string" } } as const;

export const DEPLOYMENT_USAGE = `The local system is meant unless --url (of the emergency Worker), --standard-url (of the standard Worker) and the environment
variable CONFIG_KEY name another one.`;

function urlFrom(text: string, option: string): string {
  if (!/^https?:$/.test(URL.parse(text)?.protocol ?? ""))
    throw new OperatorError(`${option} has to be a URL such as https://emergency.api.eu.trunkline.example, not "${text}".`);
  return text.replace(/\/+$/, "");
}

type Given = { readonly url?: string | undefined; readonly "standard-url"?: string | undefined };
type Environment = Readonly<Record<string, string | undefined>>;

/** @throws {OperatorError} when it is not said whole, or the local system was never started. */
export function findDeployment({ url, "standard-url": standardUrl }: Given, environment: Environment): Deployment {
  const configKey = environment["CONFIG_KEY"];
  const port = Number(environment["PORT"] ?? DEFAULT_PORT);
  if ((url === undefined) !== (standardUrl === undefined)) throw new OperatorError("--url and --standard-url go together.");
  if (url !== undefined && standardUrl !== undefined) {
    const key = configKey ?? readSecrets(DEFAULT_STATE_DIR)?.configKey;
    if (key === undefined) throw new OperatorError("CONFIG_KEY is not set: without it nobody is told anything.");
    const urls = { emergency: urlFrom(url, "--url"), standard: urlFrom(standardUrl, "--standard-url") };
    return { urls, configKey: key, isLocal: false };
  }
  const secrets = readSecrets(DEFAULT_STATE_DIR);
  if (secrets === undefined) throw new OperatorError("The system has never been started here: run `npm start` first.");
  const urls = { emergency: `http://127.0.0.1:${port}`, standard: `http://127.0.0.1:${port + 1}` };
  return { urls, configKey: secrets.configKey, isLocal: true };
}
