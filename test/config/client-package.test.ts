/** The client as a package: built, packed, put into a project that has nothing else, and used there. */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it, onTestFinished } from "vitest";
import { ROOT } from "../../local/paths.ts";

const PACKAGE = join(ROOT, "clients", "typescript");
const DEADLINE_MS = 50_000;
const PROJECT_TYPES = {
  compilerOptions: {
    strict: true,
    noEmit: true,
    target: "es2024",
    lib: ["es2024", "dom", "dom.iterable"],
    types: [],
    module: "nodenext",
    exactOptionalPropertyTypes: true,
    // The package's own declarations are checked as the project's are.
    skipLibCheck: false,
  },
  files: ["sample.ts"],
};

/** Each line marked so has to be refused, which shows that the types say something. */
const SAMPLE = `
import { type Session, RequestRefused, trunkline } from "@trunkline/client";
const client = trunkline({ url: "https://api.example", token: "tlk" });
export async function sample(): Promise<string | null> {
  for await (const session of client.sessions.list({ status: ["ongoing"], "metadata.order": 1 })) console.log(session.state);
  const session: Session | null = await client.sessions.get("s");
  await client.trunks.update("berlin", ({ name }) => ({ name: name + "!" }));
  // @ts-expect-error There is no such filter.
  client.sessions.list({ colour: "red" });
  // @ts-expect-error A call goes somewhere.
  await client.calls.create({ from: "+15550100100", channel: "api" });
  // @ts-expect-error There may be none.
  console.log((await client.webhooks.get("w")).url);
  for await (const item of client.live.session("s")) if (item.type === "event") console.log(item.event.id);
  try {
    return (await client.operations.getApiKey({ id: "k" })).etag;
  } catch (error) {
    return error instanceof RequestRefused ? error.code : (session?.id ?? null);
  }
}
`;

const execute = promisify(execFile);
const run = async (program: string, args: readonly string[], cwd: string): Promise<string> =>
  (await execute(program, args, { cwd, timeout: DEADLINE_MS })).stdout;

const versionIn = (folder: string): string =>
  (JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { readonly version: string }).version;

describe("[API-11] the client's package", () => {
  it("[API-11] has the version of the whole", () => {
    expect(versionIn(PACKAGE)).toBe(versionIn(ROOT));
  });

  it("[API-11] works in a project that has nothing but it", async () => {
    const project = mkdtempSync(join(tmpdir(), "trunkline-client-"));
    onTestFinished(() => rmSync(project, { recursive: true, force: true }));
    await run(process.execPath, [join(ROOT, "local", "client-package.ts")], ROOT);
    const packing = ["pack", "--json", "--ignore-scripts", "--offline", "--pack-destination", project];
    const [packed] = JSON.parse(await run("npm", packing, PACKAGE)) as [
      { readonly filename: string; readonly files: readonly { readonly path: string }[] },
    ];
    const others = packed.files
      .map(({ path }) => path)
      .filter((path) => !/^dist\/(clients|contracts)\/[\w/-]+(\.d\.ts|\.js)$/.test(path));
    expect(others.sort()).toEqual(["README.md", "package.json"]);

    const installed = join(project, "node_modules", "@trunkline", "client");
    mkdirSync(installed, { recursive: true });
    await run("tar", ["-xzf", join(project, packed.filename), "--strip-components=1", "-C", installed], project);
    writeFileSync(join(project, "package.json"), '{"type":"module"}');
    writeFileSync(join(project, "tsconfig.json"), JSON.stringify(PROJECT_TYPES));
    writeFileSync(join(project, "sample.ts"), SAMPLE);
    const use = 'import * as all from "@trunkline/client"; console.log(Object.keys(all).sort().join(" "))';
    expect((await run(process.execPath, ["--input-type=module", "-e", use], project)).trim()).toBe(
      "CLOSE CommandUnanswered DeadlinePassed ExportBroken LiveRefused RequestRefused eventStore liveFeed liveSession trunkline",
    );
    expect(await run(join(ROOT, "node_modules", ".bin", "tsc"), ["-p", "."], project)).toBe("");
  });
});
