import { describe, expect, it } from "vitest";
import { hasMath, normalizeMath } from "./normalize-math";

describe("normalizeMath", () => {
  it.each([
    ["the sum \\(a + b\\) is", "the sum $$a + b$$ is"],
    ["\\[ x^2 \\]", "\n$$\nx^2\n$$\n"],
    ["let $C(n)$ be", "let $$C(n)$$ be"],
    ["$2^n$ and $a_i = 3$", "$$2^n$$ and $$a_i = 3$$"],
    ["already $$x$$ fine", "already $$x$$ fine"],
    ["hence\n\n$$x = 1$$\n\nand", "hence\n\n$$\nx = 1\n$$\n\nand"],
    ["it costs $5 and $10 today", "it costs $5 and $10 today"],
    ["from $5 to $7$ each", "from $5 to $7$ each"],
    ["an escaped \\$x\\$ stays", "an escaped \\$x\\$ stays"],
    ["shell: `echo $HOME $PATH`", "shell: `echo $HOME $PATH`"],
    ["```sh\necho $a$b\n```\nthen $x$", "```sh\necho $a$b\n```\nthen $$x$$"],
    ["```sh\nstill writing $x$", "```sh\nstill writing $x$"],
    ["half written \\(a +", "half written \\(a +"],
    ["no formula at all", "no formula at all"],
  ])("%j", (input, expected) => {
    expect(normalizeMath(input)).toBe(expected);
  });

  it("notices formulas and is not fooled by one price", () => {
    expect(hasMath("a $x$ b")).toBe(true);
    expect(hasMath("\\(x\\)")).toBe(true);
    expect(hasMath("it costs $5")).toBe(false);
  });
});
