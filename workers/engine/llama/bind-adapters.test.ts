import { expect, it } from "vitest";
import { bindAdapters } from "./bind-adapters";

const adapter = (name: string) => ({ name, path: `${name}.gguf`, scale: 1 });

it("binds adapters to the first model, or to the one that they name", () => {
  const bound = bindAdapters(["a", "b:7b"], [adapter("x"), adapter("b:7b:y"), adapter("c:z")]);
  expect(bound.map((adapters) => adapters.map(({ name, path }) => [name, path]))).toEqual([
    [
      ["x", "x.gguf"],
      ["c:z", "c:z.gguf"],
    ],
    [["y", "b:7b:y.gguf"]],
  ]);
});
