import { callApi } from "@/app/_data/call-api";
import { type ImageView, imageViewSchema } from "@/lib/protocol";
import { prepareImage } from "./prepare-image";

/** Scales an image down and sends it; fetched with the first image. Errors: `unsupported_image`, those of `callApi`. */
export async function uploadImage(file: Blob): Promise<ImageView> {
  const body = await prepareImage(file);
  return await callApi("/api/attachments", imageViewSchema, { method: "POST", body });
}
