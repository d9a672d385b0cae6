#!/usr/bin/env bash
# Renders the demo under Xvfb with a software renderer: picture.sh GODOT OUT.png [SECONDS [PART]]
# GODOT is a Godot 4 binary that can load OpenGL; needed beside it: xvfb, xauth, Mesa. SIDECAR is the command that
# starts the sidecar (default: emotion-runtime).
set -euo pipefail
godot=$1 out=$(realpath "$2") seconds=${3:-13} part=${4:-}
here=$(cd "$(dirname "$0")" && pwd)
HOME=$(mktemp -d)
export HOME
# The sidecar ends when its standard input, which is ours to hold, is closed.
coproc SIDECAR_PIPE { ${SIDECAR:-emotion-runtime} serve tavern --port 0 --json --until-stdin-closes; }
trap 'exec {SIDECAR_PIPE[1]}>&-; rm -rf "$HOME"' EXIT
read -r listening <&"${SIDECAR_PIPE[0]}"
port() { sed -E "s/.*\"$1\": *\"[^\"]*:([0-9]+)\".*/\1/" <<< "$listening"; }
timeout 120 "$godot" --headless --path "$here" --import > "$HOME/import.log" 2>&1 || { cat "$HOME/import.log"; exit 1; }
timeout 180 xvfb-run -a -s "-screen 0 1152x648x24" "$godot" --path "$here" --rendering-driver opengl3 \
  --rendering-method gl_compatibility --audio-driver Dummy --resolution 1152x648 -- "stream=$(port stream)" \
  "link=$(port link)" "control=$(port control)" "seconds=$seconds" ${part:+"do=$part"} "picture=$out"
