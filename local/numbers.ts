/** `npm run numbers -- update|check`: the data sets about emergency numbers and countries, made anew from where they come from. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gridOf } from "./numbers/country-grid.ts";
import { CELLS_FILE, CLASHES_FILE, NUMBERS_FILE, cellsText, clashesText, numbersText } from "./numbers/data-files.ts";
import { outlinesOf } from "./numbers/outlines.ts";
import * as packages from "./numbers/packages.ts";
import { emergencyNumbersOf } from "./numbers/short-numbers.ts";
import { ROOT } from "./paths.ts";

const USAGE = `npm run numbers -- update    the newest of ${packages.NUMBERS_PACKAGE} and ${packages.OUTLINES_PACKAGE}, and all files made from them
npm run numbers -- page      docs/emergency-numbers.md alone, after an edit of what is kept by hand
npm run numbers -- check     whether a newer source is there, and whether the files are what is made from the one that is in use`;

type Text = { readonly file: string; readonly text: string };

const named = (name: string): string => `${name} ${packages.versionOf(name)}`;
const current = ({ file, text }: Text): boolean =>
  existsSync(join(ROOT, file)) && readFileSync(join(ROOT, file), "utf8") === text;

function write(made: Text): void {
  const same = current(made);
  if (!same) writeFileSync(join(ROOT, made.file), made.text);
  console.log(`${made.file} ${same ? "is as it was" : "is written anew"}`);
}

/** Takes half a minute. `rest` is made from the numbers as they are on disk by then. */
function fromSources(): { readonly numbers: Text; readonly rest: () => Promise<readonly Text[]> } {
  const source = packages.shortNumbers();
  const regions = Object.keys(source.regions).sort();
  const numbers = new Map(regions.map((region) => [region, emergencyNumbersOf(region, source)]));
  const rest = async () => {
    const { clashesOf } = await import("./numbers/clashes.ts");
    const grid = gridOf(outlinesOf(packages.topology()));
    return [
      { file: CELLS_FILE, text: cellsText(named(packages.OUTLINES_PACKAGE), grid) },
      { file: CLASHES_FILE, text: clashesText(named(packages.NUMBERS_PACKAGE), clashesOf(source, grid)) },
    ];
  };
  return { numbers: { file: NUMBERS_FILE, text: numbersText(named(packages.NUMBERS_PACKAGE), numbers) }, rest };
}

async function page(): Promise<boolean> {
  const { PAGE_FILE, pageText } = await import("./numbers/page.ts");
  write({ file: PAGE_FILE, text: pageText() });
  return true;
}

async function update(): Promise<boolean> {
  packages.installNewest();
  const { numbers, rest } = fromSources();
  write(numbers);
  for (const made of await rest()) write(made);
  console.log(
    "Read what changed: a number that its source has lost belongs into domain/numbers/emergency-additions.ts if it is in use.",
  );
  return page();
}

async function check(): Promise<boolean> {
  packages.install();
  const { numbers, rest } = fromSources();
  const stale = [numbers, ...(await rest())].filter((made) => !current(made)).map(({ file }) => file);
  for (const file of stale) console.log(`${file} is not what its source says; run \`npm run numbers -- update\`.`);
  const newer = [packages.NUMBERS_PACKAGE, packages.OUTLINES_PACKAGE].filter((name) => {
    const newest = packages.newestOf(name);
    if (newest === null) console.log(`Whether there is a newer ${name} cannot be said: no registry answers.`);
    else if (newest !== packages.versionOf(name)) console.log(`${named(name)} is in use, ${newest} is there.`);
    return newest !== null && newest !== packages.versionOf(name);
  });
  if (stale.length + newer.length === 0) console.log("The numbers and the countries' cells are current.");
  return stale.length + newer.length === 0;
}

async function unknown(): Promise<boolean> {
  console.error(USAGE);
  return false;
}

const COMMANDS: Readonly<Record<string, () => Promise<boolean>>> = { update, page, check };
process.exitCode = (await (COMMANDS[process.argv.slice(2).join(" ")] ?? unknown)()) ? 0 : 1;
