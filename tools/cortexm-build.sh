#!/bin/sh
# Builds the meter core for a Cortex-M0+ without a C library and links it with each board of
# tests/cortexm: bare (registers of its own) and mps2 (runs in an emulator: tests/e2e/cortexm.py).
# Fails on a warning, a stack frame above 1024 bytes, any undefined symbol, or when it does not fit
# 96 KiB of flash and 16 KiB of RAM. Prints the size of what a board carries.
# usage: tools/cortexm-build.sh [OUTPUT_FOLDER]     exit 77: no arm-none-eabi-gcc here
set -eu
cd "$(dirname "$0")/.."
prefix=arm-none-eabi-
command -v ${prefix}gcc > /dev/null || { echo "skipped: no ${prefix}gcc"; exit 77; }
if [ $# -gt 0 ]; then
    out=$1
    mkdir -p "$out"
else
    out=$(mktemp -d)
    trap 'rm -rf "$out"' EXIT
fi
flags="-std=c11 -mcpu=cortex-m0plus -mthumb -Os -ffreestanding -fno-builtin -ffunction-sections
-fdata-sections -Wall -Wextra -Werror -Wconversion -Wsign-conversion -Wstack-usage=1024 -Isrc"
sources="src/base/bytes.c src/base/quantity.c src/base/sum_small.c src/base/time.c src/codec/cjt188/frame.c src/codec/cjt188/item.c src/codec/cjt188/message.c src/codec/mbus/content.c src/codec/mbus/frame.c src/codec/mbus/quantity.c src/codec/mbus/record.c src/codec/mbus/value.c src/codec/modbus/frame.c src/codec/modbus/identity.c src/codec/modbus/pdu.c
src/codec/dlt645/frame.c src/codec/dlt645/item.c src/codec/dlt645/item_1997.c src/codec/dlt645/message.c src/codec/dlt645/security.c src/codec/dlt645/table.c src/codec/dlt645/walk.c
src/domain/credit.c src/domain/overload.c tests/cortexm/firmware.c tests/cortexm/line_servers.c"
boards="bare mps2"
for file in $sources src/crypto/*.c src/meter/*.c; do
    # shellcheck disable=SC2086 # flags are words
    ${prefix}gcc $flags -c "$file" -o "$out/$(echo "$file" | tr / _).o"
done
rm "$out/src_meter_line_servers.c.o" # every protocol compiles; the board carries those of its own list
for board in $boards; do
    # shellcheck disable=SC2086 # flags are words
    ${prefix}gcc $flags -c "tests/cortexm/board_$board.c" -o "$out/board_$board.obj"
    ${prefix}gcc -mcpu=cortex-m0plus -mthumb -nostdlib -Wl,--gc-sections \
        -Wl,-T,"tests/cortexm/board_$board.ld" "$out"/*.o "$out/board_$board.obj" -lgcc \
        -o "$out/meter-$board.elf"
    ${prefix}size "$out/meter-$board.elf" | awk -v board="$board" \
        'NR == 2 { printf "cortex-m0plus %s: text=%d data=%d bss=%d (of it 3072 stack)\n", board, $1, $2, $3 }'
done
