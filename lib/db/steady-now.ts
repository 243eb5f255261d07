/** Where this process's own clock began. */
const origin = Date.now() - performance.now();

/**
 * Milliseconds since the epoch, by a clock that never jumps: the wall clock of this process's start, and the monotonic clock
 * since. For times that are held against those of other servers: if the wall clock is set while a server runs, neither its
 * workers fall silent nor its leases end at once.
 */
export const steadyNow = (): number => origin + performance.now();
