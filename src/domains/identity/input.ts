import { z } from 'zod'

export const MIN_PASSWORD = 8
export const MAX_PASSWORD = 128

/** A password that somebody chooses. */
export const newPasswordField = () =>
  z
    .string()
    .min(MIN_PASSWORD, `A password has at least ${MIN_PASSWORD} characters.`)
    .max(MAX_PASSWORD, `A password has at most ${MAX_PASSWORD} characters.`)

/** The address of a picture. */
export const imageField = () =>
  z
    .url({
      protocol: /^https?$/,
      error: 'An image is the address of a picture, like https://example.com/ada.png.',
    })
    .max(2_000, 'The address of an image can have at most 2000 characters.')
