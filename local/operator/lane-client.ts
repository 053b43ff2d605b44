/** Requests to one lane of a deployment, each with a token for itself alone. */
import { LANE_TOKEN_HEADER, laneToken, operatorPurpose } from "../../adapters/identity/lane-token.ts";
import type { Lane } from "../../domain/shared/ids.ts";
import { type Deployment, OperatorError } from "./deployment.ts";

/** Until an answer begins. */
const ANSWER_DEADLINE_MS = 90_000;
const MAX_QUOTED = 200;

export type LaneClient = {
  readonly lane: Lane;
  /** The JSON of the answer; null for one without. */
  readonly ask: (method: "GET" | "POST", target: string, body?: unknown) => Promise<unknown>;
  /** The lines of an answer as they come. @throws {OperatorError} also when it ends before its last line has said so. */
  readonly lines: <T extends object>(method: "GET" | "POST", target: string, body?: unknown) => AsyncGenerator<T>;
};

async function* textLinesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let rest = "";
  for await (const part of body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)) {
    const lines = (rest + part).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
  if (rest !== "") yield rest;
}

/** @throws {OperatorError} from everything, when the lane does not answer or refuses. */
export function laneClient({ urls, configKey }: Deployment, lane: Lane): LaneClient {
  const url = urls[lane];

  async function send(method: "GET" | "POST", target: string, given: unknown): Promise<Response> {
    const body = given === undefined ? "" : JSON.stringify(given);
    const token = await laneToken(configKey, operatorPurpose(method, target, body), Date.now());
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), ANSWER_DEADLINE_MS);
    try {
      const answer = await fetch(`${url}${target}`, {
        method,
        headers: { [LANE_TOKEN_HEADER]: token, ...(body === "" ? {} : { "Content-Type": "application/json" }) },
        signal: late.signal,
        ...(body === "" ? {} : { body }),
      });
      if (answer.ok) return answer;
      const text = (await answer.text()).slice(0, MAX_QUOTED);
      if (answer.status === 404)
        throw new OperatorError(`${url} does not take this configuration key, or is no Worker of this version.`);
      throw new OperatorError(`${url}${target} answered ${answer.status}: ${text}`);
    } catch (error) {
      if (error instanceof OperatorError) throw error;
      throw new OperatorError(`${url} does not answer: ${error instanceof Error ? error.message : String(error)}`);
    } finally {
      clearTimeout(timer);
    }
  }

  return {
    lane,
    ask: async (method, target, body) => {
      const answer = await send(method, target, body);
      const text = await answer.text();
      return text === "" ? null : (JSON.parse(text) as unknown);
    },
    async *lines<T extends object>(method: "GET" | "POST", target: string, body?: unknown) {
      const answer = await send(method, target, body);
      let ended = false;
      try {
        if (answer.body !== null)
          for await (const line of textLinesOf(answer.body as ReadableStream<Uint8Array>)) {
            const value = JSON.parse(line) as T;
            ended = "end" in value;
            yield value;
          }
      } catch (error) {
        throw new OperatorError(
          `The answer of ${url}${target} broke off: ${error instanceof Error ? error.message : String(error)}`,
        );
      }
      if (!ended) throw new OperatorError(`The answer of ${url}${target} broke off.`);
    },
  };
}

export const LANES: readonly Lane[] = ["standard", "emergency"];
export type Lanes = Readonly<Record<Lane, LaneClient>>;

export const lanesOf = (deployment: Deployment): Lanes => ({
  standard: laneClient(deployment, "standard"),
  emergency: laneClient(deployment, "emergency"),
});
