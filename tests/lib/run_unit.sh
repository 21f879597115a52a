# Runs a unit test. cmocka 1.1 writes "not ok N # SKIP" for a test that was skipped, which TAP takes for a failure.
set -o pipefail
"$@" | sed -u 's/^not ok \([0-9]* # SKIP\)/ok \1/'
