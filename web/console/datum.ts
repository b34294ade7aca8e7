// WGS 84 to GCJ-02 and back, as base/coordinates.py does it: maps drawn on shifted tiles show our points shifted as well.
export type Place = [lon: number, lat: number];

const AXIS = 6_378_245;
const SQUARED = 0.006693421622965943;

function waves(at: number, lengths: [number, number][]): number {
  return lengths.reduce((sum, [metres, length]) => sum + metres * Math.sin((Math.PI * at) / length), 0);
}

export function toGcj02([lon, lat]: Place): Place {
  if (lon < 72.004 || lon > 137.8347 || lat < 0.8293 || lat > 55.8271) return [lon, lat];
  const x = lon - 105;
  const y = lat - 35;
  const root = Math.sqrt(Math.abs(x));
  const ripple = 20 * (Math.sin(6 * Math.PI * x) + Math.sin(2 * Math.PI * x));
  const east =
    300 +
    x +
    2 * y +
    0.1 * x * x +
    0.1 * x * y +
    0.1 * root +
    (2 / 3) *
      (ripple +
        waves(x, [
          [20, 1],
          [40, 3],
          [150, 12],
          [300, 30],
        ]));
  const north =
    -100 +
    2 * x +
    3 * y +
    0.2 * y * y +
    0.1 * x * y +
    0.2 * root +
    (2 / 3) *
      (ripple +
        waves(y, [
          [20, 1],
          [40, 3],
          [160, 12],
          [320, 30],
        ]));
  const phi = (lat * Math.PI) / 180;
  const squash = 1 - SQUARED * Math.sin(phi) ** 2;
  const degrees = 180 / Math.PI;
  return [
    lon + (degrees * east * Math.sqrt(squash)) / (AXIS * Math.cos(phi)),
    lat + (degrees * north * squash ** 1.5) / (AXIS * (1 - SQUARED)),
  ];
}

export function fromGcj02(place: Place): Place {
  let [lon, lat] = place;
  for (let step = 0; step < 8; step += 1) {
    const [there, up] = toGcj02([lon, lat]);
    lon += place[0] - there;
    lat += place[1] - up;
  }
  return [lon, lat];
}
