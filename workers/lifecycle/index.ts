export { backoffMs } from "./backoff";
export { createControllerClient } from "./controller-client";
export { Lifecycle } from "./lifecycle";
