import { attempts, MOST_BYTES } from "../engine/photo.ts";

/** The photo redrawn as JPEG of at most MOST_BYTES: turned upright, and with nothing left that the camera wrote into it. */
export async function shrunk(file: Blob): Promise<ArrayBuffer> {
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  try {
    let last: Blob | null = null;
    for (const { width, height, quality } of attempts(picture.width, picture.height)) {
      last = await drawn(picture, width, height, quality);
      if (last.size <= MOST_BYTES) return await last.arrayBuffer();
    }
    if (!last) throw new Error("no picture");
    throw new Error("too large");
  } finally {
    picture.close();
  }
}

async function drawn(picture: ImageBitmap, width: number, height: number, quality: number): Promise<Blob> {
  if (typeof OffscreenCanvas === "function") {
    const canvas = new OffscreenCanvas(width, height);
    canvas.getContext("2d")?.drawImage(picture, 0, 0, width, height);
    return canvas.convertToBlob({ type: "image/jpeg", quality });
  }
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  canvas.getContext("2d")?.drawImage(picture, 0, 0, width, height);
  return new Promise((done, failed) =>
    canvas.toBlob((blob) => (blob ? done(blob) : failed(new Error("no picture"))), "image/jpeg", quality),
  );
}
