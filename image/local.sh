#!/usr/bin/env bash
# Builds the image where neither a docker daemon nor an image registry can be reached: buildah runs the Dockerfile
# as it is, only its two bases are made here, out of Debian's packages and this machine's Rust toolchain.
# Needs root, buildah, debootstrap. Leaves the image's files in target/image/rootfs and what it
# declares in target/image/image.json, where `make image-try` finds them.
set -euo pipefail
cd "$(dirname "$0")/.."
export STORAGE_DRIVER=vfs BUILDAH_ISOLATION=chroot
out=target/image
mkdir -p "$out"
debian=localhost/lead-router-debian rust=localhost/lead-router-rust

if ! buildah inspect --type image "$debian" >/dev/null 2>&1; then
  bootstrap=$(mktemp -d)
  debootstrap --variant=minbase --include=ca-certificates bookworm "$bootstrap" http://deb.debian.org/debian
  base=$(buildah from scratch)
  buildah add -q "$base" "$bootstrap" / >/dev/null
  buildah commit -q "$base" "$debian" >/dev/null
  buildah rm "$base" >/dev/null
  rm -rf "$bootstrap"
fi
if ! buildah inspect --type image "$rust" >/dev/null 2>&1; then
  base=$(buildah from "$debian")
  buildah run "$base" -- sh -c 'apt-get update -qq && apt-get install -y -qq --no-install-recommends gcc libc6-dev >/dev/null'
  buildah config --env CARGO_HOME=/usr/local/cargo --env CARGO_HTTP_CAINFO=/usr/local/lent/ca.crt \
    --env PATH=/usr/local/cargo/bin:/usr/local/rust/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$base"
  buildah commit -q "$base" "$rust" >/dev/null
  buildah rm "$base" >/dev/null
fi

# The toolchain is lent to the build, not copied; so are the authorities this machine trusts (a proxy's among them),
# which do not get into the image.
buildah bud --format docker --pull-never --layers \
  --build-arg RUST="$rust" --build-arg DEBIAN="$debian" \
  --build-arg REVISION="$(git rev-parse HEAD 2>/dev/null || echo unknown)" \
  --volume "$(rustc --print sysroot):/usr/local/rust:ro" \
  --volume /etc/ssl/certs/ca-certificates.crt:/usr/local/lent/ca.crt:ro \
  --tag lead-router .

built=$(buildah from --pull-never lead-router)
trap 'buildah rm "$built" >/dev/null' EXIT
rm -rf "$out/rootfs"
cp -a "$(buildah mount "$built")" "$out/rootfs"
buildah inspect --type image lead-router > "$out/image.json"
echo "image lead-router: $(du -sm --apparent-size "$out/rootfs" | cut -f1) MB, the program $(du -m --apparent-size "$out/rootfs/usr/local/bin/lead-router" | cut -f1) MB"
