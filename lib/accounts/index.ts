export { createVisitorCookies, type VisitorCookies } from "./visitor-cookie";
