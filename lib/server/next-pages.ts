import { fileURLToPath } from "node:url";
import next from "next";
import type { ServerEnv } from "@/lib/env";
import type { Pages } from "./serve";

/** The site's root: where `.next` and `public` are. */
const root = fileURLToPath(new URL("../..", import.meta.url));

/** The built pages, by Next in this process. */
export function nextPages(env: Pick<ServerEnv, "HOST" | "PORT">): Pages {
  const pages = next({ dev: false, dir: root, hostname: env.HOST, port: env.PORT });
  return {
    async prepare() {
      await pages.prepare();
      const handle = pages.getRequestHandler();
      return (request, response) => handle(request, response);
    },
    close: () => pages.close(),
  };
}
