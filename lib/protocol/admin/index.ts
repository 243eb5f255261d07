export * from "./access";
export * from "./models";
export * from "./moderation";
export * from "./site";
export * from "./workers";
