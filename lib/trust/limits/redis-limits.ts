import { Redis } from "ioredis";
import { type LimitState, type LimitStore, slicesInWindow } from "./limit-store";

/**
 * `take_limits` in Redis's Lua: a hash for each key, {slice number: what went through}. One script is one step for Redis,
 * so nothing comes between the asking and the taking. ARGV: window, max and cost of each key in turn, then the time or "".
 */
const script = `
local now = tonumber(ARGV[#ARGV])
if not now then
  local time = redis.call('TIME')
  now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end
local answer, heads, blocked = {}, {}, false
for i, key in ipairs(KEYS) do
  local window, max, cost = tonumber(ARGV[3 * i - 2]), tonumber(ARGV[3 * i - 1]), tonumber(ARGV[3 * i])
  local slice = math.max(1, math.floor(window / ${slicesInWindow}))
  local head = math.floor(now / slice)
  local parts, used = {}, 0
  local all = redis.call('HGETALL', key)
  for at = 1, #all, 2 do
    local age = head - tonumber(all[at])
    if age > ${slicesInWindow} then redis.call('HDEL', key, all[at])
    else
      local place = math.max(0, age)
      parts[place] = (parts[place] or 0) + tonumber(all[at + 1])
      used = used + tonumber(all[at + 1])
    end
  end
  local wait = 0
  if used + cost > max then
    blocked = true
    wait = window
    local freed = 0
    for age = ${slicesInWindow}, 0, -1 do
      freed = freed + (parts[age] or 0)
      if used - freed + cost <= max then
        wait = math.max(1, (head - age + ${slicesInWindow} + 1) * slice - now)
        break
      end
    end
  end
  heads[i] = { head, cost, slice }
  answer[#answer + 1] = used
  answer[#answer + 1] = wait
end
if not blocked then
  for i, key in ipairs(KEYS) do
    if heads[i][2] > 0 then
      redis.call('HINCRBY', key, heads[i][1], heads[i][2])
      redis.call('PEXPIRE', key, heads[i][3] * (${slicesInWindow} + 2))
    end
  end
end
return answer
`;

type Options = {
  url: string;
  logger: { warn(fields: object, message: string): void };
  /** Takes over while Redis cannot be reached. */
  fallback: LimitStore;
  now?: () => number;
};

/**
 * Limits in Redis, which takes that load off the database. While Redis is away the fallback counts: limits then begin anew,
 * and nobody is refused for it.
 */
export function createRedisLimits({ url, logger, fallback, now }: Options): LimitStore {
  const redis = new Redis(url, {
    keyPrefix: "chat-arena:limit:",
    maxRetriesPerRequest: 1,
    enableOfflineQueue: false,
    commandTimeout: 1_000,
    connectTimeout: 2_000,
    lazyConnect: true,
  });
  let isTold = false;
  const tell = (error: unknown) => {
    if (!isTold) logger.warn({ err: error }, "Redis cannot be reached; the database counts the limits");
    isTold = true;
  };
  redis.on("error", tell);
  redis.on("ready", () => {
    isTold = false;
  });
  // Only the first request may wait for the connection; later ones find it there or do without.
  const connecting = redis.connect().catch(tell);

  return {
    async take(items) {
      if (items.length === 0) return [];
      const keys = items.map(({ key }) => key);
      const values = items.flatMap(({ windowMs, max, cost }) => [windowMs, max, cost]);
      await connecting;
      let answer: number[];
      try {
        answer = (await redis.eval(script, keys.length, ...keys, ...values, now?.() ?? "")) as number[];
      } catch (error) {
        tell(error);
        return fallback.take(items);
      }
      return items.map(
        ({ key }, index): LimitState => ({
          key,
          used: Number(answer[2 * index]),
          waitMs: Number(answer[2 * index + 1]),
        }),
      );
    },
    async close() {
      redis.disconnect();
      await fallback.close();
    },
  };
}
