#!/bin/sh
# Builds gl-guidelines.vsix. Needs Node.js 20 or newer with npm; the exact versions are in package-lock.json.
set -eu
cd "$(dirname "$0")"
npm ci --no-audit --no-fund
npm run bundle
cp ../../LICENSE-MIT LICENSE.txt
npx vsce package --no-dependencies --skip-license --allow-missing-repository --out gl-guidelines.vsix
