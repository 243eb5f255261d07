/**
 * Of V8, for the server: every request leaves some 50 KB of garbage, and a young generation that begins at 1 MB is collected so
 * often that it costs a tenth of the server's time; with 64 MB it costs a thirtieth (bench/README.md, "gateway").
 */
export const serverFlags = ["--min-semi-space-size=64", "--max-semi-space-size=64"];
