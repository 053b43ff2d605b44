/** `when` and `unless` of a rule. Written as the model has them. */
import { z } from "zod";
import { CHANNELS, PRIORITIES } from "../../domain/call/call.ts";
import type { Conditions, MetadataCondition } from "../../domain/configuration/model.ts";
import { MAX_PATTERN_LENGTH, regexProblem } from "../../domain/routing/regex.ts";
import { NUMBER_TYPES } from "../../domain/numbers/number-class.ts";
import { country, entityId, localDate, numberPrefix, plainText, routingKey, someOf, timeZone, trunkId } from "./fields.ts";
import { MAX_METADATA_CONDITIONS, MAX_METADATA_KEY, MAX_METADATA_TEXT } from "./limits.ts";

/** RE2 (https://github.com/google/re2/wiki/Syntax): no look-around, no back-references. */
export const regularExpression = plainText(MAX_PATTERN_LENGTH)
  .min(1)
  .superRefine((pattern, context) => {
    const problem = pattern.length > MAX_PATTERN_LENGTH ? null : regexProblem(pattern);
    if (problem !== null) context.addIssue({ code: "custom", message: problem });
  });

const isSomething = (condition: object): boolean => Object.keys(condition).length > 0;

const numberCondition = z
  .strictObject({
    exact: someOf(routingKey).exactOptional(),
    prefix: someOf(numberPrefix).exactOptional(),
    list: someOf(entityId).exactOptional(),
    country: someOf(country).exactOptional(),
    type: someOf(z.enum(NUMBER_TYPES)).exactOptional(),
    regex: regularExpression.exactOptional(),
    withheld: z.boolean().exactOptional(),
  })
  .refine(isSomething, "names no condition");

const metadataValue = z.union([plainText(MAX_METADATA_TEXT), z.number(), z.boolean()], "text, a number, true or false");

const metadataCondition = z
  .strictObject({
    key: plainText(MAX_METADATA_KEY).min(1),
    equals: metadataValue.exactOptional(),
    in: someOf(metadataValue).exactOptional(),
    prefix: plainText(MAX_METADATA_TEXT).min(1).exactOptional(),
  })
  .transform((raw, context): MetadataCondition => {
    const { key, equals, in: values, prefix } = raw;
    if (Object.keys(raw).length === 2) {
      if (equals !== undefined) return { key, equals };
      if (values !== undefined) return { key, in: values };
      if (prefix !== undefined) return { key, prefix };
    }
    context.addIssue({ code: "custom", message: "has one of equals, in and prefix" });
    return z.NEVER;
  });

const dates = z
  .strictObject({ from: localDate.exactOptional(), to: localDate.exactOptional(), timeZone })
  .refine(({ from, to }) => from !== undefined || to !== undefined, "has neither from nor to")
  .refine(({ from, to }) => from === undefined || to === undefined || from < to, { error: "is not after from", path: ["to"] });

/** Hundredths: 12.34 is one, 12.345 is not. Binary fractions are not exact. */
const hasTwoDecimals = (value: number): boolean => Number(value.toFixed(2)) === value;

export const conditionsSchema = z.strictObject({
  trunk: someOf(trunkId).exactOptional(),
  channel: someOf(z.enum(CHANNELS)).exactOptional(),
  priority: someOf(z.enum(PRIORITIES)).exactOptional(),
  caller: numberCondition.exactOptional(),
  callee: numberCondition.exactOptional(),
  calendar: z.strictObject({ id: entityId, is: z.enum(["open", "closed"]) }).exactOptional(),
  dates: dates.exactOptional(),
  percentage: z.number().min(0).max(100).refine(hasTwoDecimals, "has more than two decimals").exactOptional(),
  metadata: z.array(metadataCondition).min(1).max(MAX_METADATA_CONDITIONS).exactOptional(),
}) satisfies z.ZodType<Conditions>;

/** An exception without a condition would always hold, and its rule never match. */
export const exceptionSchema = conditionsSchema.refine(isSomething, "names no condition").nullable().default(null);
