#!/bin/sh
# build-deb.sh BUILD_FOLDER: one Debian package of what is built there, in BUILD_FOLDER/.
set -eu
build=$1
here=$(dirname "$0")
version=$(sed -n "s/^  version: '\(.*\)',/\1/p" "$here/../meson.build")
arch=$(dpkg --print-architecture)
root=$build/deb
rm -rf "$root" "$build"/gridtill_*.deb
mkdir -p "$root/DEBIAN" "$root/usr/bin" "$root/usr/share/gridtill/models" "$root/etc/gridtill" \
    "$root/lib/systemd/system" "$root/usr/share/doc/gridtill"
for program in gridtill gridtill-concentrator gridtill-sim; do
    install -m 755 -s "$build/src/prog/$program" "$root/usr/bin/"
done
install -m 644 "$here"/../models/*.map "$root/usr/share/gridtill/models/"
install -m 644 "$here/station.ini" "$root/etc/gridtill/"
install -m 644 "$here/gridtill.service" "$here/gridtill-concentrator@.service" \
    "$root/lib/systemd/system/"
install -m 644 "$here/../LICENSE" "$root/usr/share/doc/gridtill/copyright"
install -m 644 "$here"/../docs/*.md "$root/usr/share/doc/gridtill/"
install -m 755 "$here/postinst" "$root/DEBIAN/"
echo /etc/gridtill/station.ini >"$root/DEBIAN/conffiles"
cat >"$root/DEBIAN/control" <<CONTROL
Package: gridtill
Version: $version
Architecture: $arch
Maintainer: GridTill engineers <engineers@gridtill.invalid>
Section: utils
Priority: optional
Depends: libc6, libuv1, libmicrohttpd12, libjansson4, libinih1, libsqlite3-0, libpq5, libssl3, libargon2-1, passwd
Description: prepaid metering: station, concentrator, simulator
 Reads meters remotely, sells energy before it is used, switches supply safely
 and accounts for every kWh and every fen.
CONTROL
dpkg-deb --root-owner-group --build "$root" "$build/gridtill_${version}_$arch.deb"
