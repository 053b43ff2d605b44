/** The bindings with some of them changed: one object for all, since what is known of an environment is kept with it. */
export function otherEnv(change: (env: Env) => Env): (env: Env) => Env {
  const known = new WeakMap<Env, Env>();
  return (env) => {
    const changed = known.get(env) ?? change(env);
    known.set(env, changed);
    return changed;
  };
}
