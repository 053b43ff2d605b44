/** pull, diff and push. */
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline/promises";
import { type ConfigurationItem, entityKey } from "../../domain/configuration/model.ts";
import { type ConfigurationApi, type Draft, Refused, type ServerError } from "./api.ts";
import { changesOf, compare, describeDifference } from "./difference.ts";
import { type ConfigurationText, readConfigurationText, writeConfigurationText } from "./document.ts";
import { Trouble } from "./trouble.ts";

/** As diff(1) has them; trouble is 2. */
export const EXIT = { SAME: 0, DIFFERENT: 1, TROUBLE: 2 } as const;

const HEADING = ` A tenant's configuration, as \`npm run config -- pull\` writes it: in a fixed order, without what has its default.
 Comments are lost with the next pull.`;

export type Screen = {
  readonly print: (line: string) => void;
  /** Asks whether to go on; null where nobody can be asked. */
  readonly ask: ((question: string) => Promise<boolean>) | null;
};

export type Context = { readonly api: ConfigurationApi; readonly file: string; readonly screen: Screen };

export type PushOptions = { readonly publish: boolean; readonly yes: boolean };

const unescaped = (part: string): string => part.replaceAll("~1", "/").replaceAll("~0", "~");

const list = (file: string, mistakes: readonly { readonly line: number | null; readonly text: string }[]): string =>
  mistakes.map(({ line, text }) => `${file}:${line === null ? "" : `${line}:`} ${text}`).join("\n");

function read(file: string): ConfigurationText {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") throw new Trouble(`There is no ${file}. \`pull\` writes one from the draft.`);
    throw new Trouble(`${file} cannot be read (${code}).`);
  }
  const parsed = readConfigurationText(text);
  if (!parsed.ok) throw new Trouble(list(file, parsed.error));
  return parsed.value;
}

/** Writes the draft into the file. */
export async function pull({ api, file, screen }: Context): Promise<number> {
  const { items } = await api.readDraft();
  const text = writeConfigurationText(items, HEADING);
  try {
    writeFileSync(`${file}.new`, text);
    renameSync(`${file}.new`, file);
  } catch (error) {
    throw new Trouble(`${file} cannot be written (${(error as NodeJS.ErrnoException).code}).`);
  }
  screen.print(`${file}: ${items.length} entries`);
  return EXIT.SAME;
}

type Comparing = { readonly text: ConfigurationText; readonly draft: Draft; readonly changes: number };

/** Prints what the file would change in the draft. */
async function showDifference({ api, file, screen }: Context): Promise<Comparing> {
  const text = read(file);
  const draft = await api.readDraft();
  const comparison = compare(draft.items, text.items);
  for (const line of describeDifference(comparison)) screen.print(line);
  return { text, draft, changes: changesOf(comparison) };
}

export async function diff(context: Context): Promise<number> {
  return (await showDifference(context)).changes === 0 ? EXIT.SAME : EXIT.DIFFERENT;
}

/** The server counts items, a person lines of the file. */
function refusedRows(error: Refused, file: string, { items, lineOf }: ConfigurationText): Trouble {
  const mistakes = error.errors.map(({ line, pointer, detail }) => {
    const item: ConfigurationItem | undefined = line === undefined ? undefined : items[line - 1];
    const field = pointer.replace(/^\/\d+(\/entity)?/, "");
    return { line: item === undefined ? null : lineOf(item), text: `${field === "" ? "" : `${field}: `}${detail}` };
  });
  return new Trouble(`${error.message}\n${list(file, mistakes)}`);
}

/** Makes the draft what the file says. @returns its new ETag. */
async function replace({ api, file }: Context, { text, draft }: Comparing): Promise<string> {
  try {
    return await api.replaceDraft(text.items, draft.etag);
  } catch (error) {
    throw error instanceof Refused ? refusedRows(error, file, text) : error;
  }
}

/** Findings of a publication are about entities, `/routing-rules/night/action`; a person looks for them in the file. */
function inFile(findings: readonly ServerError[], file: string, { items, lineOf }: ConfigurationText): string {
  const mistakes = findings.map(({ pointer, detail }) => {
    const [kind, key] = pointer.replace(/^\//, "").split("/").map(unescaped);
    const item = items.find((each) => each.kind === kind && entityKey(each) === key);
    return { line: item === undefined ? null : lineOf(item), text: `${pointer.replace(/^\//, "")}: ${detail}` };
  });
  return list(file, mistakes);
}

async function publish({ api, file, screen }: Context, text: ConfigurationText, etag: string): Promise<void> {
  try {
    const { version, changed, warnings, warningCount } = await api.publish(etag);
    if (warningCount > 0) screen.print(`${warningCount} warnings:\n${inFile(warnings, file, text)}`);
    screen.print(changed ? `In force: ${version}` : `In force already: ${version}`);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const mistakes = inFile(error.errors, file, text);
    throw new Trouble(`The draft is as the file says, but it cannot be published. ${error.message}\n${mistakes}`);
  }
}

/** Makes the draft what the file says, after showing what that changes. */
export async function push(context: Context, { publish: isPublishing, yes }: PushOptions): Promise<number> {
  const { screen, file } = context;
  const compared = await showDifference(context);
  let { etag } = compared.draft;
  if (compared.changes === 0) screen.print(`The draft is as ${file} says.`);
  else {
    if (!yes && screen.ask === null) throw new Trouble("Nothing was written: nobody can be asked here. Add --yes to go on.");
    if (
      !yes &&
      screen.ask !== null &&
      !(await screen.ask(`Write this to the draft${isPublishing ? " and publish it" : ""}?`))
    ) {
      screen.print("Nothing was written.");
      return EXIT.DIFFERENT;
    }
    etag = await replace(context, compared);
    screen.print(
      isPublishing ? "The draft is written." : "The draft is written; it decides nothing before it is published (--publish).",
    );
  }
  if (isPublishing) await publish(context, compared.text, etag);
  return EXIT.SAME;
}

/** The terminal that the command runs in. */
export function terminal(): Screen {
  const { stdin, stdout } = process;
  const ask = async (question: string): Promise<boolean> => {
    const prompt = createInterface({ input: stdin, output: stdout });
    try {
      return /^y(es)?$/i.test((await prompt.question(`${question} [y/N] `)).trim());
    } finally {
      prompt.close();
    }
  };
  return { print: (line) => void stdout.write(`${line}\n`), ask: stdin.isTTY && stdout.isTTY ? ask : null };
}
