import { readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { build, type Metafile } from "esbuild";

/** What one file of the router (a page, a layout, an error page) gives the browser in words, and what it asks for. */
export type RouteFile = {
  /** From the project's root, with slashes. */
  path: string;
  /** The groups in the `of` of its `<Words>`, in their order. */
  given: string[];
  /** Group → the client modules below this file that use it. */
  asked: Map<string, string[]>;
};

const clientDirective = /^(?:\s|\/\/.*\n|\/\*[\s\S]*?\*\/)*["']use client["']/;
const translator = /\b(\w+) = useTranslations\(\s*(?:"(\w+)[\w.]*")?\s*\)/g;

/** Reads the imports of all `paths` (files of the router) and says for each what words it gives and asks for. */
export async function readRouteFiles(root: string, paths: string[], groups: string[]): Promise<RouteFile[]> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: paths,
    bundle: true,
    packages: "external",
    loader: { ".css": "empty" },
    platform: "node",
    format: "esm",
    metafile: true,
    write: false,
    outdir: "unused",
    logLevel: "silent",
  });
  const sources = new Map<string, string>();
  const sourceOf = (path: string): string => {
    const source = sources.get(path) ?? readFileSync(join(root, path), "utf8");
    sources.set(path, source);
    return source;
  };
  return paths.map((path) => {
    const asked = new Map<string, string[]>();
    for (const module of clientModules(metafile, path, sourceOf)) {
      for (const group of groupsAsked(sourceOf(module), groups, module)) {
        asked.set(group, [...(asked.get(group) ?? []), module]);
      }
    }
    return { path, given: groupsGiven(sourceOf(path)), asked };
  });
}

/** The layouts around a file of the router, the outermost first, without the file itself. */
export function layoutsAround(file: RouteFile, all: RouteFile[]): RouteFile[] {
  return all
    .filter((other) => basename(other.path) === "layout.tsx" && other !== file)
    .filter((layout) => `${dirname(file.path)}/`.startsWith(`${dirname(layout.path)}/`))
    .sort((left, right) => left.path.length - right.path.length);
}

/** The modules that reach the browser: those marked as client modules below `entry`, and all that these import. */
function clientModules(metafile: Metafile, entry: string, sourceOf: (path: string) => string): Set<string> {
  const onServer = new Set<string>();
  const inBrowser = new Set<string>();
  const visit = (path: string, isBelowClient: boolean): void => {
    const isCode = /\.tsx?$/.test(path);
    const isClient = isBelowClient || (isCode && clientDirective.test(sourceOf(path)));
    const seen = isClient ? inBrowser : onServer;
    if (!isCode || seen.has(path)) return;
    seen.add(path);
    for (const { path: next, external } of metafile.inputs[path]?.imports ?? []) {
      if (external !== true) visit(next, isClient);
    }
  };
  visit(entry, false);
  return inBrowser;
}

/**
 * The groups whose words a module uses. A translator over all groups (`useTranslations()`) takes full keys: its groups
 * are the beginnings of the module's strings.
 * @throws where a key of such a translator is not written out, because its group cannot be told then.
 */
export function groupsAsked(source: string, groups: string[], module: string): Set<string> {
  const asked = new Set<string>();
  for (const [, name = "", group] of source.matchAll(translator)) {
    if (group !== undefined) {
      asked.add(group);
      continue;
    }
    for (const [, argument = ""] of source.matchAll(new RegExp(`\\b${name}(?:\\.\\w+)?\\(([^)]*)`, "g"))) {
      if (!/["`]\w/.test(argument)) {
        throw new Error(`${module}: the key of ${name}(${argument}) is not written out; name the group`);
      }
    }
    for (const [, prefix = ""] of source.matchAll(/["`](\w+)\./g)) {
      if (groups.includes(prefix)) asked.add(prefix);
    }
  }
  const calls = source.match(/\buseTranslations\(/g)?.length ?? 0;
  if (calls !== [...source.matchAll(translator)].length) {
    throw new Error(`${module}: a translator is not of the shape \`const t = useTranslations("group")\``);
  }
  return asked;
}

function groupsGiven(source: string): string[] {
  return [...source.matchAll(/<Words\s+of=\{\[([^\]]*)\]\}/g)].flatMap(([, list = ""]) =>
    [...list.matchAll(/"(\w+)"/g)].map(([, group = ""]) => group),
  );
}
