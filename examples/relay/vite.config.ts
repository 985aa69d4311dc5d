import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import relay from 'vite-plugin-relay'

export default defineConfig({
  plugins: [relay, react()],
  server: { proxy: { '/graphql': process.env.ATRIUM_URL ?? 'http://127.0.0.1:4000' } },
})
