import { AppError } from "@/lib/errors";

type StreamParams = {
  stream?: boolean | null | undefined;
  stream_options?: { include_obfuscation?: unknown } | null | undefined;
};

/**
 * As OpenAI does, nothing is taken that would be passed over in silence: options of a stream that is not asked for, and the padding that
 * hides the lengths of its pieces, which no worker makes. Errors: `invalid_request` and `unsupported_parameter` with `param`.
 */
export function requireStreamOptions({ stream, stream_options: options }: StreamParams): void {
  if (options === undefined || options === null) return;
  if (stream !== true) {
    throw new AppError("invalid_request", {
      message: "stream_options: only together with stream: true",
      param: "stream_options",
    });
  }
  if (options.include_obfuscation !== true) return;
  throw new AppError("unsupported_parameter", {
    message: "include_obfuscation: true is not supported here.",
    param: "stream_options.include_obfuscation",
  });
}
