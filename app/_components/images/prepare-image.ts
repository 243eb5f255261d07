import { ApiError } from "@/app/_data/api-error";
import { type ImageType, imageLimits, imageTypes } from "@/lib/protocol";

/** A PNG above this becomes a JPEG: screenshots stay sharp, photographs do not fill the line. */
const largestPng = 1024 * 1024;
const jpegQuality = 0.86;

/**
 * The image as it is uploaded: turned upright, scaled down to what models look at, and drawn anew, so that nothing but its
 * pixels is left. A WebP becomes a JPEG, because not every engine reads WebP. Errors: `unsupported_image`.
 */
export async function prepareImage(file: Blob): Promise<Blob> {
  if (!imageTypes.includes(file.type as ImageType)) throw new ApiError("unsupported_image");
  const bitmap = await decode(file);
  try {
    const scale = Math.min(1, imageLimits.sentSide / Math.max(bitmap.width, bitmap.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(bitmap.width * scale));
    canvas.height = Math.max(1, Math.round(bitmap.height * scale));
    if (file.type === "image/png") {
      draw(canvas, bitmap, null);
      const blob = await encode(canvas, "image/png");
      if (blob.size <= largestPng) return blob;
    }
    draw(canvas, bitmap, "#fff");
    return await encode(canvas, "image/jpeg");
  } finally {
    bitmap.close();
  }
}

async function decode(file: Blob): Promise<ImageBitmap> {
  try {
    return await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch (error) {
    throw new ApiError("unsupported_image", {}, error);
  }
}

/** @param ground what shows where the image lets through; null: nothing */
function draw(canvas: HTMLCanvasElement, bitmap: ImageBitmap, ground: string | null): void {
  const context = canvas.getContext("2d");
  if (context === null) throw new ApiError("unsupported_image");
  context.clearRect(0, 0, canvas.width, canvas.height);
  if (ground !== null) {
    context.fillStyle = ground;
    context.fillRect(0, 0, canvas.width, canvas.height);
  }
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
}

function encode(canvas: HTMLCanvasElement, type: ImageType): Promise<Blob> {
  return new Promise((resolve, reject) => {
    canvas.toBlob(
      (blob) => (blob === null ? reject(new ApiError("unsupported_image")) : resolve(blob)),
      type,
      jpegQuality,
    );
  });
}
