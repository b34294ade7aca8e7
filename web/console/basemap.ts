// What lies under the areas, when an installation has it: an address of raster tiles, or a PMTiles file of its own.
import { addProtocol, type LayerSpecification, type Map as LibreMap } from "maplibre-gl";
import type { Source } from "pmtiles";
import { FONTS } from "./map-style";

type Facts = DOMStringMap;

export async function addBasemap(map: LibreMap, facts: Facts): Promise<void> {
  if (facts.basemapUrl) addRaster(map, { tiles: [absolute(facts.basemapUrl)] });
  else if (facts.basemapFile) await addFile(map, absolute(facts.basemapFile));
}

function absolute(address: string): string {
  return address.startsWith("/") ? location.origin + address : address;
}

function addRaster(map: LibreMap, where: { tiles: string[] } | { url: string }, maxzoom = 18): void {
  map.addSource("basemap", { type: "raster", tileSize: 256, maxzoom, ...where });
  // Paler than it is, so that what it lies under is read first.
  map.addLayer({
    id: "basemap",
    type: "raster",
    source: "basemap",
    paint: { "raster-saturation": -0.35, "raster-opacity": 0.85, "raster-fade-duration": 0 },
  });
}

/** A PMTiles file, at an address or from wherever its bytes are. */
export async function addFile(map: LibreMap, from: string | Source): Promise<void> {
  const { PMTiles, Protocol, TileType } = await import("pmtiles");
  const protocol = new Protocol();
  const file = new PMTiles(from);
  protocol.add(file);
  addProtocol("pmtiles", protocol.tile);
  const header = await file.getHeader();
  const url = `pmtiles://${typeof from === "string" ? from : from.getKey()}`;
  if (header.tileType !== TileType.Mvt) return addRaster(map, { url }, header.maxZoom);
  map.addSource("basemap", { type: "vector", url });
  const { vector_layers: told } = (await file.getMetadata()) as { vector_layers?: { id: string }[] };
  for (const { id } of told ?? []) for (const layer of drawn(id)) map.addLayer(layer);
}

// By the names that the two usual schemas give their layers; what is unknown is left out.
function drawn(id: string): LayerSpecification[] {
  const of = { source: "basemap", "source-layer": id } as const;
  const fill = (colour: string): LayerSpecification[] => [
    {
      ...of,
      id: `basemap-${id}`,
      type: "fill",
      filter: ["==", ["geometry-type"], "Polygon"],
      paint: { "fill-color": colour },
    },
  ];
  const line = (colour: string, width: number): LayerSpecification[] => [
    {
      ...of,
      id: `basemap-${id}-line`,
      type: "line",
      filter: ["==", ["geometry-type"], "LineString"],
      paint: {
        "line-color": colour,
        "line-width": ["interpolate", ["linear"], ["zoom"], 8, width / 3, 16, width * 3],
      },
    },
  ];
  switch (id) {
    case "earth":
      return fill("#f4f6f3");
    case "landcover":
    case "landuse":
    case "park":
      return fill("#e6eee2");
    case "water":
      return [...fill("#cfe0ea"), ...line("#cfe0ea", 1.5)];
    case "waterway":
    case "physical_line":
      return line("#cfe0ea", 1.5);
    case "roads":
    case "transportation":
      return line("#fff", 2.2);
    case "buildings":
    case "building":
      return fill("#e3e0da");
    case "places":
    case "place":
      return [
        {
          ...of,
          id: `basemap-${id}`,
          type: "symbol",
          layout: {
            "text-field": ["coalesce", ["get", "name:zh-Hans"], ["get", "name:zh"], ["get", "name"]],
            "text-font": FONTS,
            "text-size": 12,
          },
          paint: { "text-color": "#6b7672", "text-halo-color": "#fff", "text-halo-width": 1.2 },
        },
      ];
    default:
      return [];
  }
}
