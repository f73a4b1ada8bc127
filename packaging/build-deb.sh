#!/bin/sh
# build-deb.sh BUILD_FOLDER: Debian packages of what is built there, in BUILD_FOLDER/: gridtill (the
# programs), libgridtill-codec0 and libgridtill-codec-dev (the codecs for programs of others).
set -eu
build=$1
here=$(dirname "$0")
version=$(sed -n "s/^  version: '\(.*\)',/\1/p" "$here/../meson.build")
arch=$(dpkg --print-architecture)
root=$build/deb
rm -rf "$root" "$build"/*gridtill*.deb
mkdir -p "$root/DEBIAN" "$root/usr/bin" "$root/usr/share/gridtill/models" "$root/etc/gridtill" \
    "$root/lib/systemd/system" "$root/usr/share/doc/gridtill"
for program in gridtill gridtill-concentrator gridtill-sim; do
    install -m 755 -s "$build/src/prog/$program" "$root/usr/bin/"
done
install -m 644 "$here/receipt.template" "$root/usr/share/gridtill/"
install -m 755 "$here/../tools/verify-ledger" "$root/usr/bin/"
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
Depends: libc6, libuv1, libmicrohttpd12, libjansson4, libinih1, libsqlite3-0, libpq5, libssl3, libargon2-1, libpango-1.0-0,
 libpangocairo-1.0-0, libcairo2, libqrencode4, fonts-noto-cjk, passwd
Recommends: python3
Description: prepaid metering: station, concentrator, simulator
 Reads meters remotely, sells energy before it is used, switches supply safely
 and accounts for every kWh and every fen.
CONTROL
dpkg-deb --root-owner-group --build "$root" "$build/gridtill_${version}_$arch.deb"

# library_package NAME SECTION DEPENDS SUMMARY: of what lies in $root
library_package() {
    mkdir -p "$root/DEBIAN" "$root/usr/share/doc/$1"
    install -m 644 "$here/../LICENSE" "$root/usr/share/doc/$1/copyright"
    cat >"$root/DEBIAN/control" <<CONTROL
Package: $1
Version: $version
Architecture: $arch
Maintainer: GridTill engineers <engineers@gridtill.invalid>
Section: $2
Priority: optional
Depends: $3
Description: metering protocols in C, $4
 DL/T 645-1997 and -2007, CJ/T 188, M-Bus, Modbus, Q/GDW 1376.1 and 1376.2 and
 DL/T 698.45: decode, encode, frame a byte stream, name every byte.
CONTROL
    dpkg-deb --root-owner-group --build "$root" "$build/$1_${version}_$arch.deb"
}

staged=$build/codec-staged
rm -rf "$staged" "$root"
meson install -C "$build" --no-rebuild --quiet --tags codec,devel --destdir "$(realpath "$build")/codec-staged"
lib=$(cd "$staged" && find . -name 'libgridtill-codec.so.0' -printf '%h')
mkdir -p "$root/$lib"
cp -d "$staged/$lib"/libgridtill-codec.so.0* "$root/$lib/"
strip --strip-unneeded "$root/$lib"/libgridtill-codec.so.0.*
mkdir -p "$root/DEBIAN"
echo 'activate-noawait ldconfig' >"$root/DEBIAN/triggers"
echo 'libgridtill-codec 0 libgridtill-codec0' >"$root/DEBIAN/shlibs"
library_package libgridtill-codec0 libs 'libc6 (>= 2.36)' 'shared library'
rm -rf "$root"
cp -a "$staged" "$root"
rm "$root/$lib"/libgridtill-codec.so.0*
mkdir -p "$root/usr/share/doc/libgridtill-codec-dev/examples"
install -m 644 "$here"/../examples/*.c "$root/usr/share/doc/libgridtill-codec-dev/examples/"
install -m 644 "$here/../docs/codec-library.md" "$root/usr/share/doc/libgridtill-codec-dev/"
library_package libgridtill-codec-dev libdevel "libgridtill-codec0 (= $version)" 'headers and archive'
