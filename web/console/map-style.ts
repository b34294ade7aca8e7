// How areas look. Text is drawn from the machine's own fonts, so that no server of letters is needed.
import type { LayerSpecification, StyleSpecification } from "maplibre-gl";

export const FONTS = [
  "system-ui",
  "PingFang SC",
  "Hiragino Sans GB",
  "Microsoft YaHei",
  "Noto Sans CJK SC",
  "Noto Sans SC",
  "sans-serif",
];

type Facts = DOMStringMap;

// From the ground up, with the width of the line and the size of the name.
const LEVELS: [level: string, colour: string, width: number, size: number][] = [
  ["grid", "#9aa8a0", 0.7, 12],
  ["community", "#7f8f87", 1, 12],
  ["township", "#66776e", 1.6, 13],
  ["county", "#4a5b52", 2.2, 14],
  ["city", "#35463d", 2.6, 15],
  ["province", "#35463d", 2.6, 15],
  ["nation", "#35463d", 2.6, 15],
];

export function styleOf(facts: Facts): StyleSpecification {
  return {
    version: 8,
    sources: facts.areas
      ? {
          areas: {
            type: "vector",
            tiles: [location.origin + facts.areas],
            maxzoom: 14,
          },
        }
      : {},
    layers: [{ id: "ground", type: "background", paint: { "background-color": "#f4f6f3" } }],
  };
}

// `data-zooms` tells from which zoom on the server draws a level: "grid:10 community:9 …".
export function areaLayers(facts: Facts): LayerSpecification[] {
  if (!facts.areas) return [];
  const zooms = new Map(
    (facts.zooms ?? "").split(" ").map((told) => {
      const [level = "", zoom = ""] = told.split(":");
      return [level, Number(zoom)] as const;
    }),
  );
  const levels = LEVELS.filter(([level]) => zooms.has(level));
  const area = { source: "areas", "source-layer": "areas" } as const;
  const lines = levels.map(
    ([level, colour, width]): LayerSpecification => ({
      ...area,
      id: `line-${level}`,
      type: "line",
      metadata: { level },
      minzoom: Math.max(0, (zooms.get(level) ?? 0) - 0.01),
      filter: ["==", ["get", "level"], level],
      paint: { "line-color": colour, "line-width": width },
    }),
  );
  const names = levels.map(([level, , , size], nth): LayerSpecification => {
    const below = levels[nth - 1]?.[0];
    const last = below === undefined ? undefined : (zooms.get(below) ?? 0) + 4;
    return {
      id: `name-${level}`,
      type: "symbol",
      source: "areas",
      "source-layer": "names",
      metadata: { level },
      minzoom: Math.max(0, (zooms.get(level) ?? 0) + (level === "grid" ? 4 : 2)),
      ...(last === undefined ? {} : { maxzoom: Math.min(24, Math.max(last, (zooms.get(level) ?? 0) + 3)) }),
      filter: ["==", ["get", "level"], level],
      layout: {
        "text-field": ["get", "name"],
        "text-font": FONTS,
        "text-size": size,
        "text-max-width": 8,
        "text-padding": 6,
      },
      paint: { "text-color": "#3b4841", "text-halo-color": "#fff", "text-halo-width": 1.4 },
    };
  });
  return [
    {
      ...area,
      id: "own-surface",
      type: "fill",
      filter: ["==", ["get", "code"], ""],
      paint: { "fill-color": "#0a5a83", "fill-opacity": 0.07, "fill-antialias": false },
    },
    ...lines,
    {
      ...area,
      id: "own-line",
      type: "line",
      filter: ["==", ["get", "code"], ""],
      paint: { "line-color": "#0a5a83", "line-width": 3 },
    },
    ...names.reverse(),
  ];
}
