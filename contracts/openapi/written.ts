/** From what is taken to what is given: the schema of a message as its writer leaves it, every default filled in. */
import { z } from "zod";

type Node = z.core.$ZodType;

/** Forms of texts that are never masked. */
const TIMES: readonly (string | undefined)[] = ["datetime", "date"];

const again = (schema: Node): z.ZodType => written(schema as z.ZodType);

function writtenObject({ shape }: z.ZodObject, isStrict: boolean): z.ZodType {
  const members = Object.fromEntries(Object.entries(shape).map(([name, member]) => [name, again(member)]));
  return isStrict ? z.strictObject(members) : z.object(members);
}

/**
 * What a reader of JSON takes in several forms and with gaps, a writer gives in one and whole: defaults become required members, and
 * what is changed on the way in is here as it is sent. Rules between members and forms of texts are left out: what was taken keeps to
 * them, unless it is masked for who asks.
 */
export function written(schema: z.ZodType): z.ZodType {
  const { def } = (schema as z.ZodType & { _zod: { def: z.core.$ZodTypeDef } })._zod;
  switch (def.type) {
    case "object":
      return writtenObject(schema as z.ZodObject, (def as z.core.$ZodObjectDef).catchall !== undefined);
    case "array":
      return z.array(again((def as z.core.$ZodArrayDef).element));
    case "union":
      return z.union((def as z.core.$ZodUnionDef).options.map(again));
    case "nullable":
      return again((def as z.core.$ZodNullableDef).innerType).nullable();
    case "optional":
      return again((def as z.core.$ZodOptionalDef).innerType).optional();
    case "default":
    case "prefault":
      return again((def as z.core.$ZodDefaultDef).innerType);
    case "pipe": {
      const { in: taken, out } = def as z.core.$ZodPipeDef;
      // What begins with a change takes anything; what comes of it is checked behind.
      return again(taken._zod.def.type === "transform" ? out : taken);
    }
    case "string": {
      const { format } = def as z.core.$ZodStringFormatDef;
      return TIMES.includes(format) ? schema : z.string();
    }
    default:
      return schema;
  }
}
