/** What prisma.config.ts names when DATABASE_URL is not set: our engine reads it as "the server of DATA_DIR". */
export const EMBEDDED_URL = 'postgresql://embedded.invalid/atrium'
