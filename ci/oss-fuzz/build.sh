#!/bin/bash -eu
# Builds every fuzz target for OSS-Fuzz and ClusterFuzzLite: run in their base-builder-rust image, which sets $SRC and $OUT, the
# sanitizer's flags and a nightly toolchain with cargo-fuzz. Programs, seeds and dictionaries go to $OUT.
cd "$SRC/stackproof"
cargo fuzz build -O
host=$(rustc -vV | sed -n 's/^host: //p')
for target in $(cargo fuzz list); do
  cp "fuzz/target/$host/release/$target" "$OUT/"
  if [ -d "corpus/$target" ]; then
    zip -q -j "$OUT/${target}_seed_corpus.zip" "corpus/$target"/*
  fi
  # OSS-Fuzz takes TARGET.dict from beside the target.
  if [ -f "fuzz/dictionaries/$target.dict" ]; then
    cp "fuzz/dictionaries/$target.dict" "$OUT/"
  fi
  # What ci/fuzz uses. The conversation targets change whole records, and long inputs say nothing new.
  printf '[libfuzzer]\nrss_limit_mb = 2048\ntimeout = 10\nmax_len = 4096\n' >"$OUT/$target.options"
  if grep -qx "$target" fuzz/without-entropic.txt; then echo 'entropic = 0' >>"$OUT/$target.options"; fi
done
