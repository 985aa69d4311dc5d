import { z } from 'zod'
import { CONTROL_IN_TEXT, descriptionField, labelField, nameField } from '../../platform/validation.ts'
import { boundingBoxField } from './bounding-box.ts'

/** At most 20 labels; a repeated one counts once, in its first place (W7). */
const labelsField = z
  .array(labelField())
  .transform((labels) => [...new Set(labels)])
  .refine((labels) => labels.length <= 20, 'A workspace can have at most 20 labels.')

/** An EPSG code or well-known text (W9). */
const coordinateSystemField = z
  .string()
  .trim()
  .max(4000, 'A coordinate system can have at most 4000 characters.')
  .refine((text) => !CONTROL_IN_TEXT.test(text), "A coordinate system can't contain control characters.")
  .regex(
    /^EPSG:\d{4,6}$|^(GEOGCS|PROJCS|GEOCCS|GEOGCRS|GEODCRS|PROJCRS|VERTCS|VERTCRS|COMPD_CS|COMPOUNDCRS|LOCAL_CS|ENGCRS|BOUNDCRS)\s*\[[\s\S]*\]$/i,
    'A coordinate system is an EPSG code like "EPSG:4326", or well-known text.',
  )

/** What people set on a workspace. In a patch an absent field stays as it is, and null clears it where it may be null (O9). */
export const workspaceFields = z.object({
  name: nameField(),
  description: descriptionField(),
  labels: labelsField,
  boundingBox: boundingBoxField.nullable(),
  defaultCoordinateSystem: coordinateSystemField.nullable(),
})
