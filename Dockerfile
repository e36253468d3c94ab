# The service as an image: one binary, the libraries it links and the roots of TLS; no shell, no package manager.
#   make image                       docker, podman or buildah, whichever is there
#   make image-local                 where no image registry can be reached: bases out of Debian's packages
#   docker run --rm -p 8080:8080 -v ./config:/etc/lead-router:ro -v lead-router-data:/data lead-router

ARG RUST=rust:1.95-slim-bookworm
ARG DEBIAN=debian:bookworm-slim

# The manifest with sources that stand for ours: all that dependencies depend on.
FROM ${RUST} AS manifest
WORKDIR /src
COPY Cargo.toml Cargo.lock ./
RUN mkdir -p src benches/throughput \
    && echo 'fn main() {}' > src/main.rs \
    && cp src/main.rs benches/throughput/main.rs \
    && touch src/lib.rs

# What is inside, as CycloneDX. `make sbom` makes the same file outside.
FROM ${RUST} AS sbom
RUN --mount=type=cache,target=/usr/local/cargo/registry,sharing=locked \
    cargo install --locked cargo-cyclonedx@0.5.9
COPY --from=manifest /src /src
COPY image/sbom.sh /src/image/
RUN --mount=type=cache,target=/usr/local/cargo/registry,sharing=locked \
    /src/image/sbom.sh /lead-router.cdx.json

FROM manifest AS build
# The dependencies alone, so that a change of ours builds only ours.
RUN --mount=type=cache,target=/usr/local/cargo/registry,sharing=locked \
    cargo build --profile dist --locked --bin lead-router
COPY build.rs askama.toml ./
COPY config config
COPY schemas schemas
COPY benches benches
COPY src src
RUN --mount=type=cache,target=/usr/local/cargo/registry,sharing=locked \
    touch src/lib.rs src/main.rs \
    && cargo build --profile dist --locked --bin lead-router \
    && cp target/dist/lead-router /lead-router

# The tree of the image: the program, what the loader says it needs, and the notes of the packages those are
# from, where scanners look for them.
FROM ${DEBIAN} AS tree
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/*
COPY --from=build /lead-router /tree/usr/local/bin/lead-router
COPY --from=sbom /lead-router.cdx.json /tree/usr/share/sbom/lead-router.cdx.json
COPY image/tree.sh /
RUN sh /tree.sh

FROM scratch
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="lead-router" \
      org.opencontainers.image.description="Takes inquiries, decides what each is worth, hands leads over; loses none" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=tree /tree /
# The only two places that may be written.
COPY --from=tree --chown=10001:10001 /own/data /data
COPY --from=tree --chown=10001:10001 /own/run /run/lead-router

USER 10001:10001
WORKDIR /data
ENV PATH=/usr/local/bin \
    LEAD_ROUTER_CONFIG=/etc/lead-router \
    LEAD_ROUTER_STORE=embedded:/data/store \
    LEAD_ROUTER_RUNTIME_FILE=/run/lead-router/runtime.json
VOLUME /data
# 8080 takes inquiries. 8081 is for people and programs with keys: never publish it to the internet.
EXPOSE 8080 8081
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s --retries=3 \
    CMD ["lead-router", "healthcheck", "--url", "http://127.0.0.1:8081"]
ENTRYPOINT ["lead-router"]
CMD ["serve", "--public", "0.0.0.0:8080", "--private", "0.0.0.0:8081"]
