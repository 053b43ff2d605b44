/** What a subcommand of `npm run admin` is. */
export type AdminCommand = {
  /** One line or two, as the usage shows it. */
  readonly usage: string;
  /** @param words what stands behind the subcommand's name. @throws {UsageError | OperatorError} @returns the exit code */
  readonly run: (words: readonly string[]) => Promise<number>;
};

/** It was asked for in a way that makes no sense; the message is for the person who asked. */
export class UsageError extends Error {}
