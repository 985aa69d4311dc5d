import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto'

/** The SHA-256 of a token, in hex: what the database stores in its stead. */
export const hashToken = (token: string): string => createHash('sha256').update(token).digest('hex')

/** A new token of 256 random bits, URL-safe. */
export const newToken = (): string => randomBytes(32).toString('base64url')

/** Keys derived from AUTH_SECRET, one per purpose, so that what one part signs means nothing to another. */
export interface Secrets {
  authSecret: string
  /** An HMAC-SHA-256 in base64url. */
  sign(text: string): string
  verify(text: string, signature: string): boolean
  /** AES-256-GCM for values that have to be read again (integration secrets, links in queued mail). */
  seal(plain: string): string
  /** @throws {Error} if the text was not sealed with this secret */
  open(sealed: string): string
}

/** @param authSecret the setting AUTH_SECRET, at least 32 characters */
export function createSecrets(authSecret: string): Secrets {
  const derive = (purpose: string) => Buffer.from(hkdfSync('sha256', authSecret, '', `atrium:${purpose}`, 32))
  const signing = derive('sign')
  const sealing = derive('seal')
  const sign = (text: string) => createHmac('sha256', signing).update(text).digest('base64url')
  return {
    authSecret,
    sign,
    verify: (text, signature) => {
      const expected = Buffer.from(sign(text))
      const given = Buffer.from(signature)
      return expected.length === given.length && timingSafeEqual(expected, given)
    },
    seal: (plain) => {
      const nonce = randomBytes(12)
      const cipher = createCipheriv('aes-256-gcm', sealing, nonce)
      const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()])
      return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64url')
    },
    open: (sealed) => {
      const bytes = Buffer.from(sealed, 'base64url')
      const decipher = createDecipheriv('aes-256-gcm', sealing, bytes.subarray(0, 12))
      decipher.setAuthTag(bytes.subarray(12, 28))
      return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8')
    },
  }
}
