/** Takes commands: whether the call can do it, what it needs for it, and does it. */
import type { LegAction } from "../../domain/call/legs.ts";
import type { RedirectPlanner } from "../../domain/call/redirect.ts";
import type { ParsedCommand } from "../../contracts/commands.ts";
import type { Holder } from "../sockets/socket.ts";
import { carryOut } from "./command-steps.ts";
import { commandVerdict, readyCommand, rememberingCommand } from "./command-verdict.ts";
import type { Carriers } from "./leg-runner.ts";
import type { CommandAnswer, CommandRequest } from "./messages.ts";
import type { StepContext } from "./record.ts";
import { type SessionRow, type Stored, isTombstone } from "./row.ts";
import { viewOf } from "./view.ts";

export type CommandHost = {
  readonly stored: () => Stored | null;
  readonly carriers: () => Carriers;
  readonly planner: () => RedirectPlanner;
  readonly context: (traceparent: string) => StepContext;
  /** Writes the row, and asks carriers what the step wants of them. Resolves when whoever is answered reads their own write. */
  readonly commit: (before: SessionRow, row: SessionRow, actions: readonly LegAction[], context: StepContext) => Promise<void>;
};

export class CommandTaker {
  readonly #host: CommandHost;

  constructor(host: CommandHost) {
    this.#host = host;
  }

  async take(request: CommandRequest): Promise<CommandAnswer> {
    const verdict = () => commandVerdict(this.#host.stored(), request, this.#host.carriers());
    const refused = verdict();
    if (refused !== null) return refused;
    const ready = await readyCommand(this.#host.planner(), this.#host.stored() as SessionRow, request.command);
    if (!ready.ok) return ready.error;
    // The configuration has been asked meanwhile: the call may be another one now.
    const late = verdict();
    if (late !== null) return late;
    const before = this.#host.stored() as SessionRow;
    const context = this.#host.context(request.traceparent);
    const { row, actions } = carryOut(rememberingCommand(before, request.id), ready.value, request.by, context);
    await this.#host.commit(before, row, actions, context);
    return { tag: "taken", repeated: false, view: viewOf(this.#host.stored() ?? row) };
  }

  /** A command that came over a socket. */
  async takeOver({ command, id }: ParsedCommand, { subject: by, trunk }: Holder): Promise<CommandAnswer> {
    const stored = this.#host.stored();
    if (stored === null) return { tag: "unknown" };
    const traceparent = isTombstone(stored) ? "" : (stored.events[0]?.traceparent ?? "");
    return this.take({ tenant: stored.tenant, trunk: trunk ?? null, command, id, by, traceparent });
  }
}
