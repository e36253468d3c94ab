# The service as an image: one binary on a small base, run by a user of its own.
#   docker build -t lead-router .
#   docker run --rm -p 8080:8080 -v ./config:/etc/lead-router:ro -v lead-router-data:/data lead-router

FROM rust:1.95-slim-bookworm AS build
WORKDIR /src
# .dockerignore lets in only what the build needs: sources, lock file, presets, schemas.
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --release --locked --bin lead-router \
    && cp target/release/lead-router /lead-router

FROM debian:bookworm-slim
# Certificates: destinations are reached by https, and their roots are the platform's.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 10001 lead-router \
    && useradd --uid 10001 --gid 10001 --home-dir /data --no-create-home --shell /usr/sbin/nologin lead-router \
    && install -d -o 10001 -g 10001 -m 0700 /data \
    && install -d -o 10001 -g 10001 -m 0700 /run/lead-router
COPY --from=build /lead-router /usr/local/bin/lead-router

USER 10001:10001
WORKDIR /data
ENV LEAD_ROUTER_CONFIG=/etc/lead-router \
    LEAD_ROUTER_STORE=embedded:/data/store \
    LEAD_ROUTER_RUNTIME_FILE=/run/lead-router/runtime.json
VOLUME /data
# 8080 takes inquiries. 8081 is for people and programs with keys: never publish it to the internet.
EXPOSE 8080 8081
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s --retries=3 \
    CMD ["lead-router", "healthcheck", "--url", "http://127.0.0.1:8081"]
ENTRYPOINT ["lead-router"]
CMD ["serve", "--public", "0.0.0.0:8080", "--private", "0.0.0.0:8081"]
