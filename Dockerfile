# docker build -t source-stripe .
#
# BASE is any image with Node >= 20, npm and sh. Behind a mirror of the npm registry:
#   docker build --build-arg NPM_CONFIG_REGISTRY=<url> -t source-stripe .
ARG BASE=node:26-bookworm-slim

FROM ${BASE} AS build
ARG NPM_CONFIG_REGISTRY
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
# Readable by any uid, whatever umask the sources were checked out with.
RUN npm run build \
 && npm prune --omit=dev --ignore-scripts --no-audit --no-fund \
 && mkdir /app \
 && cp -R dist schemas node_modules package.json LICENSE /app/ \
 && chmod -R u=rwX,go=rX /app

FROM ${BASE}
# Orchestrators expect a user `airbyte` with uid 1000; the base calls it `node`. Nothing needs this or any name: the code
# is root's and only read, so every uid and a read-only root file system will do.
RUN sed -i 's/^node:/airbyte:/' /etc/passwd /etc/group /etc/shadow \
 && mkdir -p /airbyte/integration_code \
 && chown 1000:1000 /airbyte
WORKDIR /airbyte/integration_code
COPY --from=build /app ./

# Node sizes its heap by the container's memory limit, so NODE_OPTIONS is left to whoever runs the image.
# Airbyte and Jitsu ignore ENTRYPOINT and eval AIRBYTE_ENTRYPOINT from a directory of their own: absolute paths.
ENV AIRBYTE_ENTRYPOINT="/usr/local/bin/node /airbyte/integration_code/dist/main.js"
# Estuary then hands the state back as the array of messages that the protocol describes.
ENV AIRBYTE_TO_FLOW_STATE_FORMAT="per_stream"
# Node frees memory on other threads than took it; glibc then keeps pieces for each. Peaks are some 10 MB lower.
ENV MALLOC_ARENA_MAX="1"
LABEL io.airbyte.name="source-stripe" \
      io.airbyte.version="0.1.0" \
      org.opencontainers.image.title="source-stripe" \
      org.opencontainers.image.description="A Stripe source connector that speaks the Airbyte protocol: complete, lossless, resumable" \
      org.opencontainers.image.source="https://github.com/source-stripe/source-stripe" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="MIT"
# A number, so that Kubernetes can see that it is not root.
USER 1000:1000
ENTRYPOINT ["/usr/local/bin/node", "/airbyte/integration_code/dist/main.js"]
