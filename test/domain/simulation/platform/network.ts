/** Calls between parties: they take time, and while there are faults they and their answers get lost. */
import type { Dice, Scheduler } from "../scheduler.ts";
import { currentLife } from "./lives.ts";

/** What a caller sees of a connection that breaks. */
export class Broken extends Error {
  override readonly name = "Broken";
}

export type Conditions = {
  /** Of requests and of answers, each. */
  readonly lost: number;
  readonly maxDelayMs: number;
  /** A delay is up to this, now and then. */
  readonly slowMs: number;
};

const SLOW = 0.05;
const QUIET: Conditions = { lost: 0, maxDelayMs: 20, slowMs: 20 };

export class Network {
  /** False from the time on when everything works. */
  faulty = true;
  readonly dice: Dice;
  readonly scheduler: Scheduler;

  constructor(dice: Dice, scheduler: Scheduler) {
    this.dice = dice;
    this.scheduler = scheduler;
  }

  delayMs(conditions: Conditions): number {
    const { maxDelayMs, slowMs } = this.faulty ? conditions : QUIET;
    return this.dice.below(this.dice.chance(SLOW) ? slowMs : maxDelayMs);
  }

  isLost({ lost }: Conditions): boolean {
    return this.faulty && this.dice.chance(lost);
  }

  /**
   * Asks somebody. What gets lost breaks the connection or is never answered. Nobody hears an answer after the end of its life.
   * @param serve runs when and where the request arrives.
   */
  call<T>(what: string, conditions: Conditions, serve: () => Promise<T>): Promise<T> {
    const caller = currentLife();
    return new Promise((resolve, reject) => {
      const arrive = (how: string, settle: () => void): void => {
        this.scheduler.after(this.delayMs(conditions), `${what}: ${how}`, () => {
          if (caller?.alive !== false) settle();
        });
      };
      const getLost = (): void => {
        if (this.dice.chance(0.5)) arrive("broken", () => reject(new Broken(what)));
      };
      const answer = (how: string, settle: () => void): void => (this.isLost(conditions) ? getLost() : arrive(how, settle));
      if (this.isLost(conditions)) return getLost();
      this.scheduler.after(this.delayMs(conditions), what, () => {
        // Of what a party had said right before it died, only some has left it.
        if (caller?.alive === false && this.dice.chance(0.5)) return;
        serve().then(
          (value) => answer("answered", () => resolve(value)),
          (error: unknown) => answer("failed", () => reject(error as Error)),
        );
      });
    });
  }
}
