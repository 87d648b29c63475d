# Where the local Signals API of this clone is, and what it starts with. Sourced by the scripts beside it.

# shellcheck shell=bash
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

project=$PWD/${EXAMPLE:-.}
work=$PWD/.signals
port=${PORT:-8642}
api_url=http://127.0.0.1:$port
token=local
export PATH=$PWD/.venv/bin:$PATH

# The attribute keys and groups that a program needs are listed beside it.
program=$project/$(sed -n 's/^main: *//p' "$project/Pulumi.yaml")
attributes=${program%/}/attributes.yaml
api=(signals-local api --port "$port" --db "$work/registry.db" --token "$token" --seed "$attributes")

mkdir -p "$work"
