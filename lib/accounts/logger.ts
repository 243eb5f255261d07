/** The part of a pino logger that the accounts write to. */
export type AccountsLogger = {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
};
