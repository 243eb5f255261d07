export * from "./access";
export * from "./models";
export * from "./moderation";
export * from "./queues";
export * from "./sampling";
export * from "./site";
export * from "./votes";
export * from "./workers";
