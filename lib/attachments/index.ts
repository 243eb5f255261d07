export { checkImages } from "./check-images";
export { imagesInclude, newImageLinks, toImageViews } from "./image-links";
export { purgeAttachments } from "./purge-attachments";
export { readImages } from "./read-images";
export { attachmentRoutes } from "./routes";
export { type IllustratedMessage, withImages } from "./with-images";
