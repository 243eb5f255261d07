import { toStoppedBy } from "@/lib/answers";
import { imagesInclude, toImageViews } from "@/lib/attachments";
import type { Prisma } from "@/lib/db";
import {
  type BattleStatus,
  type ModelView,
  type OpenBattle,
  type ResponseView,
  type Side,
  type SideStatus,
  sideFailureSchema,
  sides,
  type TurnView,
} from "@/lib/protocol";

/** Everything the arena reads of a battle; superseded turns stay in the database and out of sight. */
export const battleInclude = {
  turns: {
    where: { supersededAt: null },
    orderBy: { ordinal: "asc" },
    include: { responses: { orderBy: { attempt: "desc" } }, images: imagesInclude },
  },
  vote: { include: { effect: true, reasons: true } },
  modelA: true,
  modelB: true,
} as const satisfies Prisma.BattleInclude;

export type BattleRow = Prisma.BattleGetPayload<{ include: typeof battleInclude }>;
export type TurnRow = BattleRow["turns"][number];
export type ResponseRow = TurnRow["responses"][number];

/** The attempt that is shown: the newest one. `responses` come newest first. */
export function shownResponse(turn: TurnRow, side: Side): ResponseRow {
  const response = turn.responses.find((row) => row.side === side);
  if (response === undefined) throw new Error(`Turn ${turn.id} has no response of side ${side}.`);
  return response;
}

export function toResponseView(row: ResponseRow): ResponseView {
  const failure = sideFailureSchema.safeParse(row.errorCode);
  return {
    status: row.status,
    // Hidden by a moderator: nobody reads it any more, not even its visitor.
    text: row.hiddenAt === null ? row.text : "",
    ...(row.hiddenAt === null ? {} : { isHidden: true as const }),
    isTruncated: row.finishReason === "length",
    failure: row.status === "failed" ? (failure.success ? failure.data : "interrupted") : null,
    ...toStoppedBy(row),
  };
}

export function toTurnView(row: TurnRow): TurnView {
  return {
    id: row.id,
    prompt: row.prompt,
    images: toImageViews(row.images),
    a: toResponseView(shownResponse(row, "a")),
    b: toResponseView(shownResponse(row, "b")),
  };
}

export type OpenBattleFacts = {
  id: string;
  createdAt: Date;
  /** Null in a blind battle: what is not here cannot slip out. */
  named: { a: ModelView; b: ModelView } | null;
};

/** A battle before its vote: the two models only where the visitor has chosen them. */
export function toOpenBattle(facts: OpenBattleFacts, turns: readonly TurnView[]): OpenBattle {
  const open = {
    id: facts.id,
    status: battleStatus(turns),
    createdAt: facts.createdAt.toISOString(),
    turns: turns.map((turn) => ({ ...turn, a: { ...turn.a }, b: { ...turn.b } })),
  };
  return facts.named === null
    ? { kind: "blind", ...open }
    : { kind: "named", ...open, models: { a: { ...facts.named.a }, b: { ...facts.named.b } } };
}

export function toOpenBattleFacts(row: BattleRow): OpenBattleFacts {
  const named = row.kind === "compare" ? { a: toModelView(row.modelA), b: toModelView(row.modelB) } : null;
  return { id: row.id, createdAt: row.createdAt, named };
}

export function toModelView({ name, displayName, organization, licence }: ModelView): ModelView {
  return { name, displayName, organization, licence };
}

/** Only the last turn decides: earlier ones ended before it could begin. */
export function battleStatus(turns: readonly TurnView[]): BattleStatus {
  const last = turns.at(-1);
  if (last === undefined) return "running";
  const states = sides.map((side) => last[side].status);
  if (states.some(isRunning)) return "running";
  return states.includes("failed") ? "blocked" : "ready";
}

export function isRunning(status: SideStatus): boolean {
  return status === "queued" || status === "writing";
}
