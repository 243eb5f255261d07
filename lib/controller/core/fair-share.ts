import { batchTurn } from "./admission-queue";

/** What one server would use of the places now. */
export type Demand = {
  readonly serverId: string;
  readonly demand: number;
  /** Of these, for people: they go before programs. */
  readonly people: number;
};

/**
 * How many of the places one server should hold. People's requests go first and programs' after them, but for every eighth
 * place, as in a server's own line; within each class all get what they want as far as there are equal parts of it (max-min
 * fairness), and what nobody wants is divided evenly, so that a newcomer finds some at once.
 *
 * The same for all servers that know the same demands: their shares add up to the limit. Places that cannot be divided
 * evenly go to one server after the other as `turn` counts up.
 */
export function fairShare(limit: number, demands: readonly Demand[], serverId: string, turn: number): number {
  const servers = [...demands].sort((a, b) => (a.serverId < b.serverId ? -1 : 1));
  const at = servers.findIndex((server) => server.serverId === serverId);
  if (at === -1) return 0;
  const programs = servers.map(({ demand, people }) => demand - people);
  const kept = Math.min(keptForPrograms(limit, turn), total(programs));
  const first = equalParts(
    limit - kept,
    servers.map(({ people }) => people),
    turn,
  );
  const second = equalParts(limit - total(first), programs, turn);
  const idle = limit - total(first) - total(second);
  // Idle places stay where they are: to move them would gain nobody anything.
  const spare = Math.floor(idle / servers.length) + (at < idle % servers.length ? 1 : 0);
  return (first[at] ?? 0) + (second[at] ?? 0) + spare;
}

/** Every eighth place; of fewer than eight, one place in as many turns as make the same. */
function keptForPrograms(limit: number, turn: number): number {
  return Math.floor(limit / batchTurn) + (turn % batchTurn < limit % batchTurn ? 1 : 0);
}

/** What each of them gets of its wish. */
function equalParts(limit: number, wishes: readonly number[], turn: number): number[] {
  const parts = wishes.map(() => 0);
  let hungry = wishes.map((wish, index) => ({ wish, index }));
  let left = limit;
  for (;;) {
    const part = Math.floor(left / Math.max(1, hungry.length));
    const content = hungry.filter(({ wish }) => wish <= part);
    if (content.length === 0) break;
    for (const { wish, index } of content) {
      parts[index] = wish;
      left -= wish;
    }
    hungry = hungry.filter(({ wish }) => wish > part);
  }
  const part = Math.floor(left / Math.max(1, hungry.length));
  const rest = left - part * hungry.length;
  hungry.forEach(({ index }, place) => {
    parts[index] = part + ((place + turn) % hungry.length < rest ? 1 : 0);
  });
  return parts;
}

const total = (numbers: readonly number[]): number => numbers.reduce((sum, number) => sum + number, 0);
