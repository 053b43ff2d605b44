/** Asks a started system, one question after another, each client on its own connection in its turn. */
import { type Client, createClient } from "../../load/client.ts";
import { percentile } from "../../statistics.ts";
import type { Headers } from "../clients.ts";
import type { Question } from "./questions.ts";

/** The engine has compiled what a question runs through. */
const WARM_UP = 10;

export type Asked = {
  readonly question: Question;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  /** Objects or ranges of them that an answer took of R2, as the answers say: on average, and the most. */
  readonly meanReads: number;
  readonly maxReads: number;
  /** Different objects among them, on average; NaN when the answers do not say. */
  readonly meanObjects: number;
  /** Pages that an answer took, at most. */
  readonly maxPages: number;
  /** What was not answered, or not with as many events as there are. */
  readonly wrong: readonly string[];
};

const READS_HEADER = "trunkline-reads";

/** `12;objects=4`, a number with a parameter (RFC 9651 §3.3). */
function readsIn(header: unknown): { reads: number; objects: number } {
  const [reads = "", ...parameters] = String(header ?? "").split(";");
  const objects = parameters.map((parameter) => /^\s*objects=(\d+)$/.exec(parameter)?.[1]).find((found) => found !== undefined);
  return { reads: reads === "" ? Number.NaN : Number(reads), objects: objects === undefined ? Number.NaN : Number(objects) };
}

type Page = { readonly items?: readonly unknown[]; readonly nextCursor?: string };

type Answered = {
  readonly ms: number;
  readonly reads: number;
  readonly objects: number;
  readonly pages: number;
  /** Null: as it should be. */
  readonly wrong: string | null;
};

/** One answer, all of its pages: a page may be short and have another one behind it. */
async function answerOf(next: () => Client, path: string, { hits, all }: Question): Promise<Answered> {
  let [ms, reads, objects, pages, found] = [0, 0, 0, 0, 0];
  let cursor: string | undefined;
  do {
    const answer = await next().send("GET", cursor === undefined ? path : `${path}&cursor=${encodeURIComponent(cursor)}`);
    ms += answer.ms;
    const taken = readsIn(answer.headers[READS_HEADER]);
    reads += taken.reads;
    objects += taken.objects;
    pages += 1;
    if (answer.status !== 200) return { ms, reads, objects, pages, wrong: `${path}: ${answer.status}` };
    const { items, nextCursor } = JSON.parse(answer.text) as Page;
    found += items === undefined ? 1 : items.length;
    cursor = nextCursor;
  } while (cursor !== undefined && (all || found < hits));
  return { ms, reads, objects, pages, wrong: found === hits ? null : `${path}: ${found} of ${hits}` };
}

async function ask(next: () => Client, question: Question): Promise<Asked> {
  for (const path of question.paths.slice(0, WARM_UP)) await answerOf(next, path, question);
  const answers: Answered[] = [];
  for (const path of question.paths) answers.push(await answerOf(next, path, question));
  const timesMs = answers.map(({ ms }) => ms).sort((a, b) => a - b);
  return {
    question,
    p50Ms: percentile(timesMs, 0.5),
    p95Ms: percentile(timesMs, 0.95),
    p99Ms: percentile(timesMs, 0.99),
    meanReads: answers.reduce((sum, { reads }) => sum + reads, 0) / answers.length,
    meanObjects: answers.reduce((sum, { objects }) => sum + objects, 0) / answers.length,
    maxReads: Math.max(...answers.map(({ reads }) => reads)),
    maxPages: Math.max(...answers.map(({ pages }) => pages)),
    wrong: answers.flatMap(({ wrong }) => (wrong === null ? [] : [wrong])),
  };
}

export async function askAll(url: string, headers: readonly Headers[], questions: readonly Question[]): Promise<Asked[]> {
  const clients = headers.map((own) => createClient({ url, headers: own }, 1));
  let turn = 0;
  const next = (): Client => clients[turn++ % clients.length]!;
  try {
    const asked: Asked[] = [];
    for (const question of questions) asked.push(await ask(next, question));
    return asked;
  } finally {
    for (const client of clients) client.close();
  }
}
