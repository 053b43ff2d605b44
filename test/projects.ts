/**
 * The test projects, in the order in which they run: what fails soonest comes first. Those that mostly wait, for systems that start and
 * for changes that come into force, run beside each other.
 */

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;

export type Project = {
  readonly name: string;
  /** Globs of the test files, from the repository's root. */
  readonly include: readonly string[];
  /** One file at a time: its tests share ports, processes or the machine. */
  readonly serial: boolean;
  /** A single test or hook that takes longer has failed. */
  readonly testTimeoutMs: number;
  /** A project that takes longer is ended and counts as failed. */
  readonly deadlineMs: number;
  /** Files share one process and what it has loaded: for tests that leave nothing behind in modules. */
  readonly shared?: true;
  /** Runs when it is asked for by name alone: proofs that take minutes, of what seldom changes. */
  readonly isLong?: true;
  /** Runs at the same time as the project before it. */
  readonly besides?: true;
  /** What the project's process sees in its environment. */
  readonly env?: Readonly<Record<string, string>>;
};

const files = (...folders: string[]): string[] => folders.map((folder) => `test/${folder}/**/*.test.ts`);

/** Where a project looks for free ports: projects that run at the same time must not find the same. */
export const FIRST_PORT_VARIABLE = "TEST_FIRST_PORT";

export const RUNTIME_PROJECT = "runtime";
export const PEERS_PROJECT = "peers";

/** Stand-ins for the Worker's secrets: tests inside workerd need neither a database nor a key that anyone else knows. */
export const RUNTIME_SECRETS = {
  DATABASE_URL: "postgres://nobody:nothing@127.0.0.1:1/none",
  CONFIG_KEY: "Y29uZmlndXJhdGlvbiBrZXkgb2YgdGVzdHMgb25seSE=",
  CARRIER_ACCOUNTS: "[]",
};

export const PROJECTS: readonly Project[] = [
  {
    name: "domain",
    include: files("domain", "contracts", "adapters", "clients"),
    serial: false,
    shared: true,
    testTimeoutMs: 30 * SECOND_MS,
    deadlineMs: 3 * MINUTE_MS,
  },
  { name: "config", include: files("config", "lint"), serial: false, testTimeoutMs: 60 * SECOND_MS, deadlineMs: 3 * MINUTE_MS },
  { name: "database", include: files("database"), serial: true, testTimeoutMs: 60 * SECOND_MS, deadlineMs: 6 * MINUTE_MS },
  {
    name: "local",
    include: files("local"),
    serial: true,
    testTimeoutMs: 120 * SECOND_MS,
    deadlineMs: 8 * MINUTE_MS,
    besides: true,
    env: { [FIRST_PORT_VARIABLE]: "19200" },
  },
  {
    name: RUNTIME_PROJECT,
    include: files("runtime"),
    serial: false,
    testTimeoutMs: 30 * SECOND_MS,
    deadlineMs: 9 * MINUTE_MS,
    besides: true,
    env: RUNTIME_SECRETS,
  },
  { name: "system", include: files("system"), serial: true, testTimeoutMs: 180 * SECOND_MS, deadlineMs: 10 * MINUTE_MS },
  {
    name: "configuration",
    include: files("configuration"),
    serial: true,
    testTimeoutMs: 180 * SECOND_MS,
    deadlineMs: 12 * MINUTE_MS,
    besides: true,
    env: { [FIRST_PORT_VARIABLE]: "19400" },
  },
  {
    name: "long",
    include: files("long"),
    serial: true,
    testTimeoutMs: 180 * SECOND_MS,
    deadlineMs: 15 * MINUTE_MS,
    isLong: true,
  },
  { name: PEERS_PROJECT, include: files("peers"), serial: true, testTimeoutMs: 300 * SECOND_MS, deadlineMs: 12 * MINUTE_MS },
];
