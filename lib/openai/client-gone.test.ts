import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { connectionSignal } from "./client-gone";

describe("connectionSignal", () => {
  const requests: IncomingMessage[] = [];
  const server = createServer((request) => void requests.push(request));

  beforeAll(() => once(server.listen(0, "127.0.0.1"), "listening"));
  afterAll(() => server.close());

  async function open(count: number) {
    requests.length = 0;
    const { port } = server.address() as { port: number };
    const socket = connect(port, "127.0.0.1");
    socket.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n".repeat(count));
    await vi.waitFor(() => expect(requests).toHaveLength(count));
    return socket;
  }

  it("is one for all requests of a connection, and tells each of them that it closed", async () => {
    const socket = await open(2);
    const signals = requests.map(connectionSignal);
    expect(signals[0]).toBe(signals[1]);
    const [first, second, withdrawn] = [vi.fn(), vi.fn(), vi.fn()];
    const signal = connectionSignal(requests[0] as IncomingMessage);
    for (const listener of [withdrawn, first, second]) signal.addEventListener("abort", listener);
    signal.removeEventListener("abort", withdrawn);
    expect(signal.aborted).toBe(false);
    signal.throwIfAborted();
    socket.destroy();
    await vi.waitFor(() => expect(signal.aborted).toBe(true));
    expect([first, second, withdrawn].map((listener) => listener.mock.calls.length)).toEqual([1, 1, 0]);
    expect(() => signal.throwIfAborted()).toThrow("The client closed the connection.");
    expect(signal.reason).toMatchObject({ message: "The client closed the connection." });
  });

  it("is aborted from the beginning where the connection has closed already", async () => {
    const socket = await open(1);
    const [request] = requests as [IncomingMessage];
    socket.destroy();
    await once(request.socket, "close");
    expect(connectionSignal(request).aborted).toBe(true);
  });

  it("goes on for the others when a listener leaves or fails", async () => {
    const socket = await open(1);
    const signal = connectionSignal(requests[0] as IncomingMessage);
    const last = vi.fn();
    const leaving = (): void => signal.removeEventListener("abort", last);
    signal.addEventListener("abort", leaving);
    signal.addEventListener("abort", last);
    socket.destroy();
    await vi.waitFor(() => expect(last).toHaveBeenCalledOnce());
  });
});
