export * from "./access";
export * from "./models";
export * from "./site";
export * from "./workers";
