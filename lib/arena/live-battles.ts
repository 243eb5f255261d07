import type { Logger } from "pino";
import {
  type AnswerStore,
  type AnswerSurface,
  type ChargeTokens,
  type LiveNews,
  LiveSet,
  type ReserveTokens,
} from "@/lib/answers";
import { withImages } from "@/lib/attachments";
import type { Controller } from "@/lib/controller";
import type { Database } from "@/lib/db";
import { AppError } from "@/lib/errors";
import type { Moderation } from "@/lib/moderation";
import { type Side, sides } from "@/lib/protocol";
import { battleInclude } from "./dto";
import { LiveBattle, type LiveBattleDeps } from "./live-battle";
import { redrawPair } from "./redraw-pair";
import { createResponseStore, failLostResponses } from "./response-store";
import type { PairSampler } from "./sample-pair";

export type LiveBattlesDeps = {
  db: Database;
  controller: Controller;
  /** Of what all may use of a model together. Default: no model has a limit. */
  reserveTokens?: ReserveTokens;
  /** Default: answers are not counted. */
  surface?: AnswerSurface;
  /** To other servers of the site. Default: there are none. */
  news?: LiveNews;
  logger: Logger;
  maxTokens: number;
  orphanGraceMs: number;
  /** Looks at finished answers. */
  moderation: Pick<Moderation, "review">;
  sampler: PairSampler;
  /** Characters a second at which the answers of a blind battle are shown; null: as they come. */
  charsPerSecond: () => number | null;
};

/** The battles that this process holds in memory: those being answered and those being read. */
export class LiveBattles {
  readonly #deps: LiveBattlesDeps;
  readonly #battles: LiveSet<LiveBattle>;
  /** One for all battles: what their answers save at a time is one statement. */
  readonly #store: AnswerStore;

  constructor(deps: LiveBattlesDeps) {
    this.#deps = deps;
    this.#battles = new LiveSet((battleId) => this.#load(battleId));
    this.#store = createResponseStore(deps.db);
    deps.news?.hear("battle", (id) => this.#reread(id));
    deps.news?.hear("vote", (id) => this.#battles.withHeld(id, (battle) => battle.announceVote()));
    deps.news?.hear("battle_stop", (id) => this.#battles.withHeld(id, (battle) => battle.stop()));
    for (const side of sides)
      deps.news?.hear(`battle_stop_${side}`, (id) =>
        this.#battles.withHeld(id, (battle) => battle.stop(side)),
      );
  }

  /**
   * The battle, loaded once however many ask for it at the same time. What is to be done with it is to be begun in the turn in which
   * it is had. Errors: `battle_not_found`, also for a visitor whose battle it is not; `shutting_down`.
   */
  open(battleId: string, visitorId: string): Promise<LiveBattle> {
    return this.#battles.use(battleId, async (battle) => {
      await this.#requireOwner(battle, visitorId);
      return battle;
    });
  }

  /** A new battle, whose responses are all queued; their tokens are charged by `charge`. */
  begin(
    battleId: string,
    visitorId: string,
    queued: readonly string[],
    charge?: ChargeTokens,
  ): Promise<LiveBattle> {
    return this.#battles.use(battleId, async (battle) => {
      await this.#requireOwner(battle, visitorId);
      await this.#reload(battle, queued, charge);
      return battle;
    });
  }

  /** The same after a use case has changed the battle's rows: whoever reads it is told, on other servers too. */
  refresh(
    battleId: string,
    visitorId: string,
    queued: readonly string[],
    charge?: ChargeTokens,
  ): Promise<LiveBattle> {
    this.#deps.news?.tell("battle", [battleId]);
    return this.begin(battleId, visitorId, queued, charge);
  }

  /** After the rows of many battles have changed: those in memory are read anew, here and on other servers. */
  async reread(battleIds: readonly string[]): Promise<void> {
    this.#deps.news?.tell("battle", battleIds);
    await Promise.all(battleIds.map((id) => this.#reread(id)));
  }

  /** The battle has got its vote: every open page hears of it. */
  async announceVote(battleId: string): Promise<void> {
    this.#deps.news?.tell("vote", [battleId]);
    (await this.peek(battleId))?.announceVote();
  }

  /** Asks the server that writes the battle's answers to stop them, or one side's. */
  stopElsewhere(battleId: string, side: Side | undefined): void {
    this.#deps.news?.tell(side === undefined ? "battle_stop" : `battle_stop_${side}`, [battleId]);
  }

  /** The battle if it is in memory. */
  peek(battleId: string): Promise<LiveBattle | null> {
    return this.#battles.peek(battleId);
  }

  /**
   * Lets running answers end for `drainMs`, then stops them. New battles are refused from now on. What is stopped here
   * keeps its text and may be voted on.
   */
  close(drainMs: number): Promise<void> {
    return this.#battles.close(drainMs);
  }

  #reread(battleId: string): Promise<void> {
    return this.#battles.withHeld(battleId, (battle) => this.#reload(battle, []));
  }

  async #load(battleId: string): Promise<LiveBattle> {
    const { db, controller, reserveTokens, surface, logger, maxTokens, orphanGraceMs } = this.#deps;
    const { moderation, charsPerSecond } = this.#deps;
    const redraw: LiveBattleDeps["redraw"] = (options) => redrawPair(this.#deps, { battleId, ...options });
    const illustrate: LiveBattleDeps["illustrate"] = (messages) => withImages(db, messages);
    await failLostResponses(db, battleId);
    const row = await db.battle.findUnique({ where: { id: battleId }, include: battleInclude });
    if (row === null) throw new AppError("battle_not_found");
    const onIdle = () => this.#battles.forgetIdle(battleId);
    const reload = (battle: LiveBattle) => this.#reload(battle, []);
    const { closing } = this.#battles;
    const onStored: LiveBattleDeps["onStored"] = (id, { text }) => moderation.review("response", id, text);
    const given = {
      ...{
        store: this.#store,
        controller,
        reserveTokens,
        surface,
        logger,
        maxTokens,
        orphanGraceMs,
        closing,
      },
      ...{ onIdle, onStored, reload, redraw, illustrate, charsPerSecond },
    };
    return new LiveBattle(given, row);
  }

  async #requireOwner(battle: LiveBattle, visitorId: string): Promise<void> {
    // A battle that is in memory may have gone into an account since.
    if (battle.visitorId !== visitorId) battle.visitorId = await this.#ownerOf(battle.id);
    if (battle.visitorId !== visitorId) throw new AppError("battle_not_found");
  }

  async #ownerOf(battleId: string): Promise<string> {
    const select = { visitorId: true } as const;
    return (await this.#deps.db.battle.findUniqueOrThrow({ where: { id: battleId }, select })).visitorId;
  }

  async #reload(battle: LiveBattle, queued: readonly string[], charge?: ChargeTokens): Promise<void> {
    await failLostResponses(this.#deps.db, battle.id);
    const where = { id: battle.id };
    const row = await this.#deps.db.battle.findUniqueOrThrow({ where, include: battleInclude });
    battle.update(row, queued, charge);
  }
}
