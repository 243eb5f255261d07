import { once } from "node:events";
import { createServer } from "node:net";
import { AppError } from "@/lib/errors";

/**
 * Makes sure that the address can be listened on, and returns the port: the given one, or for 0 one that is free now.
 * @throws `internal` with one sentence that names the port and what to set.
 */
export async function checkPort(host: string, port: number): Promise<number> {
  const server = createServer();
  try {
    server.listen({ host, port, exclusive: true });
    await once(server, "listening");
  } catch (cause) {
    throw new AppError("internal", { message: explain(cause, host, port), cause });
  }
  const address = server.address();
  server.close();
  await once(server, "close");
  return address === null || typeof address === "string" ? port : address.port;
}

function explain(error: unknown, host: string, port: number): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === "EADDRINUSE") {
    return `Port ${port} of ${host} is taken by another program. Stop it, or set PORT to a free port: PORT=${port + 1} npm start`;
  }
  if (code === "EACCES") {
    return `This user may not listen on port ${port}. Set PORT to 1024 or more: PORT=3000 npm start`;
  }
  return `The address ${host} cannot be listened on (${code}). Set HOST to an address of this machine, such as 127.0.0.1.`;
}
