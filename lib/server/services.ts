import type { SessionUser, SignInOptions } from "@/lib/accounts";
import type {
  BoardName,
  BoardQuery,
  ExclusionSummary,
  HeadToHead,
  HeadToHeadQuery,
  Leaderboard,
  ModelCard,
  PublishedSample,
  ReleaseView,
  SharedBattle,
  SharedPage,
} from "@/lib/protocol";

/** Of prompts: characters (UTF-16 code units); of a battle: turns. */
type PromptLimits = { maxCharacters: number; maxTurns: number };

/** The words of a picture, in the language of what it shows. */
type PictureWords = { site: string; fallbackTitle: string; caption: string; winner: string };

/**
 * What Next pages may use of the server. Next bundles its own copies of our modules, so a module variable would exist
 * twice; the one meeting place is `globalThis` under a registered symbol. Only plain data crosses this line: test
 * errors by `code`, never by `instanceof`.
 */
export type Services = {
  integrity: {
    /** Votes that do not count, in aggregate; at most ten seconds old. */
    summary(): Promise<ExclusionSummary>;
  };
  leaderboard: {
    /** The newest fit of a board. */
    current(query: BoardQuery): Promise<Leaderboard>;
    /** Errors: `model_not_found`. */
    modelCard(name: string, board: BoardName): Promise<ModelCard>;
    /** Errors: `model_not_found`; `invalid_request` for one model twice. */
    headToHead(query: HeadToHeadQuery): Promise<HeadToHead>;
  };
  publication: {
    /** Errors: `share_not_found`. */
    sharedPage(token: string): Promise<SharedPage>;
    /** A battle whose text is published with the vote data. Errors: `battle_not_found`. */
    publishedBattle(battleId: string): Promise<SharedPage<SharedBattle>>;
    /** The newest published battles of a model. */
    samples(model: string): Promise<PublishedSample[]>;
    /** The picture of a shared page (PNG, 1200 × 630), and a tag that changes with it. Errors: `share_not_found`. */
    picture(token: string, words: PictureWords): Promise<{ png: Uint8Array<ArrayBuffer>; etag: string }>;
  };
  data: {
    /** Releases of the vote data, the newest first. */
    releases(): Promise<ReleaseView[]>;
  };
  accounts: {
    /** Who is signed in, by the request's `Cookie` header. Errors: `database_unavailable`. */
    session(cookieHeader: string | undefined): Promise<SessionUser | null>;
    /** Who may make an account, and where else one may sign in. */
    options(): SignInOptions;
  };
  site: {
    /** Where people's browsers find the site, if the operator has said so: scheme and host. */
    publicUrl(): string | null;
    /** True while nothing but bundled demo models is served: the page then suggests prompts of the kinds they know. */
    isDemoOnly(): boolean;
    /** How long a prompt, and a battle, may be here: at most what the protocol allows. */
    promptLimits(): PromptLimits;
    /** How many models that people may talk to read images. */
    visionModels(): number;
  };
};

const servicesKey = Symbol.for("chat-arena.services");

type ServicesHolder = typeof globalThis & { [servicesKey]?: Services };

/** Called once by the composition root, before Next answers its first request. */
export function provideServices(services: Services): void {
  (globalThis as ServicesHolder)[servicesKey] = services;
}

/** Throws where no server has provided them, for instance while `next build` collects pages. */
export function getServices(): Services {
  const services = (globalThis as ServicesHolder)[servicesKey];
  if (services === undefined) throw new Error("The services were asked for outside a running server.");
  return services;
}
