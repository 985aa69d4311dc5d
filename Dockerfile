# The production image. Settings: see README; DATABASE_URL and AUTH_SECRET, or a volume on /data for the embedded server.
FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY scripts/stubs scripts/stubs
COPY client/package.json client/
COPY console/package.json console/
RUN npm ci --include=dev
COPY . .
RUN node scripts/build.mjs

FROM node:24-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=4000 DATA_DIR=/data
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY scripts/stubs scripts/stubs
COPY client/package.json client/
COPY console/package.json console/
RUN npm ci --omit=dev && npm cache clean --force
COPY --from=build /app/dist dist
COPY prisma/migrations prisma/migrations
RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 4000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health/ready`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# No npm in between: the process gets its signals itself.
CMD ["node", "--enable-source-maps", "dist/main.js"]
