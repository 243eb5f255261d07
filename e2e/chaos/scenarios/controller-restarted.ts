import { describeEnds, openChatStream } from "../chat-stream";
import { uniqueName } from "../rig";
import type { Scenario } from "../scenario";
import { seconds, until } from "../until";

export const controllerRestarted: Scenario = {
  name: "controller-restarted",
  title: "The controller is restarted while its workers live",
  isInShort: false,
  async run(rig, report) {
    const first = await rig.startServer();
    const name = uniqueName("model");
    const worker = await rig.startMock(first, { name, scenario: "plain" });
    for (const how of ["SIGKILL", "SIGTERM"] as const) {
      const server =
        how === "SIGKILL" ? first : await rig.startServer({ port: Number(new URL(first.url).port) });
      if (how === "SIGTERM") await rig.served(server, name);
      server.signal(how);
      await server.exited;
      // Its registration is gone too: as with a new database.
      await rig.query("DELETE FROM workers");
      const next = await rig.startServer({ port: Number(new URL(first.url).port) });
      let isWhole = false;
      const back = await until(async () => {
        const end = await openChatStream({ url: next.url, model: name }).end;
        isWhole = end.kind === "whole";
        return isWhole;
      }, 20_000);
      report.tried(
        `${how} and an emptied registry: the same worker answers again ${seconds(back)} after the start`,
      );
      report.must(isWhole, "the worker did not register again");
      next.signal("SIGKILL");
      await next.exited;
    }
    const last = await rig.startServer({ port: Number(new URL(first.url).port) });
    await rig.served(last, name);
    const end = await openChatStream({ url: last.url, model: name }).end;
    report.must(end.kind === "whole", `after three restarts: ${describeEnds([end])}`);
    await worker.stop();
  },
};
