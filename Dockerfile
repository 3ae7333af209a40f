# One image for every part: `docker run … auto-registry processor`, `… api`, `… migrate`.
FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --no-fund --no-audit
COPY . .
RUN node bin/auto-registry.js build \
 && npm prune --omit=dev --no-fund --no-audit

FROM node:24-slim
WORKDIR /app
ENV NODE_ENV=production DATA_DIR=/data
# Sources stay behind: without them the command runs what was built and builds nothing.
COPY --from=build /app/package.json /app/LICENSE /app/NOTICE /app/
COPY --from=build /app/LICENSES /app/LICENSES
COPY --from=build /app/bin /app/bin
COPY --from=build /app/lib /app/lib
COPY --from=build /app/dist /app/dist
COPY --from=build /app/db /app/db
COPY --from=build /app/chains /app/chains
COPY --from=build /app/node_modules /app/node_modules
RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 4350
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.PORT || 4350) + '/healthz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "bin/auto-registry.js"]
CMD ["api"]
