import { DateTimeResolver, JSONResolver } from 'graphql-scalars'
import { builder } from './builder.ts'

builder.addScalarType('DateTime', DateTimeResolver, {
  description: 'An instant after RFC 3339, answered in UTC with milliseconds: `2026-11-22T06:30:00.000Z`.',
})

builder.addScalarType('JSON', JSONResolver, {
  description: 'Any JSON value. Where an object is wanted, the field says so.',
})
