export { keepCheckingConsents } from "./check-consents";
export type { PublicationDeps } from "./deps";
export { listAllShares, type OperatorShare } from "./list-shares";
export { publicationService } from "./publication-service";
export { recordPrivacyNotice } from "./record-notice";
export { publicationRoutes } from "./routes";
export { publishable } from "./screen-content";
export { unpublishAsOperator } from "./unpublish";
export { withdrawTexts } from "./withdraw-texts";
