import { z } from "zod";
import { type Calendar, WEEKDAYS } from "../../domain/configuration/model.ts";
import { entityId, isUnique, label, localDate, setOf, timeZone } from "./fields.ts";
import { MAX_HOLIDAY_HOURS, MAX_HOLIDAYS, MAX_WEEKLY_HOURS } from "./limits.ts";

const span = {
  from: z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, "HH:MM"),
  to: z.string().regex(/^(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00)$/, "HH:MM, at most 24:00"),
};
const isNotEmpty = ({ from, to }: { from: string; to: string }): boolean => from !== to;
const EMPTY = { error: "is the same as from; a whole day is 00:00 to 24:00", path: ["to"] };

const openHours = z.strictObject({ days: setOf(z.enum(WEEKDAYS)).min(1), ...span }).refine(isNotEmpty, EMPTY);

const holiday = z.strictObject({
  date: localDate,
  name: label,
  hours: z.array(z.strictObject(span).refine(isNotEmpty, EMPTY)).max(MAX_HOLIDAY_HOURS).default([]),
});

export const calendarSchema = z.strictObject({
  id: entityId,
  name: label,
  timeZone,
  weekly: z.array(openHours).max(MAX_WEEKLY_HOURS).default([]),
  holidays: z
    .array(holiday)
    .max(MAX_HOLIDAYS)
    .refine((all) => isUnique(all.map(({ date }) => date)), "a date stands twice")
    .default([]),
}) satisfies z.ZodType<Calendar>;
