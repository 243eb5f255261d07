export type {
  AccountedRequest,
  ApiCaller,
  ApiEndpoint,
  Authentication,
  RequestAccounting,
  RequestResult,
  Ticket,
} from "./accounting-types";
export { createVisitorCookies, type VisitorCookies } from "./visitor-cookie";
