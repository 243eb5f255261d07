export { type ControllerClient, createControllerClient } from "./controller-client";
export { Lifecycle, type LifecycleOptions } from "./lifecycle";
