/**
 * Who is running. A life is one stay of an object, or one run of a Worker, in memory: it has a clock of its own, and when it ends its
 * timers and what it waits for are gone. The platform's globals belong to whoever is running, so that the real code needs no ports for them.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import type { Dice, Planned, Scheduler } from "../scheduler.ts";
import { subtle } from "./subtle.ts";

/** A party's clock: how far it is off. */
export type PartyClock = { offsetMs: number };

export type Life = { readonly name: string; readonly clock: PartyClock; alive: boolean };

export type Time = { readonly dice: Dice; readonly scheduler: Scheduler };

const lives = new AsyncLocalStorage<Life>();
/** One world at a time in each thread. */
let time: Time | null = null;

export function inhabit(world: Time | null): void {
  time = world;
}

export const currentLife = (): Life | undefined => lives.getStore();

export function asLife<T>(life: Life, work: () => T): T {
  return lives.run(life, work);
}

const isPlanned = (timer: unknown): timer is Planned => typeof timer === "object" && timer !== null && "action" in timer;

/** Time, timers and chance come from the world from now on, for everything that a life runs. */
export function takeOverGlobals(): void {
  const real = { setTimeout: globalThis.setTimeout, clearTimeout: globalThis.clearTimeout, dateNow: Date.now };
  Date.now = () => (time === null ? real.dateNow() : time.scheduler.nowMs + (lives.getStore()?.clock.offsetMs ?? 0));
  Math.random = () => {
    if (time === null) throw new Error("chance without a world");
    return time.dice.next();
  };
  const setSimulated = (work: () => void, delayMs = 0): unknown => {
    const life = lives.getStore();
    if (life === undefined || time === null) return real.setTimeout(work, delayMs);
    return time.scheduler.after(delayMs, `timer of ${life.name}`, () => {
      if (life.alive) lives.run(life, work);
    });
  };
  const clearSimulated = (timer: unknown): void => {
    if (isPlanned(timer)) timer.action = null;
    else real.clearTimeout(timer as Parameters<typeof clearTimeout>[0]);
  };
  Object.assign(globalThis, { setTimeout: setSimulated, clearTimeout: clearSimulated });
  const getRandomValues = <T extends Uint8Array>(bytes: T): T => {
    time?.dice.scatter(bytes);
    return bytes;
  };
  const randomUUID = (): string => `lease-${time?.dice.below(2 ** 31)}`;
  Object.defineProperty(globalThis, "crypto", { value: { getRandomValues, randomUUID, subtle }, configurable: true });
}
