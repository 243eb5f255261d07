import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { loadMessages } from "@/lib/i18n";
import { groupsAsked, layoutsAround, type RouteFile, readRouteFiles } from "./route-words";

const root = fileURLToPath(new URL("../..", import.meta.url));
const groups = Object.keys(await loadMessages("en"));

/** Next's own names; a folder that begins with "_" is not part of the router. */
const routerFile =
  /^(?!.*\/_)app\/(?:.*\/)?(?:page|layout|template|error|global-error|not-found|loading|default)\.tsx$/;

const paths = readdirSync(join(root, "app"), { recursive: true, encoding: "utf8" })
  .map((path) => `app/${path.replaceAll("\\", "/")}`)
  .filter((path) => routerFile.test(path))
  .sort();
const files = await readRouteFiles(root, paths, groups);

function givenAround(file: RouteFile): Set<string> {
  return new Set(layoutsAround(file, files).flatMap((layout) => layout.given));
}

describe("the words that a page sends to the browser", () => {
  it("are looked for in every page", () => {
    expect(paths).toContain("app/layout.tsx");
    expect(paths).toContain("app/(arena)/page.tsx");
    expect(files.find(({ path }) => path === "app/(arena)/page.tsx")?.asked.has("arena")).toBe(true);
  });

  it.each(files.map((file) => [file.path, file] as const))(
    "%s: include all that its components use",
    (_, file) => {
      const given = new Set([...givenAround(file), ...file.given]);
      const missing = [...file.asked].filter(([group]) => !given.has(group));
      expect(missing, "groups that no <Words> around these components names").toEqual([]);
    },
  );

  it.each(files.filter(({ given }) => given.length > 0).map((file) => [file.path, file] as const))(
    "%s: include nothing else",
    (_, file) => {
      const isLayout = file.path.endsWith("/layout.tsx");
      const below = isLayout ? files.filter(({ path }) => path.startsWith(`${dirname(file.path)}/`)) : [file];
      const around = givenAround(file);
      const needless = file.given.filter(
        (group) => around.has(group) || !below.some(({ asked }) => asked.has(group)),
      );
      expect(needless).toEqual([]);
    },
  );
});

describe("groupsAsked", () => {
  const read = (source: string) => [...groupsAsked(source, groups, "x.tsx")];

  it("reads the group of a translator, and of a part of a group", () => {
    expect(read('const t = useTranslations("board");\nconst v = useTranslations("chat.side");')).toEqual([
      "board",
      "chat",
    ]);
  });

  it("reads the groups of full keys", () => {
    const source = 'const t = useTranslations();\nt(`errors.x`);\nt(isOn ? "vote.a" : "reveal.fold");';
    expect(read(source)).toEqual(["errors", "vote", "reveal"]);
  });

  it("refuses what it cannot tell", () => {
    expect(() => read("const t = useTranslations();\nt(key);")).toThrow(/not written out/);
    expect(() => read("const t = useTranslations(group);")).toThrow(/not of the shape/);
  });
});
