import { chmod, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { newToken } from './secrets.ts'

const FILE = 'auth-secret'

/**
 * The secret that signs sessions and cursors: from the setting, or generated once into the data folder, which must
 * exist and belong to this process alone.
 */
export async function readAuthSecret(env: { AUTH_SECRET?: string; DATA_DIR: string }): Promise<string> {
  if (env.AUTH_SECRET) return env.AUTH_SECRET
  const file = join(env.DATA_DIR, FILE)
  return (await readExisting(file)) ?? generate(file)
}

async function readExisting(file: string): Promise<string | undefined> {
  try {
    return (await readFile(file, 'utf8')).trim() || undefined
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Through another name, so that a crash leaves no half-written secret. */
async function generate(file: string): Promise<string> {
  const secret = newToken()
  const draft = `${file}.draft`
  await writeFile(draft, `${secret}\n`, { mode: 0o600 })
  await chmod(draft, 0o600)
  await rename(draft, file)
  return secret
}
