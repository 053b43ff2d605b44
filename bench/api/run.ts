/** `bench -- api`: what the API for sessions takes. */
import { describeMachine } from "../machine.ts";
import type { Options } from "../options.ts";
import type { Outcome } from "../outcome.ts";
import type { Workspace } from "../workspace.ts";
import { listsText, measureLists } from "./lists.ts";

const PARTS = ["lists"] as const;

const progress = (text: string): void => void process.stderr.write(`${text}\n`);

export async function benchApi(workspace: Workspace, { only, quick }: Options): Promise<Outcome> {
  const machine = describeMachine(workspace.storage);
  const unknown = only.filter((name) => !(PARTS as readonly string[]).includes(name));
  if (unknown.length > 0) throw new Error(`there is no part ${unknown.join(", ")}: ${PARTS.join(", ")}`);
  const lists = await measureLists(workspace, quick, progress);
  const { text, missed } = listsText(lists);
  return { text, data: { machine, lists }, missed };
}
