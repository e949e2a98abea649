#!/usr/bin/env bash
# Builds what a page carries, for `gl render --engine editors/browser` and for the feature `engine`: the engine, editors/browser/gl.wasm.gz, and
# the script of the playground, editors/browser/playground.js. Needs a Rust toolchain with rustup, Node.js with npm, and gzip.
set -euo pipefail
cd "$(dirname "$0")"

rustup target add wasm32-unknown-unknown
# Conditions nest; the stack is as deep as the limit on nesting asks for.
RUSTFLAGS="-C link-arg=-zstack-size=8388608" cargo build --release --locked --target wasm32-unknown-unknown
built=${CARGO_TARGET_DIR:-target}/wasm32-unknown-unknown/release/gl_engine.wasm
# Without a name and a time in it the same engine is the same file.
gzip -9nc "$built" > gl.wasm.gz
printf 'editors/browser/gl.wasm.gz: %s bytes, %s unpacked\n' "$(stat -c %s gl.wasm.gz)" "$(stat -c %s "$built")"

(cd playground && npm ci --no-audit --no-fund && npm run build)
