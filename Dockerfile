# Targets: `production` (the default) and `sandbox` (development, with the emulated providers; docker-compose.yml uses it).

# A tag can move, a digest cannot: docs/deployment.md has the command that looks the digest up.
ARG NODE_IMAGE=node:24-slim

FROM ${NODE_IMAGE} AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./

FROM packages AS build
RUN npm ci
COPY build build
COPY src src
COPY views views
# Whatever the modes were where it was checked out: the server's user may read.
RUN npm run build && chmod -R a+rX dist views

FROM build AS production-build
RUN rm -r dist/sandbox

FROM packages AS production-packages
RUN npm ci --omit=dev

FROM ${NODE_IMAGE} AS runtime
LABEL org.opencontainers.image.title="Gatehouse" \
      org.opencontainers.image.description="Keeps the OAuth tokens, the browser keeps a cookie" \
      org.opencontainers.image.licenses="MIT"
WORKDIR /app
# Owned by root: the server writes to no file, so the root file system may be read-only.
COPY --from=production-packages /app/package.json ./
COPY --from=production-packages /app/node_modules node_modules
COPY --from=build /app/views views
ENV HOST=0.0.0.0 METRICS_HOST=0.0.0.0
# A process waits at its end for names that are still looked up: by default some 10 s each where the name server is silent.
ENV RES_OPTIONS="timeout:1 attempts:2"
EXPOSE 3000
USER node
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 3000}/healthz`, { signal: AbortSignal.timeout(4000) }).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "dist/main.js"]

FROM runtime AS sandbox
ENV NODE_ENV=development
EXPOSE 3100
COPY --from=build /app/dist dist

FROM runtime AS production
ENV NODE_ENV=production
COPY --from=production-build /app/dist dist
