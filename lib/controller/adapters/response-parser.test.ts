import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MalformedResponse, type ResponseHead, ResponseParser } from "./response-parser";

type Read = { head: ResponseHead | null; body: string; ends: number; taken: number; isKeptAlive: boolean };

/** Reads the pieces one after the other, and closes the connection after them where `isClosed`. */
function read(pieces: readonly Buffer[], isClosed = false): Read {
  const parts: Buffer[] = [];
  const seen: Read = { head: null, body: "", ends: 0, taken: 0, isKeptAlive: false };
  const parser = new ResponseParser({
    onHead: (head) => {
      expect(seen.head).toBeNull();
      seen.head = head;
    },
    onBody: (bytes) => {
      expect(bytes.length).toBeGreaterThan(0);
      // A copy: the parser hands on the bytes that it was given.
      parts.push(Buffer.from(bytes));
    },
    onEnd: () => {
      seen.ends += 1;
    },
  });
  for (const piece of pieces) if (!parser.isDone) seen.taken += parser.push(piece);
  if (isClosed && !parser.isDone) expect(parser.close()).toBe(true);
  expect(parser.isDone).toBe(seen.ends === 1);
  return { ...seen, body: Buffer.concat(parts).toString("latin1"), isKeptAlive: parser.isKeptAlive };
}

const answer = (head: string, body = ""): Buffer =>
  Buffer.from(`${head.replaceAll("\n", "\r\n")}\r\n\r\n${body}`, "latin1");

const chunked = (...chunks: string[]): Buffer =>
  answer(
    "HTTP/1.1 200 OK\nContent-Type: text/event-stream\nTransfer-Encoding: chunked",
    `${chunks.map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join("")}0\r\n\r\n`,
  );

function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...new Set(places.map((place) => place % bytes.length)), bytes.length].sort((a, b) => a - b);
  return ends.map((end, index) => bytes.subarray(index === 0 ? 0 : ends[index - 1], end));
}

