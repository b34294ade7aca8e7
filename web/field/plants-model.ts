// The installation's model of plant pictures, run on the phone. This file brings onnxruntime with it and is read only where there
// is a model.

import runtime from "onnxruntime-web/ort-wasm-simd-threaded.wasm?url";
import { env, InferenceSession, Tensor } from "onnxruntime-web/wasm";
import { type Card, chancesOf, middleOf, numbersOf } from "./engine/plants.ts";

/** What must lie on the phone to run a model without a signal. */
export const PARTS = [new URL(import.meta.url).pathname, runtime];

env.wasm.numThreads = 1;
env.wasm.wasmPaths = { wasm: runtime };
env.logLevel = "error";

let loaded: { sha256: string; session: InferenceSession } | null = null;

/** How likely each of the card's labels is. */
export async function scoresOf(
  model: () => Promise<ArrayBuffer>,
  card: Card,
  photo: Blob,
): Promise<number[]> {
  if (loaded?.sha256 !== card.sha256) {
    await loaded?.session.release();
    loaded = { sha256: card.sha256, session: await InferenceSession.create(await model()) };
  }
  const { session } = loaded;
  const numbers = numbersOf(await pixelsOf(photo, card), card);
  const shape = card.layout === "NCHW" ? [1, 3, card.height, card.width] : [1, card.height, card.width, 3];
  const [entry = "", exit = ""] = [session.inputNames[0], session.outputNames[0]];
  const said = await session.run({ [entry]: new Tensor("float32", numbers, shape) });
  return chancesOf((await said[exit]?.getData()) as Float32Array, card);
}

async function pixelsOf(photo: Blob, card: Card): Promise<Uint8ClampedArray> {
  const picture = await createImageBitmap(photo, { imageOrientation: "from-image" });
  try {
    const { x, y, width, height } = middleOf(picture.width, picture.height, card);
    const canvas = Object.assign(document.createElement("canvas"), {
      width: card.width,
      height: card.height,
    });
    const sheet = canvas.getContext("2d", { willReadFrequently: true });
    if (!sheet) throw new Error("no canvas");
    sheet.imageSmoothingQuality = "high";
    sheet.drawImage(picture, x, y, width, height, 0, 0, card.width, card.height);
    return sheet.getImageData(0, 0, card.width, card.height).data;
  } finally {
    picture.close();
  }
}
