import { complainAboutNode } from "./node-version";

// `npm start`. Nothing else may be imported before the version is known to do.

const complaint = complainAboutNode(process.version);
if (complaint === null) {
  const { start } = await import("./start");
  process.exit(await start());
}
process.stderr.write(`${complaint}\n`);
process.exit(1);
