/** A clock that is wrong by as much as the harness says. Alarms, which the platform's own clock keeps, are told in its time. */
import { injected } from "./state.ts";

const RealDate = Date;

export function skewDates(): void {
  globalThis.Date = new Proxy(RealDate, {
    construct: (real, given: readonly unknown[], target) =>
      Reflect.construct(real, given.length === 0 ? [real.now() + injected().skewMs] : given, target) as Date,
    get: (real, name) => (name === "now" ? () => real.now() + injected().skewMs : (Reflect.get(real, name) as unknown)),
  });
}

const platformTime = (time: number | Date): number => (typeof time === "number" ? time : time.getTime()) - injected().skewMs;

/** Changes the storage that an object is about to be made with. */
export function skewAlarms(storage: DurableObjectStorage): void {
  const { setAlarm, getAlarm } = storage;
  storage.setAlarm = (time, options) => setAlarm.call(storage, platformTime(time), options);
  storage.getAlarm = async (options) => {
    const time = await getAlarm.call(storage, options);
    return time === null ? null : time + injected().skewMs;
  };
}
