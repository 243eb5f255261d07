/**
 * Of V8, for the server. Every request leaves garbage behind, and a small young generation is collected so often that it costs a
 * tenth of the server's time; one of 64 MB let it answer 8 % more (bench/README.md, "gateway"). Little of it survives, and to copy that
 * takes one thread less than several take to share it, on a busy machine with few processors by far. Nothing is made among the old from the
 * start because its like has lived long: it would keep all that it names, a whole request, until the whole heap is collected. That is when it
 * has grown by half: left to itself V8 lets an idle machine's heap grow to three times what is in use, and an operator sees memory rise.
 */
export const serverFlags = [
  "--min-semi-space-size=64",
  "--max-semi-space-size=64",
  "--no-parallel-scavenge",
  "--no-allocation-site-pretenuring",
  "--heap-growing-percent=50",
];
