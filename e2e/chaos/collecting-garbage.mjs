// Loaded before a server (`node --expose-gc --import`): it collects its garbage at SIGUSR2, so that what is then in use of the heap is what
// it holds, to within a megabyte.
process.on("SIGUSR2", () => globalThis.gc());
