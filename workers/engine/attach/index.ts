export { AttachEngine } from "./attach-engine";
