/** Problem details (RFC 9457), as every refusal is. */
import { z } from "zod";
import { PROBLEMS, type ProblemCode } from "../problem.ts";

const fieldError = z.object({
  pointer: z.string().describe("A JSON pointer (RFC 6901) into the body, or `?` and the name of a query parameter."),
  code: z.string(),
  detail: z.string(),
});

/** Some problems have members of their own. */
export const problem = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string().optional(),
  instance: z.string().optional(),
  code: z.enum(Object.keys(PROBLEMS) as [ProblemCode, ...ProblemCode[]]),
  requestId: z.string().optional(),
  errors: z.array(fieldError).optional(),
});
export type ProblemJson = z.infer<typeof problem>;
