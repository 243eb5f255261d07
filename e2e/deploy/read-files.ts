import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";

const folder = "deploy";

export const readDeployFile = (name: string): string => readFileSync(join(folder, name), "utf8");

/** What the operator's environment holds when compose reads its file. */
const environment: Readonly<Record<string, string>> = {
  ARENA_DOMAIN: "arena.example.org",
  POSTGRES_PASSWORD: "secret",
  SITE_DATABASE_PASSWORD: "another-secret",
  ARENA_SECRET: "0123456789abcdef0123456789abcdef",
  ARENA_JOIN_TOKEN: "0123456789abcdef",
};

/** `${NAME:?message}` and `${NAME:-default}` as compose fills them in. Throws for a name that the example file lacks. */
export function interpolate(text: string): string {
  return text.replace(/\$\{(\w+)(?::([?-])([^}]*))?\}/g, (_, name: string, kind?: string, rest?: string) => {
    const value = environment[name] ?? (kind === "-" ? rest : undefined);
    if (value === undefined) throw new Error(`compose.yaml asks for ${name}.`);
    return value;
  });
}

export type Resource = { apiVersion: string; kind: string; metadata: { name: string } } & Record<
  string,
  unknown
>;

/** Every Kubernetes document. */
export function readResources(): Resource[] {
  return readdirSync(join(folder, "kubernetes")).flatMap((name) =>
    parseAllDocuments(readDeployFile(`kubernetes/${name}`)).map((document) => document.toJS() as Resource),
  );
}

export type Service = {
  command?: string[];
  entrypoint?: string[];
  environment?: Record<string, string>;
  build?: { target: string };
  deploy?: unknown;
  depends_on?: Record<string, unknown>;
};
export type Compose = { name: string; services: Record<string, Service>; volumes: Record<string, unknown> };

export function readCompose(): Compose {
  const [document] = parseAllDocuments(interpolate(readDeployFile("compose.yaml")), { merge: true });
  return document?.toJS() as Compose;
}

export type ImageCommand = { stage: string; instruction: "CMD" | "ENTRYPOINT"; words: string[] };

/** What the Dockerfile's final stages run. */
export function readImageCommands(): ImageCommand[] {
  let stage = "";
  return readDeployFile("Dockerfile")
    .split("\n")
    .flatMap((line): ImageCommand[] => {
      stage = /^FROM \S+ AS (\S+)/.exec(line)?.[1] ?? stage;
      const found = /^(CMD|ENTRYPOINT) (\[.*\])$/.exec(line);
      if (found === null) return [];
      return [
        {
          stage,
          instruction: found[1] as "CMD" | "ENTRYPOINT",
          words: JSON.parse(found[2] ?? "[]") as string[],
        },
      ];
    });
}

/** The lines of a stage of the Dockerfile, its FROM first. */
export function readStage(name: string): string {
  const stages = readDeployFile("Dockerfile")
    .split(/^(?=FROM )/m)
    .slice(1);
  const found = stages.find((text) => new RegExp(` AS ${name}$`).test(text.split("\n", 1)[0] ?? ""));
  if (found === undefined) throw new Error(`The Dockerfile has no stage ${name}.`);
  return found;
}

/** Packages that a final stage lacks: what the stages remove from which it has its `node_modules`. */
export function removedPackages(stage: string): Set<string> {
  const removed = new Set<string>();
  let from = /^COPY --from=(\S+) \/app\/node_modules /m.exec(readStage(stage))?.[1];
  while (from !== undefined && !from.includes(":")) {
    const text = readStage(from);
    for (const [, path = ""] of text.matchAll(/(?<=\s)node_modules\/(\S+)/g)) removed.add(path);
    from = /^FROM (\S+)/.exec(text)?.[1];
  }
  return removed;
}

/** The program and its arguments after `… run.mjs`; null where the command is not one of ours. */
export function programOf(words: readonly string[]): { program: string; args: string[] } | null {
  const at = words.findIndex((word) => word.endsWith("lib/launcher/run.mjs"));
  return at < 0 ? null : { program: words[at + 1] ?? "", args: words.slice(at + 2) };
}

/** The commands of a systemd unit. */
export function readUnitCommands(name: string): string[][] {
  return [...readDeployFile(`systemd/${name}`).matchAll(/^Exec\w+=(.*)$/gm)].map(([, line = ""]) =>
    line.split(/\s+/),
  );
}
