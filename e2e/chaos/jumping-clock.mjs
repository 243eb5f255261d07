// Loaded before a server (`node --import`): its wall clock jumps by an hour forward at SIGUSR2, and two hours back at the
// next one, and so on. Timers and performance.now() are not moved: in a real jump they are not either, they count from the
// machine's start. The real clock of the machine stays as it is, so that nothing else is disturbed.

const hourMs = 3_600_000;
const RealDate = Date;
let offsetMs = 0;
let jumps = 0;

globalThis.Date = class JumpingDate extends RealDate {
  constructor(...args) {
    if (args.length === 0) super(RealDate.now() + offsetMs);
    else super(...args);
  }

  static now() {
    return RealDate.now() + offsetMs;
  }
};

process.on("SIGUSR2", () => {
  jumps += 1;
  offsetMs += jumps % 2 === 1 ? hourMs : -2 * hourMs;
  if (jumps % 2 === 0) jumps = 0;
});
