#!/usr/bin/env bash
# Measures Parley beside two peers with the load generator, three times in turn, and prints a table of minimum, median and maximum.
# Needs Linux, two processors and Go. The results go to the folder named by the first argument, default bench/out.
set -euo pipefail
cd "$(dirname "$0")"
out=$(realpath -m "${1:-out}")
mkdir -p "$out"
go build -C loadgen -o "$out/loadgen" .
go build -C peers -o "$out/centrifuge" ./centrifuge
go build -C peers -o "$out/gorilla" github.com/gorilla/websocket/examples/chat
CGO_ENABLED=0 go build -C .. -o "$out/parley" ./cmd/parley

load() { "$out/loadgen" "$@" -out "$out/runs.jsonl" >/dev/null 2>>"$out/errors.log" || echo "a run had faults: see $out/errors.log" >&2; }
parley() {
  local data
  data=$(mktemp -d)
  echo 'a password for the bench' | "$out/parley" user add bench --data "$data" >/dev/null
  load -label parley -dialect room -server http://127.0.0.1:8791 \
    -start "$out/parley serve --addr 127.0.0.1:8791 --data $data --guests --rate-limits off" \
    -token-cmd "$out/parley token bench --data $data" "$@"
  rm -rf "$data"
}
centrifuge() { load -label centrifuge -dialect centrifugo -server http://127.0.0.1:8792 -start "$out/centrifuge -addr 127.0.0.1:8792" "$@"; }
gorilla() { load -label gorilla -dialect raw -server http://127.0.0.1:8793 -start "$out/gorilla -addr 127.0.0.1:8793" "$@"; }

for _ in 1 2 3; do
  for peer in parley centrifuge gorilla; do
    $peer -scenario fanout -conns 1000 -window 1
    $peer -scenario fanout -conns 1000 -window 8
    $peer -scenario fanout -conns 10000 -window 8 -time 5s
  done
  for peer in parley centrifuge; do
    $peer -scenario rooms -conns 1000 -rooms 1 -pubs 4 -rate 250
    $peer -scenario rooms -conns 2000 -rate 1000
    $peer -scenario slow -conns 1000
  done
  for peer in parley centrifuge gorilla; do
    $peer -scenario idle -conns 10000
  done
done
"$out/loadgen" -report "$out/runs.jsonl"
