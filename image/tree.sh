#!/bin/sh
# Runs inside the Dockerfile: lays out the image's files in /tree, beside the program that is there already,
# and what its user owns in /own.
set -eu
program=/tree/usr/local/bin/lead-router
notes=/tree/var/lib/dpkg/status.d

mkdir -p /tree/usr/lib /tree/usr/lib64 /tree/etc/ssl/certs /tree/etc/lead-router /tree/dev /tree/proc /tree/run /tree/sys "$notes"
ln -s usr/lib /tree/lib
ln -s usr/lib64 /tree/lib64

# A package's note tells scanners its version; its copyright goes where it goes.
note() {
  dpkg --status "$1" > "$notes/$1"
  mkdir -p "/tree/usr/share/doc/$1"
  cp "/usr/share/doc/$1/copyright" "/tree/usr/share/doc/$1/"
}

for library in $(ldd "$program" | grep -o '/[^ ]*'); do
  cp --dereference --parents "$library" /tree
  owner=$(dpkg --search "$library" || dpkg --search "$(readlink -f "$library")")
  note "${owner%%:*}"
done

cp /etc/ssl/certs/ca-certificates.crt /tree/etc/ssl/certs/
note ca-certificates
cp --dereference /etc/os-release /tree/etc/
note base-files
echo 'hosts: files dns' > /tree/etc/nsswitch.conf
echo 'lead-router:x:10001:10001::/data:/nonexistent' > /tree/etc/passwd
echo 'lead-router:x:10001:' > /tree/etc/group

# The only two places that may be written: the data and the runtime file.
mkdir -p /own/run /own/data
chmod 0700 /own/run /own/data
