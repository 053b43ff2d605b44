/** What this isolate sheds: its load is its own, and so is what it does about it. */
import { parseEnvironment } from "../contracts/environment.ts";
import { LoadCounter } from "../domain/limits/load.ts";
import { NOTHING_SHED, type SheddableKind, isShed, shed } from "../domain/limits/shedding.ts";

export type Shedder = {
  readonly load: LoadCounter;
  readonly sheds: (kind: SheddableKind, nowMs: number) => boolean;
};

function create(env: Env): Shedder {
  const floor = parseEnvironment(env).SHEDDING;
  const load = new LoadCounter();
  let shedding = NOTHING_SHED;
  return {
    load,
    sheds: (kind, nowMs) => {
      shedding = shed(shedding, load.load(nowMs), nowMs);
      return isShed(kind, shedding, floor);
    },
  };
}

const built = new WeakMap<Env, Shedder>();

export function shedderOf(env: Env): Shedder {
  const known = built.get(env) ?? create(env);
  built.set(env, known);
  return known;
}
