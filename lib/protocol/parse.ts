import type { z } from "zod";
import { AppError } from "@/lib/errors";

/** Parses external input. Errors: `invalid_request` whose `param` is the path of the first field at fault. */
export function parseInput<T>(schema: z.ZodType<T>, input: unknown): T {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const path = issue?.path.map(String).join(".") ?? "";
  const unknownKey = issue?.code === "unrecognized_keys" ? issue.keys[0] : undefined;
  const param = unknownKey === undefined ? path : [path, unknownKey].filter((part) => part !== "").join(".");
  throw new AppError("invalid_request", {
    message: param === "" ? (issue?.message ?? "The request is not valid.") : `${param}: ${issue?.message}`,
    param: param === "" ? undefined : param,
  });
}
