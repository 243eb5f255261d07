export { readIndentedCommands } from "./runnable-blocks";
