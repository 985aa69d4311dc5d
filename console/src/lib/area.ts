/** A rectangle on the map, in degrees. */
export interface Area {
  west: number
  south: number
  east: number
  north: number
}

interface Polygon {
  type?: string | null
  coordinates: number[][][]
}

/** The rectangle as the API takes it. */
export function polygonOf({ west, south, east, north }: Area) {
  const ring = [
    [west, south],
    [east, south],
    [east, north],
    [west, north],
    [west, south],
  ]
  return { type: 'Polygon', coordinates: [ring] }
}

/** The rectangle around a polygon; null without one. */
export function areaOf(polygon: Polygon | null | undefined): Area | null {
  const positions = polygon?.coordinates.flat() ?? []
  if (positions.length === 0) return null
  const longitudes = positions.map(([longitude = 0]) => longitude)
  const latitudes = positions.map(([, latitude = 0]) => latitude)
  return {
    west: Math.min(...longitudes),
    east: Math.max(...longitudes),
    south: Math.min(...latitudes),
    north: Math.max(...latitudes),
  }
}

const tenth = (degrees: number) => Math.round(degrees * 10) / 10
const within = (value: number, most: number) => Math.max(-most, Math.min(most, value))

/** The rectangle between two corners that were drawn. */
export function areaBetween(one: readonly [number, number], other: readonly [number, number]): Area {
  const [x1, x2] = [within(one[0], 180), within(other[0], 180)]
  const [y1, y2] = [within(one[1], 90), within(other[1], 90)]
  return {
    west: tenth(Math.min(x1, x2)),
    east: tenth(Math.max(x1, x2)),
    south: tenth(Math.min(y1, y2)),
    north: tenth(Math.max(y1, y2)),
  }
}
