import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'

/** Builds the console into dist/console, which the service serves: see src/http/console.ts. */
export default defineConfig({
  // Every address is relative to the `base` of the page, which the service knows.
  base: './',
  esbuild: { jsx: 'automatic' },
  build: {
    outDir: fileURLToPath(new URL('../dist/console', import.meta.url)),
    emptyOutDir: true,
    target: 'es2022',
    // No data: and no inline anything: the page has a strict content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1200,
    rollupOptions: {
      onwarn: (warning, warn) => {
        // "use client" says something to servers that render React; there is none here.
        if (warning.code !== 'MODULE_LEVEL_DIRECTIVE') warn(warning)
      },
    },
  },
})
