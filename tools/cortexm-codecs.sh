#!/bin/sh
# Builds each codec alone for a Cortex-M0+: its folder, the neutral codec folders and base, linked
# to one object. Fails on a warning, a stack frame above 4096 bytes, or when a codec needs anything
# but some memory and string functions and the compiler's own. Prints each codec's size, texts and tables included.
# usage: tools/cortexm-codecs.sh     exit 77: no arm-none-eabi-gcc here
set -eu
cd "$(dirname "$0")/.."
prefix=arm-none-eabi-
command -v ${prefix}gcc > /dev/null || { echo "skipped: no ${prefix}gcc"; exit 77; }
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
flags="-std=c11 -mcpu=cortex-m0plus -mthumb -Os -ffreestanding -ffunction-sections -fdata-sections
-Wall -Wextra -Wno-missing-field-initializers -Werror -Wconversion -Wsign-conversion
-Wstack-usage=4096 -Isrc"
needs='^(mem(cpy|set|move|cmp|chr)|str(len|cmp|ncmp|chr|spn)|gt_assert_failed|__aeabi_.*|__gnu_thumb1_.*|__popcountsi2)$'

objects() { # objects FOLDER: compiles it
    mkdir -p "$out/$1"
    for file in src/"$1"/*.c; do
        [ "$file" = src/base/assert.c ] && continue # hosted; a board has its own
        # shellcheck disable=SC2086 # flags are words
        ${prefix}gcc $flags -c "$file" -o "$out/$1/$(basename "$file").o"
    done
}

for shared in base codec/describe codec/compose codec/items codec/stream; do
    objects $shared
done
failed=0
for folder in src/codec/*/; do
    codec=$(basename "$folder")
    case $codec in describe | compose | items | stream | detect) continue ;; esac
    objects "codec/$codec"
    ${prefix}ar rcs "$out/$codec.a" "$out"/base/*.o "$out"/codec/describe/*.o \
        "$out"/codec/compose/*.o "$out"/codec/items/*.o "$out"/codec/stream/*.o
    ${prefix}ld -r "$out/codec/$codec"/*.o "$out/$codec.a" -o "$out/$codec.o"
    wanting=$(${prefix}nm -u "$out/$codec.o" | awk '{ print $2 }' | grep -Ev "$needs" || true)
    [ -z "$wanting" ] || { echo "$codec: needs $wanting"; failed=1; }
    ${prefix}size "$out/$codec.o" | awk -v name="$codec" 'NR == 2 {
        printf "cortex-m0plus %-10s text=%d data=%d bss=%d\n", name, $1, $2, $3 }'
done
exit $failed
