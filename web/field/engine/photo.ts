// How small a photo becomes before it is kept: first fewer pixels, then less fine, until it fits.
export const MOST_BYTES = 300_000;

export interface Attempt {
  width: number;
  height: number;
  quality: number;
}

const EDGES: [edge: number, quality: number][] = [
  [1600, 0.75],
  [1600, 0.6],
  [1280, 0.6],
  [1024, 0.55],
  [800, 0.5],
  [640, 0.4],
];

/** What to try, one after another, until the file is at most MOST_BYTES. Never larger than the photo is. */
export function attempts(width: number, height: number): Attempt[] {
  const long = Math.max(width, height, 1);
  return EDGES.map(([edge, quality]) => {
    const scale = Math.min(1, edge / long);
    return {
      width: Math.max(1, Math.round(width * scale)),
      height: Math.max(1, Math.round(height * scale)),
      quality,
    };
  });
}
