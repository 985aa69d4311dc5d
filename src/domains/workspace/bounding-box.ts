import { z } from 'zod'

/** A GeoJSON Polygon (RFC 7946, 3.1.6) in WGS 84: rings of [longitude, latitude]. */
export interface GeoJsonPolygon {
  type: 'Polygon'
  coordinates: number[][][]
}

/** A bounding box (W8): each ring closed, of four positions or more, within the earth. An issue names ring and position. */
export const boundingBoxField = z
  .object({
    type: z.literal('Polygon', 'A bounding box is a GeoJSON "Polygon".'),
    coordinates: z.array(z.array(z.array(z.number()))),
  })
  .superRefine(({ coordinates }, context) => {
    const refuse = (path: number[], message: string) =>
      context.addIssue({ code: 'custom', path: ['coordinates', ...path], message })
    if (coordinates.length === 0) refuse([], 'A polygon has at least one ring.')
    for (const [ring, positions] of coordinates.entries()) {
      for (const [index, position] of positions.entries()) {
        const problem = problemOf(position)
        if (problem) refuse([ring, index], `Ring ${ring}, position ${index}: ${problem}`)
      }
      if (positions.length < 4)
        refuse([ring], `Ring ${ring} has ${positions.length} positions; a ring has at least 4.`)
      else if (!isClosed(positions)) {
        refuse(
          [ring, positions.length - 1],
          `Ring ${ring}, position ${positions.length - 1}: a ring ends where it begins.`,
        )
      }
    }
  })

function problemOf(position: number[]): string | null {
  const [longitude, latitude] = position
  if (position.length !== 2 || longitude === undefined || latitude === undefined) {
    return 'a position is [longitude, latitude].'
  }
  if (Math.abs(longitude) > 180) return `longitude ${longitude} is not between -180 and 180.`
  if (Math.abs(latitude) > 90) return `latitude ${latitude} is not between -90 and 90.`
  return null
}

const isClosed = (positions: number[][]) => String(positions[0]) === String(positions.at(-1))
