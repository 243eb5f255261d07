/**
 * Of V8, for the server: every request leaves garbage behind, and a small young generation is collected so often that it costs a
 * tenth of the server's time; one of 64 MB let it answer 8 % more (bench/README.md, "gateway").
 */
export const serverFlags = ["--min-semi-space-size=64", "--max-semi-space-size=64"];
