/** `bench -- api`: what the API for sessions takes. */
import { describeMachine, machineLine } from "../machine.ts";
import type { Options } from "../options.ts";
import type { Outcome } from "../outcome.ts";
import { peerDatabase } from "../peer/database.ts";
import type { Workspace } from "../workspace.ts";
import { authText, measureAuth } from "./auth/auth.ts";
import { floodText, measureFlood } from "./fair/flood.ts";
import { measureWebhooks, webhooksText } from "./fair/webhooks.ts";
import { listsText, measureLists } from "./lists.ts";
import { profileReads } from "./read/profile.ts";
import { measureReads, readText } from "./read/read.ts";
import { type Stage, exampleOf } from "./read/variants.ts";
import type { Section } from "./section.ts";
import { withCredentials } from "./system.ts";

const PARTS = ["read", "auth", "lists", "fair"] as const;
type Part = (typeof PARTS)[number];

const progress = (text: string): void => void process.stderr.write(`${text}\n`);

function partsOf(only: readonly string[]): readonly Part[] {
  const unknown = only.filter((name) => !(PARTS as readonly string[]).includes(name));
  if (unknown.length > 0) throw new Error(`there is no part ${unknown.join(", ")}: ${PARTS.join(", ")}`);
  return only.length === 0 ? PARTS : PARTS.filter((part) => only.includes(part));
}

export async function benchApi(bare: Workspace, options: Options): Promise<Outcome> {
  const machine = describeMachine(bare.storage);
  const parts = partsOf(options.only);
  const { quick, diagnose } = options;
  const rounds = quick ? 1 : options.rounds;
  const sections: Section[] = [];
  const data: Record<string, unknown> = { machine };
  const add = (name: string, figures: unknown, section: Section): void => {
    data[name] = figures;
    sections.push(section);
  };
  const { workspace, credentials } = await withCredentials(bare);
  if (parts.includes("read")) {
    const example = await exampleOf({ workspace, credentials });
    const stage: Stage = { workspace, credentials, example, databaseUrl: peerDatabase(workspace) };
    const read = await measureReads(stage, rounds, options, progress);
    add("read", read, readText(read));
    if (diagnose) sections.push({ text: await profileReads(stage), missed: [] });
  }
  if (parts.includes("auth")) {
    const auth = await measureAuth({ workspace, credentials }, rounds, quick, progress);
    add("auth", auth, authText(auth));
  }
  if (parts.includes("lists")) {
    const lists = await measureLists(workspace, quick, progress);
    add("lists", lists, listsText(lists));
  }
  if (parts.includes("fair")) {
    const flood = await measureFlood(workspace, rounds, quick, progress);
    add("flood", flood, floodText(flood));
    const webhooks = await measureWebhooks(workspace, rounds, quick, progress);
    add("webhooks", webhooks, webhooksText(webhooks));
  }
  const missed = sections.flatMap((section) => section.missed);
  const text = [machineLine(machine), ...sections.map((section) => section.text)].join("\n\n");
  return { text: `${text}\n`, data: { ...data, missed }, missed };
}