describe("ResponseParser", () => {
  it("reads a body of known length, wherever the reads are cut", () => {
    const bytes = answer(
      "HTTP/1.1 200 OK\ncontent-type: application/json\nContent-Length: 11",
      '{"ok":true}',
    );
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 12 }), (places) => {
        expect(read(cut(bytes, places))).toEqual({
          head: { status: 200, contentType: "application/json", contentLength: 11, retryAfterSeconds: null },
          body: '{"ok":true}',
          ends: 1,
          taken: bytes.length,
          isKeptAlive: true,
        });
      }),
    );
  });

  it("takes the framing off chunks, wherever the reads are cut", () => {
    const chunk = fc.string({ unit: "binary-ascii", minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(fc.array(chunk), fc.array(fc.nat(), { maxLength: 20 }), (chunks, places) => {
        const seen = read(cut(chunked(...chunks), places));
        expect(seen.body).toBe(chunks.join(""));
        expect(seen).toMatchObject({ ends: 1, isKeptAlive: true, head: { contentLength: null } });
      }),
    );
  });

  it("passes over extensions and trailers", () => {
    const body = "3;name=value\r\nabc\r\n0\r\nDigest: none\r\nX: y\r\n\r\n";
    const bytes = answer("HTTP/1.1 200 OK\nTransfer-Encoding: chunked", body);
    expect(read([bytes])).toMatchObject({ body: "abc", ends: 1, taken: bytes.length });
  });

  it("passes over 1xx answers", () => {
    const bytes = Buffer.concat([
      answer("HTTP/1.1 100 Continue"),
      answer("HTTP/1.1 103 Early Hints\nLink: </x>"),
      answer("HTTP/1.1 201 Created\nContent-Length: 2", "ok"),
    ]);
    expect(read([bytes])).toMatchObject({ head: { status: 201 }, body: "ok", ends: 1 });
    expect(read(cut(bytes, [3, 24, 25, 26, 60, 90]))).toMatchObject({ head: { status: 201 }, body: "ok" });
  });

  it.each([
    ["204", "HTTP/1.1 204 No Content"],
    ["304 with the length of what it does not send", "HTTP/1.1 304 Not Modified\nContent-Length: 10"],
    ["a length of 0", "HTTP/1.1 200 OK\nContent-Length: 0"],
  ])("ends after the head: %s", (_name, head) => {
    expect(read([answer(head)])).toMatchObject({ body: "", ends: 1, isKeptAlive: true });
  });

  it("takes all until the connection closes where nothing says how long the body is", () => {
    const bytes = answer("HTTP/1.0 200 OK\nContent-Type: text/plain", "all of it");
    expect(read(cut(bytes, [40, 50]), true)).toMatchObject({
      body: "all of it",
      ends: 1,
      isKeptAlive: false,
    });
  });

  it("does not take the connection's end for the end of a body that should be longer", () => {
    for (const bytes of [
      answer("HTTP/1.1 200 OK\nContent-Length: 5", "half"),
      chunked("whole").subarray(0, -2),
      Buffer.from("HTTP/1.1 200 OK\r\n"),
    ]) {
      const parser = new ResponseParser({
        onHead: () => undefined,
        onBody: () => undefined,
        onEnd: () => expect.unreachable("it was cut short"),
      });
      parser.push(bytes);
      expect(parser.close()).toBe(false);
    }
  });

  it.each([
    ["HTTP/1.1 with close", "HTTP/1.1 200 OK\nConnection: Close\nContent-Length: 0", false],
    ["HTTP/1.0", "HTTP/1.0 200 OK\nContent-Length: 0", false],
    ["HTTP/1.0 with keep-alive", "HTTP/1.0 200 OK\nConnection: keep-alive\nContent-Length: 0", true],
  ])("knows whether the connection may be used again: %s", (_name, head, isKeptAlive) => {
    expect(read([answer(head)]).isKeptAlive).toBe(isKeptAlive);
  });

  it("does not take what follows the answer", () => {
    const bytes = answer("HTTP/1.1 200 OK\nContent-Length: 2", "okHTTP/1.1 200 OK");
    expect(read([bytes])).toMatchObject({ body: "ok", taken: bytes.length - 15 });
  });

  it("reads the worker's wish to be left alone, in seconds only", () => {
    const wish = (value: string) =>
      read([answer(`HTTP/1.1 503 No\nContent-Length: 0\nRetry-After: ${value}`)]).head?.retryAfterSeconds;
    expect(wish("7")).toBe(7);
    expect(wish("Wed, 21 Oct 2026 07:28:00 GMT")).toBeNull();
  });

  it.each<[string, Buffer]>([
    ["another protocol", Buffer.from("SSH-2.0-OpenSSH_9.6\r\n\r\n\r\n")],
    ["HTTP/2", answer("HTTP/2 200")],
    ["a change of protocol", answer("HTTP/1.1 101 Switching Protocols\nUpgrade: websocket")],
    ["a status of two digits", answer("HTTP/1.1 20 OK")],
    ["length and chunks", answer("HTTP/1.1 200 OK\nContent-Length: 3\nTransfer-Encoding: chunked")],
    ["two lengths", answer("HTTP/1.1 200 OK\nContent-Length: 3\nContent-Length: 4")],
    ["a negative length", answer("HTTP/1.1 200 OK\nContent-Length: -1")],
    ["an encoding beyond chunks", answer("HTTP/1.1 200 OK\nTransfer-Encoding: gzip, chunked")],
    ["a folded header", answer("HTTP/1.1 200 OK\nX-A: b\n c: d")],
    ["a space before the colon", answer("HTTP/1.1 200 OK\nContent-Length : 3")],
    ["a NUL in a header", answer("HTTP/1.1 200 OK\nX: a\0b")],
    ["half a line end in a header", Buffer.from("HTTP/1.1 200 OK\r\nX: a\nY: b\r\n\r\n")],
    ["a head without an end", Buffer.from(`HTTP/1.1 200 OK\r\nX: ${"a".repeat(20_000)}`)],
    ["a chunk without a size", answer("HTTP/1.1 200 OK\nTransfer-Encoding: chunked", "\r\n")],
    ["a size that is none", answer("HTTP/1.1 200 OK\nTransfer-Encoding: chunked", "xyz\r\n")],
    ["a size beyond all numbers", answer("HTTP/1.1 200 OK\nTransfer-Encoding: chunked", "fffffffffffff\r\n")],
    ["a chunk longer than its size", answer("HTTP/1.1 200 OK\nTransfer-Encoding: chunked", "1\r\nab\r\n")],
    [
      "extensions without an end",
      answer("HTTP/1.1 200 OK\nTransfer-Encoding: chunked", `1;${"a".repeat(20_000)}`),
    ],
  ])("refuses %s", (_name, bytes) => {
    expect(() => read([bytes])).toThrow(MalformedResponse);
    expect(() => read(cut(bytes, [1, 5, 17, 30]))).toThrow(MalformedResponse);
  });

  it("hands on what came before the fault", () => {
    const parts: string[] = [];
    const parser = new ResponseParser({
      onHead: () => undefined,
      onBody: (bytes) => parts.push(bytes.toString()),
      onEnd: () => undefined,
    });
    const bytes = answer("HTTP/1.1 200 OK\nTransfer-Encoding: chunked", "3\r\nabc\r\nnothing");
    expect(() => parser.push(bytes)).toThrow(MalformedResponse);
    expect(parts).toEqual(["abc"]);
  });
});
