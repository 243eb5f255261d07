import { expect, it } from "vitest";
import { readBlocks, readIndentedCommands } from "./runnable-blocks";

it("commands are read with the lines on which they go on, without comments", () => {
  const page = "Text\n\n```sh run\n# first\nnpm run a \\\n  --b\n\nnpm run c\n```\n";
  expect(readBlocks(page)).toEqual([{ kind: "run", line: 3, commands: ["npm run a    --b", "npm run c"] }]);
});

it.each([
  ["a block without a mark", "```sh\nnpm run a\n```\n"],
  ["another mark", "```sh maybe\nnpm run a\n```\n"],
  ["a block without an end", "```sh run\nnpm run a\n"],
])("%s is refused, so that no command escapes the tests", (_, page) => {
  expect(() => readBlocks(page)).toThrow();
});

it("indented commands are read with the lines on which they go on", () => {
  const page =
    "Text\n\n    npm run a -- \\\n      --b 'c d'\n    npm run e   # why\n\n```mermaid\n    x --> y\n```\n- a list\n  goes on\n";
  expect(readIndentedCommands(page)).toEqual(["npm run a --        --b 'c d'", "npm run e   # why"]);
});
