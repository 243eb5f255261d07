import { Client, type Dispatcher } from "undici";

type Controller = Dispatcher.DispatchController;

/** What becomes of one request; as undici's handlers, but for what the load needs. */
export type LoadHandler = {
  onRequestStart(controller: Controller): void;
  onResponseStart(status: number, contentType: string): void;
  onResponseData(bytes: Buffer): void;
  onResponseEnd(): void;
  /** `isReused`: the connection had served another request before. */
  onResponseError(error: Error, isReused: boolean): void;
};

/**
 * The load's kept-alive connections to one server, as many as there are requests at a time. Node's own client costs the load
 * half as much again, and on two cores whatever the load takes is missing to the server.
 */
export class LoadConnections {
  readonly #origin: string;
  readonly #open = new Set<Connection>();
  readonly #free: Connection[] = [];

  constructor(origin: string) {
    this.#origin = origin;
  }

  send(request: Dispatcher.DispatchOptions, handler: LoadHandler): void {
    const connection = this.#free.shift() ?? this.#connect();
    connection.client.dispatch(request, {
      onRequestStart: (controller) => handler.onRequestStart(controller),
      onResponseStart: (_controller, status, headers) =>
        handler.onResponseStart(status, String(headers["content-type"] ?? "none")),
      onResponseData: (_controller, bytes) => handler.onResponseData(bytes),
      onResponseEnd: () => {
        connection.served += 1;
        this.#free.push(connection);
        handler.onResponseEnd();
      },
      onResponseError: (_controller, error) => {
        const isReused = connection.served > 0;
        this.#open.delete(connection);
        void connection.client.destroy();
        handler.onResponseError(error, isReused);
      },
    });
  }

  /** Ends the requests under way too. */
  async destroy(): Promise<void> {
    await Promise.all([...this.#open].map(({ client }) => client.destroy()));
  }

  #connect(): Connection {
    const client = new Client(this.#origin, { headersTimeout: 0, bodyTimeout: 0, keepAliveTimeout: 60_000 });
    const connection: Connection = { client, served: 0 };
    // It opens a new one by itself where the server has closed the old one between two requests.
    client.on("connect", () => {
      connection.served = 0;
    });
    this.#open.add(connection);
    return connection;
  }
}

type Connection = { client: Client; served: number };
