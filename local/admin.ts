/**
 * `npm run admin -- <subcommand>`: for whoever runs a deployment. It takes the configuration key, which tenants do not have. Each subcommand is
 * a file of its own in local/admin/.
 */
import { type AdminCommand, UsageError } from "./admin/command.ts";
import { createTenant } from "./admin/create-tenant.ts";
import { rotateDataKeys } from "./admin/rotate-data-keys.ts";
import { OperatorError } from "./operator/deployment.ts";

const USAGE_ERROR = 2;

const COMMANDS: Readonly<Record<string, AdminCommand>> = {
  "create-tenant": createTenant,
  "rotate-data-keys": rotateDataKeys,
};

const USAGE = `${Object.values(COMMANDS)
  .map(({ usage }) => `npm run admin -- ${usage}`)
  .join("\n")}

The local system is used unless TRUNKLINE_URL (of a standard Worker) and CONFIG_KEY name another one.`;

/** @returns the exit code */
async function run(words: readonly string[]): Promise<number> {
  const [name = "", ...rest] = words;
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  try {
    if (command === undefined) throw new UsageError(name === "" ? "a subcommand is to be named" : `there is no "${name}"`);
    return await command.run(rest);
  } catch (error) {
    if (error instanceof UsageError) {
      process.stderr.write(`${error.message}\n\n${USAGE}\n`);
      return USAGE_ERROR;
    }
    if (!(error instanceof OperatorError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 1;
  }
}

process.exitCode = await run(process.argv.slice(2));
