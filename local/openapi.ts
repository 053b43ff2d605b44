/** `npm run openapi -- check|lint|print|collection|client`: looks after the interface description. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { apiDocument } from "../contracts/openapi/api.ts";
import { CLIENT_TYPES_FILE, clientTypesText } from "./openapi/client-types.ts";
import { COLLECTION_FILE, collectionText } from "./openapi/collection-file.ts";
import { lint } from "./openapi/lint.ts";
import { RELEASED_FILE, changesSinceRelease } from "./openapi/released.ts";
import { ROOT } from "./paths.ts";

const USAGE = `npm run openapi -- check             what would break clients of the last released version
npm run openapi -- check --accept    at a release: this version's description is what the next is compared with
npm run openapi -- lint              Redocly and Spectral (installed into tools/api when they are asked for first)
npm run openapi -- print             the document
npm run openapi -- collection        writes ${COLLECTION_FILE}
npm run openapi -- client            writes ${CLIENT_TYPES_FILE}`;

function write(file: string, text: string): void {
  mkdirSync(dirname(join(ROOT, file)), { recursive: true });
  writeFileSync(join(ROOT, file), text);
  console.log(`wrote ${file}`);
}

function accept(): boolean {
  const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { version: string };
  write(RELEASED_FILE, `${JSON.stringify({ version, document: apiDocument() })}\n`);
  return true;
}

function check(): boolean {
  const compared = changesSinceRelease();
  if (compared === null) {
    console.log("No version has been released with a description; `check --accept` writes the first.");
    return true;
  }
  const { version, changes } = compared;
  for (const change of changes) console.log(change);
  const outcome = changes.length === 0 ? "no client would break" : `${changes.length} changes would break clients`;
  console.log(`Compared with ${version}: ${outcome}.`);
  return changes.length === 0;
}

function print(): boolean {
  process.stdout.write(`${JSON.stringify(apiDocument(), null, 2)}\n`);
  return true;
}

function collection(): boolean {
  write(COLLECTION_FILE, collectionText());
  return true;
}

function client(): boolean {
  write(CLIENT_TYPES_FILE, clientTypesText());
  return true;
}

function unknown(): boolean {
  console.error(USAGE);
  return false;
}

const COMMANDS: Readonly<Record<string, () => boolean>> = { check, "check --accept": accept, lint, print, collection, client };
const command = process.argv.slice(2).join(" ");
process.exitCode = (COMMANDS[command] ?? unknown)() ? 0 : 1;
