#!/bin/bash -eu
# The same build as for OSS-Fuzz.
exec "$SRC/stackproof/ci/oss-fuzz/build.sh"
